import Results

/// One case with everything it is compared with.
struct GateSubject: Sendable {
  /// The run's side.
  let scenario: ScenarioResults
  let result: CaseResult
  let timing: TimingAnalysis?
  let fingerprint: Fingerprint
  /// Whether budgets were cut: then noise that cannot be resolved is not gated.
  let quick: Bool
  /// The stored side; `nil` where nothing was recorded.
  let entry: BaselineEntry?
  let stored: TimingCase?
  let options: ComparisonOptions

  var id: CaseID { result.id }
  /// The stored memory figures for this hardware profile.
  var hardware: HardwareBaseline? { entry?.hardware[id.hardware] }
  /// `architecture/scheme/hardware`.
  var name: String { "\(id.architecture)/\(id.scheme)/\(id.hardware)" }

  /// Whether the output bits are the baseline's, on the same data; `nil` when either is unknown.
  var outputsMatch: Bool? {
    guard let quality = result.quality, let stored = entry?.quality else { return nil }
    return quality.outputDigest == stored.outputDigest && quality.dataDigest == stored.dataDigest
  }

  /// The measured value; `nil` when it is missing.
  func value(_ metric: MetricDeclaration) -> Double? {
    if case .timing = metric.reading { return timing?.value(metric.id) }
    return metric.value(of: result)
  }

  /// The stored value of an exact metric; `nil` when it is missing.
  func baseline(_ metric: MetricDeclaration) -> Double? {
    switch metric.home {
    case .model: entry?.metrics[metric.id]
    case .hardware: hardware?.metrics[metric.id]
    case .timing, .nowhere: nil
    }
  }

  func verdict(
    _ ruling: Verdict.Ruling, _ metric: String, _ message: String, evidence: [String] = [],
    next: String? = nil, exitCode: ExitCode? = nil
  ) -> Verdict {
    verdict(
      ruling, metric, nil, figures: Figures(), message, evidence: evidence, next: next,
      exitCode: exitCode)
  }

  func verdict(
    _ ruling: Verdict.Ruling, _ metric: String, _ limit: GateLimit?, figures: Figures,
    _ message: String, evidence: [String] = [], next: String? = nil, exitCode: ExitCode? = nil
  ) -> Verdict {
    Verdict(
      ruling, scenario: id.scenario, subject: name, metric: metric, limit: limit,
      figures: figures, message: message, evidence: evidence, next: next,
      exitCode: exitCode ?? options.exitCode(of: ruling))
  }

  /// A metric that cannot be judged because something is missing.
  func undecided(
    _ metric: String, _ limit: GateLimit?, figures: Figures = Figures(), because reason: String,
    next: String
  ) -> Verdict {
    verdict(.undecided, metric, limit, figures: figures, reason, next: next)
  }

  /// A metric that noise hides: UNDECIDED, and NOT GATED in a run that was cut short on purpose.
  func hiddenByNoise(
    _ metric: String, _ limit: GateLimit, figures: Figures, because reason: String
  ) -> Verdict {
    quick
      ? verdict(
        .notGated, metric, limit, figures: figures, "\(reason); a quick run is too short to tell",
        next: "quantgate check \(id.scenario)")
      : verdict(
        .undecided, metric, limit, figures: figures, reason,
        next: "run again on a quieter machine, or raise measure.budget in \(scenario.file)")
  }
}

extension ComparisonOptions {
  /// What a ruling makes the command end with, where the gate does not say otherwise.
  func exitCode(of ruling: Verdict.Ruling) -> ExitCode {
    switch ruling {
    case .pass: .pass
    case .fail: .regression
    case .undecided: .undecided
    case .improved: failOnImprovement ? .improvement : .pass
    case .notGated: requireTiming ? .undecided : .pass
    case .notRun: requireAll ? .undecided : .pass
    }
  }
}
