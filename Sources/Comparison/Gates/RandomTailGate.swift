import Results

/// Jitter that does not repeat, in excess of the control's. The control only resembles the subject: on a
/// shared machine the subject was seen to be disturbed up to twice as often, and one that ran on two
/// cores ten times as often. So FAIL needs an excess beyond the limit and the control's own share,
/// and a subject on one core like the control; anything less is a matter of the machine.
struct RandomTailGate: Gate {
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    guard let timing = subject.timing else { return missing(metric, limit, in: subject) }
    guard let estimate = timing.randomTailExcess else {
      return subject.hiddenByNoise(
        metric.id, limit, figures: Figures(unit: .share),
        because: "too few processes or interleaved iterations")
    }
    let interval = estimate.interval(Confidence.pass)
    var figures = Figures(
      unit: .share, now: estimate.mean, interval: interval, bound: allowed,
      smallestDetectable: estimate.smallestDetectable(Confidence.fail))
    if limit == .more {
      let stored = subject.stored?.sessions.compactMap { $0.metrics[metric.id] }.max()
      guard let stored else {
        return StoredTimingGate.notGated(
          metric, limit, figures: figures, "no timing baseline for this machine", in: subject)
      }
      figures.baseline = stored
      figures.bound = stored + allowed
    }
    let bound = figures.bound ?? allowed
    if interval.upper <= bound {
      return subject.verdict(
        .pass, metric.id, limit, figures: figures,
        "an excess over the control of more than \(Quantity.points(interval.upper)) "
          + "is excluded at 99 %")
    }
    let summary =
      "\(Quantity.change(estimate.mean, .share)) over the control, "
      + "\(Quantity.points(bound)) allowed"
    guard estimate.interval(Confidence.fail).lower > bound else {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures,
        because: "\(summary), but \(Quantity.interval(interval, .share)) has the limit inside")
    }
    let lowest = estimate.interval(Confidence.fail).lower
    if let noise = noise(timing, excess: lowest - bound) {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures, because: "\(summary); \(noise)")
    }
    return subject.verdict(
      .fail, metric.id, limit, figures: figures, summary,
      next: "look for work whose duration depends on something else than the input")
  }

  /// Why the machine, and not the subject, may be to blame for an excess beyond the limit.
  private func noise(_ timing: TimingAnalysis, excess: Double) -> String? {
    if let noise = timing.noise.tooMuchForRandomEffects { return noise }
    if timing.cores > 1 {
      return "the control runs on one core, this on \(timing.cores)"
    }
    guard let ofControl = timing.randomTailOfControl, excess <= ofControl else { return nil }
    return "the machine disturbed the control itself in "
      + "\(Quantity.share(ofControl)) of its iterations"
  }
}
