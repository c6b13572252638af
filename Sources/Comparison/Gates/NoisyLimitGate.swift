import RealModule
import Results

/// Confidences of verdicts over noise. A FAIL needs more than a PASS: over the gates of a job the
/// false alarms must stay below one in a thousand.
enum Confidence {
  static let fail = 0.9999
  static let pass = 0.99
}

/// `at_most` on a statistic of durations: the interval over processes must lie on one side.
struct NoisyLimitGate: Gate {
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    if metric.id == "latency.vs_float", subject.id.scheme == subject.scenario.floatScheme {
      return subject.verdict(
        .pass, metric.id, limit, figures: Figures(unit: unit, now: 1, bound: allowed),
        "the float run itself")
    }
    guard let timing = subject.timing else { return missing(metric, limit, in: subject) }
    guard let now = timing.value(metric.id), let estimate = estimate(metric.id, timing) else {
      return missing(metric, limit, in: subject)
    }
    let pass = estimate.interval(Confidence.pass)
    let shown = Interval(
      lower: .exp(pass.lower), upper: .exp(pass.upper), confidence: pass.confidence)
    let figures = Figures(
      unit: unit, now: now, interval: shown, bound: allowed,
      smallestDetectable: .expMinusOne(estimate.smallestDetectable(Confidence.fail)))
    if shown.upper <= allowed {
      return subject.verdict(
        .pass, metric.id, limit, figures: figures,
        "more than \(Quantity.text(shown.upper, unit)) is excluded at 99 %")
    }
    let broken = "\(Quantity.text(now, unit)), at most \(Quantity.text(allowed, unit)) allowed"
    guard Double.exp(estimate.interval(Confidence.fail).lower) > allowed else {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures,
        because: "\(Quantity.interval(shown, unit)) has the limit of "
          + "\(Quantity.text(allowed, unit)) inside")
    }
    if let noise = timing.noise.tooMuchForRandomEffects {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures, because: "\(broken); \(noise)")
    }
    return subject.verdict(
      .fail, metric.id, limit, figures: figures, broken,
      next: Advice.fixOrRaise(metric.id, file: subject.scenario.file))
  }

  private func estimate(_ metric: String, _ timing: TimingAnalysis) -> Estimate? {
    switch metric {
    case "latency.p50": timing.logP50
    case "latency.p99": timing.logP99
    case "latency.vs_float": timing.logRatioToFloat
    case "latency.vs_control": timing.logRatioToControl
    default: nil
    }
  }
}
