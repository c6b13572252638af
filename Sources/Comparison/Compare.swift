public import Results

/// Compares what was measured with what is stored. Pure: the same values give the same verdict.
public enum Comparison {
  /// Judges a run.
  ///
  /// - Parameters:
  ///   - results: the run.
  ///   - baselines: by scenario; a scenario that is absent has none.
  ///   - timing: by scenario, for the run's fingerprint.
  ///   - options: what makes the command fail beside the gates.
  public static func compare(
    results: RunResults, baselines: [String: Baseline], timing: [String: TimingBaseline],
    options: ComparisonOptions
  ) -> JobVerdict {
    var verdicts: [Verdict] = []
    var table: [TableRow] = []
    for scenario in results.scenarios {
      let baseline = baselines[scenario.name]
      verdicts += wholeScenario(scenario, baseline: baseline, options: options)
      for result in scenario.cases {
        let entry = baseline?.entries[result.id.model]
        let analysis = result.timing.map {
          TimingAnalysis($0, largestCache: results.fingerprint.caches.values.max())
        }
        let subject = GateSubject(
          scenario: scenario, result: result, timing: analysis, fingerprint: results.fingerprint,
          quick: results.quick, entry: entry, stored: timing[scenario.name]?[result.id],
          options: options)
        verdicts += Gatekeeper.verdicts(on: subject)
        if case .completed = result.outcome {
          table.append(
            TableRow(result, floatScheme: scenario.floatScheme, timing: analysis, entry: entry))
        }
      }
    }
    if results.scenarios.isEmpty {
      verdicts.append(
        Verdict(
          .undecided, scenario: "", subject: "the run", metric: "case",
          message: "it holds no scenario, so nothing was judged",
          next: "name a scenario that exists: quantgate list", exitCode: .undecided))
    }
    var notes: [String] = []
    for result in results.scenarios.flatMap(\.cases) {
      for note in CalibrationCoverage.notes(on: result) where !notes.contains(note) {
        notes.append(note)
      }
    }
    return JobVerdict(verdicts: verdicts, table: table, notes: notes)
  }

  /// Judges one run by another, as if the first were the baseline and one session of timing.
  public static func compare(
    base: RunResults, head: RunResults, options: ComparisonOptions
  ) -> JobVerdict {
    var baselines: [String: Baseline] = [:]
    var timing: [String: TimingBaseline] = [:]
    for scenario in base.scenarios {
      let entries = entriesOfFinishedCases(scenario, of: base)
      let content = Baseline(scenario: scenario.name, entries: entries, approvals: [])
      let approval = Approval(
        who: "base run", when: base.startedAt, why: "compared directly",
        digest: content.contentDigest)
      baselines[scenario.name] = Baseline(
        scenario: scenario.name, entries: entries, approvals: [approval])
      if base.fingerprint == head.fingerprint {
        timing[scenario.name] = TimingBaseline.recording(scenario, of: base, adding: nil)
      }
    }
    let verdict = compare(results: head, baselines: baselines, timing: timing, options: options)
    let present = Set(head.scenarios.map(\.name))
    let missing = base.scenarios.map(\.name).filter { !present.contains($0) }.map { name in
      Verdict(
        .undecided, scenario: name, subject: name, metric: "case",
        message: "the base run has this scenario, the other run does not",
        next: "quantgate run \(name)", exitCode: .undecided)
    }
    return JobVerdict(
      verdicts: missing + verdict.verdicts, table: verdict.table, notes: verdict.notes)
  }

  /// Verdicts on what no case of the run answers for.
  private static func wholeScenario(
    _ scenario: ScenarioResults, baseline: Baseline?, options: ComparisonOptions
  ) -> [Verdict] {
    var verdicts: [Verdict] = []
    if scenario.cases.isEmpty {
      verdicts.append(
        Verdict(
          .undecided, scenario: scenario.name, subject: scenario.name, metric: "case",
          message: "it has no case, so nothing was judged",
          next: "correct \(scenario.file)", exitCode: .undecided))
    }
    let leftOut = scenario.cases.count { $0.outcome == .notSelected }
    if leftOut > 0 {
      verdicts.append(
        Verdict(
          .notRun, scenario: scenario.name, subject: scenario.name, metric: "case",
          message: "\(leftOut) of \(scenario.cases.count) cases were not selected",
          next: "quantgate check \(scenario.name)", exitCode: .pass))
    }
    guard let baseline else { return verdicts }
    if !baseline.isApproved {
      verdicts.append(
        Verdict(
          .undecided, scenario: scenario.name, subject: scenario.name, metric: "baseline",
          message: "the baseline was edited after it was approved",
          next: "restore the file, or \(Advice.update(scenario.name))", exitCode: .undecided))
    }
    let planned = Set(scenario.cases.map(\.id.model))
    for (model, entry) in baseline.entries.sorted(by: { $0.key < $1.key }) {
      let profiles = Set(scenario.cases.filter { $0.id.model == model }.map(\.id.hardware))
      let lost =
        planned.contains(model)
        ? entry.hardware.keys.filter { !profiles.contains($0) }.sorted().map { "\(model)/\($0)" }
        : [model]
      verdicts += lost.map { name in
        Verdict(
          .undecided, scenario: scenario.name, subject: name, metric: "case",
          message: "the baseline has this case, the run does not",
          next: "restore it in \(scenario.file), or if it is meant to go: "
            + Advice.update(scenario.name), exitCode: .undecided)
      }
    }
    return verdicts
  }

  /// A base run may hold failed cases; the others still compare.
  private static func entriesOfFinishedCases(
    _ scenario: ScenarioResults, of run: RunResults
  ) -> [String: BaselineEntry] {
    var entries: [String: BaselineEntry] = [:]
    for result in scenario.cases {
      guard case .completed = result.outcome,
        let entry = try? BaselineEntry(of: result, compiler: run.fingerprint.compiler)
      else { continue }
      entries[result.id.model] = entries[result.id.model]?.adding(entry.hardware) ?? entry
    }
    return entries
  }
}
