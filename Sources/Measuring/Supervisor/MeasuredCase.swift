public import Results

/// A case as the supervisor needs it.
public struct MeasuredCase: Hashable, Sendable {
  /// Its id.
  public let id: CaseID
  /// The scenario's file, relative to the repository.
  public let scenarioFile: String
  /// The digest of the resolved case; the worker's must be the same.
  public let planDigest: String
  /// The digest of what the case is measured on and with: weights, examples, program, machine. A finished
  /// case stands in for this one only when both are the same.
  public let contentDigest: String
  /// The machine to be.
  public let hardware: WorkerHardware
  /// How long to time.
  public let budget: TimingBudget
  /// The control stored with the baseline; `nil` fits one.
  public let storedControl: StoredControl?

  /// Creates a case; without a `contentDigest` a journal tells cases apart by their plan alone.
  public init(
    id: CaseID, scenarioFile: String, planDigest: String, hardware: WorkerHardware,
    budget: TimingBudget, storedControl: StoredControl?, contentDigest: String = ""
  ) {
    self.id = id
    self.scenarioFile = scenarioFile
    self.planDigest = planDigest
    self.contentDigest = contentDigest
    self.hardware = hardware
    self.budget = budget
    self.storedControl = storedControl
  }

  /// Follows from the id, so that every run of a case replays the same inputs.
  package var seed: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in id.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

/// How far a run is.
public struct MeasuringProgress: Hashable, Sendable {
  /// The case that is being measured.
  public let id: CaseID
  /// Its place in the run, from 0.
  public let index: Int
  /// Cases in the run.
  public let count: Int
  /// What its worker is for.
  public let role: WorkerRole
  /// The phase that the worker announced last.
  public let phase: String
  /// Share of the whole run that is done, 0…1.
  public let fraction: Double
  /// Estimated seconds until the run ends; `nil` until there is something to go by.
  public let secondsLeft: Double?
}
