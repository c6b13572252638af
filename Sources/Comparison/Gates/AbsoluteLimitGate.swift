import Results

/// `at_most` on a value that is not a statistic: it needs no baseline and holds on any machine.
struct AbsoluteLimitGate: Gate {
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    guard let now = subject.value(metric) else { return missing(metric, limit, in: subject) }
    let figures = Figures(unit: unit, now: now, baseline: subject.baseline(metric), bound: allowed)
    let text = Quantity.text(now, unit)
    if now <= allowed {
      return subject.verdict(.pass, metric.id, limit, figures: figures, text)
    }
    return subject.verdict(
      .fail, metric.id, limit, figures: figures,
      "\(text), at most \(Quantity.text(allowed, unit)) allowed",
      evidence: SliceEvidence.lines(for: metric, in: subject),
      next: Advice.fixOrRaise(metric.id, file: subject.scenario.file))
  }
}

/// A metric that this run does not have.
func missing(
  _ metric: MetricDeclaration, _ limit: GateLimit, in subject: GateSubject
) -> Verdict {
  let cause =
    switch metric.reading {
    case .quality: "the accuracy worker gave no such value"
    case .memory: "the memory worker gave no such value"
    case .timing: "the timing workers gave no such value"
    }
  return subject.undecided(
    metric.id, limit, figures: Figures(unit: metric.metric.unit),
    because: "not measured: \(cause)", next: "quantgate check \(subject.id.scenario)")
}
