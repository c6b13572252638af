/// Why a run cannot become a baseline.
public enum RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A fault was planted on purpose.
  case plantedFault(String)
  /// A case did not finish.
  case unfinished(CaseID, why: String)
  /// A case lacks a record or a metric of it.
  case incomplete(CaseID, what: String)
  /// Two hardware profiles gave different answers.
  case disagreement(CaseID, CaseID, what: String)
  /// No reason was given.
  case noReason
  /// The run has no case that was measured.
  case nothingMeasured(scenario: String)

  /// One line that says what is in the way.
  public var description: String {
    switch self {
    case .plantedFault(let fault):
      "the fault '\(fault)' was planted in this run: it cannot become a baseline"
    case .unfinished(let id, let why): "\(id): \(why): nothing can be recorded"
    case .incomplete(let id, let what): "\(id): \(what) was not measured: nothing can be recorded"
    case .disagreement(let first, let second, let what):
      "\(first) and \(second) disagree about \(what): one answer on every machine is required"
    case .noReason: "a baseline needs a reason: --reason \"…\""
    case .nothingMeasured(let scenario): "\(scenario): no case was measured: nothing to record"
    }
  }
}

extension Baseline {
  /// The baseline that a run of a scenario would become, with the approvals of the one it replaces
  /// and a new one. Cases that were not run keep their entries; entries of cases that the scenario
  /// no longer has are dropped.
  ///
  /// - Throws: `RecordingError` when the run is not fit to be one.
  public static func recording(
    _ scenario: ScenarioResults, of run: RunResults, replacing old: Baseline?, who: String,
    when: String, why: String
  ) throws(RecordingError) -> Baseline {
    guard why.contains(where: { !$0.isWhitespace }) else { throw .noReason }
    let entries = try recordedEntries(scenario, of: run, keeping: old)
    let content = Baseline(scenario: scenario.name, entries: entries, approvals: [])
    let approval = Approval(who: who, when: when, why: why, digest: content.contentDigest)
    return Baseline(
      scenario: scenario.name, entries: entries, approvals: (old?.approvals ?? []) + [approval])
  }

  /// The entries alone.
  private static func recordedEntries(
    _ scenario: ScenarioResults, of run: RunResults, keeping old: Baseline?
  ) throws(RecordingError) -> [String: BaselineEntry] {
    if let fault = run.fault { throw .plantedFault(fault) }
    var entries: [String: BaselineEntry] = [:]
    var sources: [String: CaseID] = [:]
    for result in scenario.cases {
      let model = result.id.model
      switch result.outcome {
      case .failed(_, let phase, let message):
        throw .unfinished(result.id, why: "failed in phase \(phase): \(message)")
      case .notRun, .notSelected:
        continue
      case .completed:
        let entry = try BaselineEntry(of: result, compiler: run.fingerprint.compiler)
        guard let earlier = entries[model], let source = sources[model] else {
          entries[model] = entry
          sources[model] = result.id
          continue
        }
        guard earlier.quality.outputDigest == entry.quality.outputDigest else {
          throw .disagreement(source, result.id, what: "the output bits")
        }
        guard earlier.metrics == entry.metrics else {
          throw .disagreement(source, result.id, what: "metrics that hold on any hardware")
        }
        entries[model] = earlier.adding(entry.hardware)
      }
    }
    if entries.isEmpty { throw .nothingMeasured(scenario: scenario.name) }
    for result in scenario.cases {
      guard result.wasLeftOut, let kept = old?.entries[result.id.model] else { continue }
      let hardware = kept.hardware.filter { $0.key == result.id.hardware }
      entries[result.id.model] =
        entries[result.id.model]?.adding(hardware)
        ?? BaselineEntry(quality: kept.quality, metrics: kept.metrics, hardware: hardware)
    }
    return entries
  }
}

extension CaseResult {
  /// Whether there was nothing to measure: not a failure, and no reason to forget what is stored.
  fileprivate var wasLeftOut: Bool {
    switch outcome {
    case .notRun, .notSelected: true
    case .completed, .failed: false
    }
  }
}

extension BaselineEntry {
  /// The entry of one finished case.
  package init(of result: CaseResult, compiler: String) throws(RecordingError) {
    guard let quality = result.quality, quality.exampleCount != nil else {
      throw .incomplete(result.id, what: "accuracy")
    }
    guard let memory = result.memory else { throw .incomplete(result.id, what: "memory") }
    let hardware = HardwareBaseline(
      allocator: memory.allocator, compiler: compiler,
      phases: Dictionary(memory.phases.map { ($0.name, $0) }, uniquingKeysWith: { $1 }),
      metrics: Self.metrics(of: result, home: .hardware))
    if let missing = MetricCatalog.required(in: .hardware)
      .first(where: { hardware.metrics[$0] == nil })
    {
      throw .incomplete(result.id, what: missing)
    }
    self.init(
      quality: QualityBaseline(quality), metrics: Self.metrics(of: result, home: .model),
      hardware: [result.id.hardware: hardware])
  }

  private static func metrics(
    of result: CaseResult, home: MetricDeclaration.Home
  ) -> [String: Double] {
    var values: [String: Double] = [:]
    for declaration in MetricCatalog.all where declaration.home == home {
      values[declaration.id] = declaration.value(of: result)
    }
    return values
  }

  package func adding(_ others: [String: HardwareBaseline]) -> BaselineEntry {
    BaselineEntry(
      quality: quality, metrics: metrics, hardware: hardware.merging(others) { $1 })
  }
}
