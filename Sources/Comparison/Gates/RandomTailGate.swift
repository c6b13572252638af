import Results

/// Jitter that does not repeat, in excess of the control's.
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
    if let noise = timing.noise.tooMuchForRandomEffects {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures, because: "\(summary); \(noise)")
    }
    return subject.verdict(
      .fail, metric.id, limit, figures: figures, summary,
      next: "look for work whose duration depends on something else than the input")
  }
}
