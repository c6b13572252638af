import RealModule
import Results

/// `slower`: the ratio to control or to float, against sessions recorded on machines of this kind. The
/// ratio wanders from day to day by more than one run can show, so the sessions' own variance is in
/// the interval, and with few of them nothing is gated.
struct StoredTimingGate: Gate {
  /// Sessions below which a spread means nothing.
  private static let fewestSessions = 3

  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    if metric.id == "latency.vs_float", subject.id.scheme == subject.scenario.floatScheme {
      return subject.verdict(
        .pass, metric.id, limit, figures: Figures(unit: .ratio, now: 1), "the float run itself")
    }
    guard let timing = subject.timing, let estimate = estimate(metric.id, timing) else {
      return missing(metric, limit, in: subject)
    }
    var figures = Figures(unit: .ratio, now: .exp(estimate.mean))
    guard let stored = subject.stored else {
      return Self.notGated(
        metric, limit, figures: figures, "no timing baseline for this machine", in: subject)
    }
    guard stored.blend == timing.blend else {
      return subject.undecided(
        metric.id, limit, figures: figures,
        because: "the control is not the one that the baseline ran, so ratios do not compare",
        next: "record it anew: \(Advice.recordTiming(subject.id.scenario))")
    }
    let logs = stored.sessions.compactMap { $0.metrics[metric.id].map { Double.log($0) } }
    guard logs.count == stored.sessions.count, !logs.isEmpty else {
      return subject.undecided(
        metric.id, limit, figures: figures, because: "a stored session has no value for it",
        next: "record it anew: \(Advice.recordTiming(subject.id.scenario))")
    }
    let mean = logs.reduce(0, +) / Double(logs.count)
    figures.baseline = .exp(mean)
    figures.bound = .exp(mean) * (1 + allowed)
    let change = Quantity.change(.expMinusOne(estimate.mean - mean), .ratio)
    guard logs.count >= Self.fewestSessions, let spread = Estimate(processMeans: logs) else {
      let sessions = logs.count == 1 ? "1 session is" : "\(logs.count) sessions are"
      return Self.notGated(
        metric, limit, figures: figures,
        "\(change); \(sessions) too thin to gate, \(Self.fewestSessions) are needed", in: subject)
    }
    let difference = Self.difference(estimate, mean: mean, spread: spread, sessions: logs.count)
    return decide(
      metric, limit, allowed: allowed, change: change, difference, figures: figures, in: subject)
  }

  /// Today's session less the mean of the stored ones: the variance between sessions counts once for
  /// today and once divided by their number, and today's own error on top (a shorter run has more).
  private static func difference(
    _ now: Estimate, mean: Double, spread: Estimate, sessions: Int
  ) -> Estimate {
    let count = Double(sessions)
    let betweenVariance = spread.standardError * spread.standardError * count
    let variance =
      betweenVariance * (1 + 1 / count) + now.standardError * now.standardError
    return Estimate(
      mean: now.mean - mean, standardError: variance.squareRoot(),
      degreesOfFreedom: min(spread.degreesOfFreedom, now.degreesOfFreedom))
  }

  private func decide(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, change: String,
    _ difference: Estimate, figures: Figures, in subject: GateSubject
  ) -> Verdict {
    let margin = Double.log(1 + allowed)
    let interval = difference.interval(Confidence.pass)
    var figures = figures
    figures.interval = Interval(
      lower: .expMinusOne(interval.lower), upper: .expMinusOne(interval.upper),
      confidence: interval.confidence)
    figures.intervalIsChange = true
    let detectable = Double.expMinusOne(difference.smallestDetectable(Confidence.fail))
    figures.smallestDetectable = detectable
    if difference.interval(Confidence.fail).lower > margin {
      if let noise = subject.timing?.noise.tooMuchForRandomEffects {
        return subject.hiddenByNoise(
          metric.id, limit, figures: figures, because: "\(change); \(noise)")
      }
      return subject.verdict(
        .fail, metric.id, limit, figures: figures,
        "\(change) since the baseline, \(Quantity.share(allowed)) allowed",
        next: "find what became slower; \(Advice.recordTiming(subject.id.scenario)) if it is meant")
    }
    if interval.upper < -margin {
      return subject.verdict(
        .improved, metric.id, limit, figures: figures, "\(change) since the baseline",
        next: "keep it: \(Advice.recordTiming(subject.id.scenario))")
    }
    if interval.upper < margin {
      return subject.verdict(
        .pass, metric.id, limit, figures: figures,
        "\(change); a slowdown of \(Quantity.share(max(0, .expMinusOne(interval.upper)))) or more "
          + "is excluded at 99 %")
    }
    if interval.upper - difference.mean >= margin {
      return Self.notGated(
        metric, limit, figures: figures,
        "\(change); the sessions so far cannot resolve \(Quantity.share(allowed)): the smallest "
          + "change they show is \(Quantity.share(detectable))", in: subject)
    }
    return subject.hiddenByNoise(
      metric.id, limit, figures: figures,
      because: "\(change), and the limit of \(Quantity.share(allowed)) lies inside the interval")
  }

  /// Listed with the command that records what is missing.
  static func notGated(
    _ metric: MetricDeclaration, _ limit: GateLimit, figures: Figures, _ reason: String,
    in subject: GateSubject
  ) -> Verdict {
    subject.verdict(
      .notGated, metric.id, limit, figures: figures, reason,
      next: Advice.recordTiming(subject.id.scenario))
  }

  private func estimate(_ metric: String, _ timing: TimingAnalysis) -> Estimate? {
    metric == "latency.vs_float" ? timing.logRatioToFloat : timing.logRatioToControl
  }
}
