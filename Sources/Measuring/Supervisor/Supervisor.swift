import Foundation
import Host
public import Results

/// Measures cases, each in fresh worker processes. A worker that crashes, hangs or runs out of memory is
/// that case's outcome; the others go on.
///
/// Workers end with the thread that started them, so a supervisor belongs on a thread that lives as long
/// as the program.
public struct Supervisor: Sendable {
  /// What does not depend on the case.
  public struct Settings: Sendable {
    /// The worker's program.
    public let program: WorkerProgram
    /// The repository's folder.
    public let root: String
    /// What workers break on purpose.
    public let fault: Fault?
    /// Creates settings.
    public init(
      program: WorkerProgram, root: String, fault: Fault? = nil
    ) {
      self.program = program
      self.root = root
      self.fault = fault
    }
  }

  private let settings: Settings

  /// Creates a supervisor.
  public init(_ settings: Settings) {
    self.settings = settings
  }

  /// Measures cases in order.
  ///
  /// - Parameters:
  ///   - cases: What to measure.
  ///   - journal: Finished cases are appended to it; those it holds are not measured again.
  ///   - progress: Is called whenever a worker enters a phase.
  /// - Returns: One result per case, in order.
  /// - Throws: `MeasuringError` when no worker can be started or the journal cannot be written.
  public func measure(
    _ cases: [MeasuredCase], journal: Journal? = nil,
    progress: (MeasuringProgress) -> Void = { _ in }
  ) throws(MeasuringError) -> [CaseResult] {
    var results: [CaseResult] = []
    var qualities: [String: Result<QualityRecord, WorkerFailure>] = [:]
    var tracker = ProgressTracker(cases)
    for (index, item) in cases.enumerated() {
      if let finished = journal?.result(of: item, fault: settings.fault) {
        results.append(finished)
        tracker.skip(case: index)
        continue
      }
      let result = try measure(item, qualities: &qualities) { role, number, phase in
        progress(tracker.at(case: index, role: role, number: number, phase: phase))
      }
      try journal?.append(result, of: item, fault: settings.fault)
      results.append(result)
    }
    return results
  }

  /// Measures one case: quality (once per model), memory, calibration, timing processes. The first
  /// failure ends it; what came before is kept.
  private func measure(
    _ item: MeasuredCase, qualities: inout [String: Result<QualityRecord, WorkerFailure>],
    report: (_ role: WorkerRole, _ number: Int, _ phase: String) -> Void
  ) throws(MeasuringError) -> CaseResult {
    var parts = CaseParts(id: item.id)
    let key = "\(item.scenarioFile) \(item.id.model)"
    let quality: Result<QualityRecord, WorkerFailure>
    if let known = qualities[key] {
      quality = known
    } else {
      quality = try run(.quality, item, report: report).flatMap { Self.demand($0.quality) }
      qualities[key] = quality
    }
    guard parts.take(quality, into: \.quality, role: .quality) else { return parts.result }
    let memory = try run(.memory, item, report: report).flatMap { Self.demand($0.memory) }
    guard parts.take(memory, into: \.memory, role: .memory) else { return parts.result }
    let schedule = try run(.calibrate, item, report: report).flatMap { Self.demand($0.schedule) }
    guard parts.take(schedule, into: \.schedule, role: .calibrate), let found = parts.schedule
    else { return parts.result }
    for number in 0..<item.budget.processes {
      let timing = try run(.time, item, schedule: found, number: number, report: report)
        .flatMap { Self.demand($0.timing) }
      guard parts.take(timing, role: .time, into: { $0.processes.append($1) }) else { break }
    }
    return parts.result
  }

  private func run(
    _ role: WorkerRole, _ item: MeasuredCase, schedule: TimingSchedule? = nil, number: Int = 0,
    report: (_ role: WorkerRole, _ number: Int, _ phase: String) -> Void
  ) throws(MeasuringError) -> Result<WorkerProduct, WorkerFailure> {
    report(role, number, WorkerPhase.start.rawValue)
    let job = WorkerJob(
      role: role, id: item.id, root: settings.root, scenarioFile: item.scenarioFile,
      planDigest: item.planDigest, seed: item.seed, supervisor: getpid(),
      hardware: item.hardware, budget: item.budget, storedControl: item.storedControl,
      schedule: schedule, fault: settings.fault)
    // Variance between processes is real and belongs into the intervals, so the padding differs each time.
    let padding = role == .time ? Int.random(in: 0..<4096) : 0
    return try settings.program.run(
      job, seconds: Self.limit(item.budget), padding: padding,
      onPhase: { report(role, number, $0) }
    ).product
  }

  /// Generous: it only has to tell a hang from a slow machine.
  private static func limit(_ budget: TimingBudget) -> Double {
    budget.limit
      ?? 60 + 10 * (budget.seconds / Double(budget.processes) + budget.warmUpAtMost)
  }

  /// A worker that ends well without what it was asked for has failed.
  private static func demand<Part>(_ part: Part?) -> Result<Part, WorkerFailure> {
    if let part { return .success(part) }
    return .failure(
      WorkerFailure(
        failure: .refused, phase: WorkerPhase.steady.rawValue,
        message: "the result lacks what the worker was asked for"))
  }
}

/// What a case has brought so far.
private struct CaseParts {
  let id: CaseID
  var outcome = Outcome.completed
  var quality: QualityRecord?
  var memory: MemoryRecord?
  var schedule: TimingSchedule?
  var processes: [TimingProcess] = []

  init(id: CaseID) {
    self.id = id
  }

  /// Keeps a part or the failure; whether there was a part.
  mutating func take<Part>(
    _ part: Result<Part, WorkerFailure>, role: WorkerRole, into store: (inout Self, Part) -> Void
  ) -> Bool {
    switch part {
    case .success(let part):
      store(&self, part)
      return true
    case .failure(let failure):
      outcome = failure.outcome(role: role)
      return false
    }
  }

  mutating func take<Part>(
    _ part: Result<Part, WorkerFailure>, into place: WritableKeyPath<Self, Part?>, role: WorkerRole
  ) -> Bool {
    take(part, role: role) { $0[keyPath: place] = $1 }
  }

  var result: CaseResult {
    let timing = schedule.flatMap { schedule in
      processes.isEmpty
        ? nil
        : TimingRecord(
          processes: processes, blend: schedule.blend,
          batchedInferences: schedule.batchedInferences)
    }
    return CaseResult(
      id: id, outcome: outcome, quality: quality, memory: memory, timing: timing)
  }
}
