import Digests
import Foundation
import Host
import Measuring
import Quantization
import Results
import Scenarios

extension Repository {
  /// The store of its baselines.
  var baselineStore: BaselineStore { BaselineStore(folder: URL(fileURLWithPath: baselines)) }

  /// Where runs leave their journal; not part of the repository's content.
  var resultsFolder: String { root + "/results" }
}

/// From a plan to results: checks what is read, measures, gathers.
struct RunPipeline {
  /// The share of a case's time budget that `--quick` keeps.
  static let quickShare = 0.25

  let repository: Repository
  let plan: Plan
  /// Cases of the plan's scenarios that whoever started the run left out.
  let leftOut: [CaseID]
  let quick: Bool
  let resume: Bool
  let fingerprint: Fingerprint
  let preflight: Preflight
  private let programDigest: String

  /// Validates everything; nothing has run when this returns.
  init(
    repository: Repository, selected: SelectedPlan, quick: Bool, resume: Bool
  ) throws(CommandFailure) {
    self.repository = repository
    plan = selected.plan
    leftOut = selected.leftOut
    self.quick = quick
    self.resume = resume
    do {
      programDigest =
        Digest(
          of: try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"), options: .alwaysMapped)
        )
        .description
    } catch { throw .broken("this program: cannot be read: \(error.localizedDescription)") }
    do {
      try Allocator.proveInterposition()
      fingerprint = try Fingerprint.current(limitedTo: ForcedInstructionSet.name)
    } catch { throw .broken(error) }
    preflight = try Preflight(plan, repository: repository, fingerprint: fingerprint)
  }

  /// Measures every case this machine can run.
  func measure(_ display: ProgressDisplay) throws(CommandFailure) -> RunResults {
    let startedAt = Date().formatted(.iso8601)
    let fault = try Self.plantedFault()
    let supervisor = Supervisor(
      Supervisor.Settings(program: Self.workerProgram(), root: repository.root, fault: fault))
    var measured: [CaseID: CaseResult] = [:]
    do throws(MeasuringError) {
      let items = preflight.runnable(plan).map { measuredCase($0) }
      let results = try supervisor.measure(items, journal: try journal()) { progress in
        let step = "\(progress.index + 1)/\(progress.count)"
        display.show(
          "\(step) \(progress.id) \(progress.role.rawValue)", fraction: progress.fraction,
          secondsLeft: progress.secondsLeft)
      }
      for result in results { measured[result.id] = result }
    } catch {
      display.finish()
      throw .broken(error)
    }
    display.finish()
    return RunResults(
      tool: QuantGate.version, startedAt: startedAt, quick: quick, fault: fault?.description,
      fingerprint: fingerprint, scenarios: plan.scenarios.map { results(of: $0, measured) })
  }

  private func results(
    of scenario: Scenario, _ measured: [CaseID: CaseResult]
  ) -> ScenarioResults {
    ScenarioResults(
      name: scenario.name, file: scenario.file, gates: scenario.gates,
      floatScheme: scenario.floatScheme.name,
      cases: plan.cases(of: scenario).map { planned in
        measured[planned.id]
          ?? CaseResult(
            id: planned.id,
            outcome: .notRun(reason: preflight.unmet[planned.id] ?? "it was not measured"),
            quality: nil, memory: nil, timing: nil)
      }
        + leftOut.filter { $0.scenario == scenario.name }.map {
          CaseResult(
            id: $0, outcome: .notSelected, quality: nil, memory: nil, timing: nil)
        })
  }

  private func measuredCase(_ planned: PlannedCase) -> MeasuredCase {
    let settings = planned.scenario.measure
    let seconds = settings.budget / .seconds(1) * (quick ? Self.quickShare : 1)
    let warmUp = settings.warmUpAtMost / .seconds(1) * (quick ? Self.quickShare : 1)
    let stored = preflight.timing[planned.id.scenario]?[planned.id]
    return MeasuredCase(
      id: planned.id, scenarioFile: planned.scenario.file, planDigest: planned.digest.description,
      hardware: planned.hardware.workerHardware,
      budget: TimingBudget(
        seconds: seconds, processes: settings.processes, warmUpAtMost: warmUp,
        limit: settings.limit.map { $0 / .seconds(1) }),
      storedControl: stored.map {
        StoredControl(blend: $0.blend, batchedInferences: $0.batchedInferences)
      }, contentDigest: contentDigest(planned))
  }

  /// Weights, examples, this program and this machine: when one of them changes, what an interrupted run
  /// has measured says nothing about the case any more.
  private func contentDigest(_ planned: PlannedCase) -> String {
    var hasher = Hasher256()
    hasher.update(preflight.contentDigest(planned).description)
    hasher.update(programDigest)
    hasher.update(fingerprint.digest)
    return hasher.finalize().description
  }

  private func journal() throws(MeasuringError) -> Journal {
    try? FileManager.default.createDirectory(
      atPath: repository.resultsFolder, withIntermediateDirectories: true)
    return try Journal(
      file: repository.resultsFolder + "/journal.jsonl", quick: quick, resume: resume)
  }

  /// What `QUANTGATE_FAULT` asks to break on purpose.
  private static func plantedFault() throws(CommandFailure) -> Fault? {
    guard let text = ProcessInfo.processInfo.environment["QUANTGATE_FAULT"] else { return nil }
    guard let fault = Fault(text) else {
      throw .usage(
        "QUANTGATE_FAULT: expected allocate, leak:64, slow-inputs:1%:20%, flip-weight, "
          + "crash:PHASE, hang:PHASE or oom, found '\(text)'")
    }
    return fault
  }

  /// This executable, in the worker's role.
  private static func workerProgram() -> WorkerProgram {
    let environment = ProcessInfo.processInfo.environment
    let inherited = environment.filter { key, _ in
      key == "PATH" || key == "LD_LIBRARY_PATH"
        || (key.hasPrefix("QUANTGATE_") && key != "QUANTGATE_FAULT")
    }
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    return WorkerProgram(
      executable: executable ?? CommandLine.arguments[0], arguments: ["worker"],
      inherited: inherited)
  }
}

extension HardwareProfile {
  /// The part that a worker has to obey.
  var workerHardware: WorkerHardware {
    let cores: [Int]? = if case .cores(let list) = pinning { list } else { nil }
    return WorkerHardware(
      threads: threads, isa: ceiling?.rawValue, cores: cores, memoryLimit: memoryLimit,
      arenas: allocator.narenas,
      dirtyDecayMilliseconds: Int(allocator.dirtyDecay / .milliseconds(1)))
  }
}
