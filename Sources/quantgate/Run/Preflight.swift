import Architectures
import Checkpoints
import Datasets
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

  /// Checks everything that the plan's cases read.
  ///
  /// - Throws: `CommandFailure` that lists every mistake found, one a line.
  init(
    _ plan: Plan, repository: Repository, fingerprint: Fingerprint
  ) throws(CommandFailure) {
    var mistakes: [String] = []
    checkMachine(plan, fingerprint, &mistakes)
    checkData(plan, &mistakes)
    Self.checkWeights(plan, except: unmet, repository, &mistakes)
    readBaselines(plan, repository, fingerprint, &mistakes)
    guard mistakes.isEmpty else { throw .invalid(mistakes.joined(separator: "\n")) }
  }

  /// The cases that this machine can run.
  func runnable(_ plan: Plan) -> [PlannedCase] { plan.cases.filter { unmet[$0.id] == nil } }

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
      if let reason = planned.hardware.unmetRequirement(
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
    for scenario in plan.scenarios {
      do throws(DatasetError) {
        let evaluation = try scenario.evaluationExamples()
        if let calibration = try scenario.calibrationExamples() {
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

  private static func checkWeights(
    _ plan: Plan, except unmet: [CaseID: String], _ repository: Repository,
    _ mistakes: inout [String]
  ) {
    var seen: Set<String> = []
    for planned in plan.cases where unmet[planned.id] == nil {
      guard seen.insert(planned.architecture.file + planned.architecture.name).inserted else {
        continue
      }
      do throws(CheckpointError) {
        _ = try planned.architecture.weights(root: repository.root)
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
    return nil
  }
}
