import Results

/// A metric that was removed from a baseline, or that stopped being measured, never goes unnoticed.
enum BaselineCompleteness {
  static func verdicts(in subject: GateSubject, rules: [String: GateRule]) -> [Verdict] {
    guard let entry = subject.entry else { return [] }
    let scenario = subject.id.scenario
    var verdicts = missing(.model, from: entry.metrics, in: subject)
    guard let hardware = subject.hardware else {
      verdicts.append(
        subject.verdict(
          .undecided, "baseline",
          "no memory baseline for the hardware profile '\(subject.id.hardware)'",
          next: Advice.update(scenario), exitCode: .noBaseline))
      return verdicts
    }
    return verdicts + missing(.hardware, from: hardware.metrics, in: subject)
  }

  private static func missing(
    _ home: MetricDeclaration.Home, from stored: [String: Double], in subject: GateSubject
  ) -> [Verdict] {
    MetricCatalog.all.filter { $0.home == home }.compactMap { metric in
      let now = metric.value(of: subject.result)
      let before = stored[metric.id]
      let figures = Figures(unit: metric.metric.unit, now: now, baseline: before)
      if before == nil, now != nil {
        return subject.undecided(
          metric.id, nil, figures: figures, because: "the baseline has no value for it",
          next: Advice.update(subject.id.scenario))
      }
      if before != nil, now == nil {
        return subject.undecided(
          metric.id, nil, figures: figures, because: "the baseline has a value, this run has none",
          next: "quantgate check \(subject.id.scenario)")
      }
      return nil
    }
  }
}
