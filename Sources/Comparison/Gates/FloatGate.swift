import Results

/// `against_float`: the absolute side of accuracy. A baseline that already holds a disaster does not
/// excuse it.
struct FloatGate: Gate {
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    guard let now = subject.value(metric), let float = metric.floatValue(of: subject.result) else {
      return missing(metric, limit, in: subject)
    }
    let figures = Figures(
      unit: unit, now: now, baseline: subject.baseline(metric), float: float,
      bound: float + allowed)
    let message = "\(Quantity.change(now - float, unit)) from the float run's "
    let against = Quantity.text(float, unit)
    if Tolerance.holds(now - float, allowed, metric.metric.direction) {
      return subject.verdict(.pass, metric.id, limit, figures: figures, message + against)
    }
    return subject.verdict(
      .fail, metric.id, limit, figures: figures,
      message + "\(against), \(Quantity.change(allowed, unit)) allowed",
      evidence: SliceEvidence.lines(for: metric, in: subject),
      next: "try a finer granularity, another observer or more bits for the layers that need it; "
        + "no baseline excuses this")
  }
}

/// Comparison of a signed distance with a signed allowance.
enum Tolerance {
  /// Shares are quotients of counts: two that are equal on paper may differ in the last bit.
  private static let rounding = 1e-12

  static func holds(
    _ distance: Double, _ allowed: Double, _ direction: Metric.Direction
  ) -> Bool {
    switch direction {
    case .higherIsBetter: distance >= allowed - rounding
    case .lowerIsBetter: distance <= allowed + rounding
    }
  }

  static func isBetter(_ distance: Double, _ direction: Metric.Direction) -> Bool {
    switch direction {
    case .higherIsBetter: distance > rounding
    case .lowerIsBetter: distance < -rounding
    }
  }
}
