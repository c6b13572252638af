import Architectures
import Checkpoints
import Datasets
import Digests
import Execution
import Host
import Results
import Scenarios

/// What a run reads is checked before anything is measured: weights, data, baselines, the machine.
struct Preflight {
  /// Why a case will not run on this machine, by case.
  private(set) var unmet: [CaseID: String] = [:]
  /// Approved results by scenario; a scenario without any is absent.
  private(set) var baselines: [String: Baseline] = [:]
  /// Stored timing of this kind of machine, by scenario.
  private(set) var timing: [String: TimingBaseline] = [:]
  private var weights: [String: Digest] = [:]
  private var examples: [String: Digest] = [:]

  /// Checks everything that the plan's cases read.
  ///
  /// - Throws: `CommandFailure` that lists every mistake found, one a line.
  init(
    _ plan: Plan, repository: Repository, fingerprint: Fingerprint
  ) throws(CommandFailure) {
    var mistakes: [String] = []
    checkMachine(plan, fingerprint, &mistakes)
    checkData(plan, &mistakes)
    checkWeights(plan, repository, &mistakes)
    readBaselines(plan, repository, fingerprint, &mistakes)
    guard mistakes.isEmpty else { throw .invalid(mistakes.joined(separator: "\n")) }
  }

  /// The cases that this machine can run.
  func runnable(_ plan: Plan) -> [PlannedCase] { plan.cases.filter { unmet[$0.id] == nil } }

  /// The digest of the weights and the examples that a case reads.
  func contentDigest(_ planned: PlannedCase) -> Digest {
    var hasher = Hasher256()
    for digest in [weights[Self.key(planned)], examples[planned.id.scenario]] {
      hasher.update(digest?.description ?? "none")
    }
    return hasher.finalize()
  }

  private mutating func checkMachine(
    _ plan: Plan, _ fingerprint: Fingerprint, _ mistakes: inout [String]
  ) {
    let cores: [Int]
    do {
      cores = try Cores.available()
    } catch {
      mistakes.append(error.description)
      return
    }
    for planned in plan.cases {
      if let reason = planned.architecture.unavailable {
        unmet[planned.id] = reason
      } else if let reason = planned.hardware.unmetRequirement(
        cores: cores.count, features: fingerprint.features)
      {
        unmet[planned.id] = reason
      } else if case .cores(let pinned) = planned.hardware.pinning,
        let stranger = pinned.first(where: { !cores.contains($0) })
      {
        let error = HostError.noSuchCore(stranger, available: cores)
        let line = "Scenarios/hardware/\(planned.hardware.name).yaml: pin: \(error.description)"
        if !mistakes.contains(line) { mistakes.append(line) }
      }
    }
  }

  private mutating func checkData(_ plan: Plan, _ mistakes: inout [String]) {
    for scenario in plan.scenarios
    where plan.cases(of: scenario).contains(where: { unmet[$0.id] == nil }) {
      do throws(DatasetError) {
        let evaluation = try scenario.evaluationExamples()
        let calibration = try scenario.calibrationExamples()
        examples[scenario.name] = Self.digest([evaluation, calibration])
        if let calibration {
          try proveDisjoint(
            calibration: calibration, evaluation: evaluation, dataset: scenario.data.dataset.name)
        }
      } catch {
        if case .unavailable = error {
          for planned in plan.cases(of: scenario) where unmet[planned.id] == nil {
            unmet[planned.id] = error.description
          }
        } else {
          mistakes.append("\(scenario.file): data: \(error.description)")
        }
      }
    }
  }

  private static func digest(_ sets: [ExampleSet?]) -> Digest {
    var hasher = Hasher256()
    for set in sets {
      hasher.update(set?.digest.description ?? "none")
      // An example's digest leaves its slices out, and accuracy is gated per slice.
      for (key, values) in (set?.slices ?? [:]).sorted(by: { $0.key < $1.key }) {
        hasher.update(key)
        for value in values { hasher.update(value) }
      }
    }
    return hasher.finalize()
  }

  private static func key(_ planned: PlannedCase) -> String {
    "\(planned.architecture.file) \(planned.architecture.name)"
  }

  private mutating func checkWeights(
    _ plan: Plan, _ repository: Repository, _ mistakes: inout [String]
  ) {
    var seen: Set<String> = []
    for planned in plan.cases where unmet[planned.id] == nil {
      let key = Self.key(planned)
      guard seen.insert(key).inserted else { continue }
      do throws(CheckpointError) {
        weights[key] = try planned.architecture.weights(root: repository.root).digest
      } catch {
        mistakes.append(error.description)
      }
    }
  }

  private mutating func readBaselines(
    _ plan: Plan, _ repository: Repository, _ fingerprint: Fingerprint,
    _ mistakes: inout [String]
  ) {
    let store = repository.baselineStore
    for scenario in plan.scenarios {
      do throws(ResultsError) {
        baselines[scenario.name] = try store.baseline(scenario: scenario.name)
        timing[scenario.name] = try store.timing(
          scenario: scenario.name, fingerprint: fingerprint)
      } catch {
        mistakes.append(error.description)
      }
    }
  }
}

extension HardwareProfile {
  /// What the machine lacks, in one sentence; `nil` when it meets the profile.
  func unmetRequirement(cores: Int, features: [String]) -> String? {
    if requiredCores > cores {
      return "the hardware profile '\(name)' requires \(requiredCores) cores, this process may use "
        + "\(cores)"
    }
    let missing = requiredFeatures.filter { !features.contains($0) }
    if !missing.isEmpty {
      return "the hardware profile '\(name)' requires \(missing.joined(separator: ", ")), which "
        + "this processor lacks"
    }
    if let ceiling, let set = Execution.InstructionSet(rawValue: ceiling.rawValue),
      !set.isOfThisArchitecture
    {
      return "the hardware profile '\(name)' asks for \(ceiling.rawValue), an instruction set of "
        + "another architecture"
    }
    return nil
  }
}
