/// How a case ended.
public enum Outcome: Hashable, Sendable, Codable {
  /// Everything was measured.
  case completed
  /// A worker ended badly; `phase` is the last one it announced.
  case failed(Failure, phase: String, message: String)
  /// The machine does not meet the profile, or the data is not there.
  case notRun(reason: String)
  /// The scenario has the case, and whoever started the run left it out.
  case notSelected

  private enum CodingKeys: String, CodingKey {
    case completed
    case failed
    case notRun = "not_run"
    case notSelected = "not_selected"
  }

  private enum FailedCodingKeys: String, CodingKey {
    case _0 = "failure"
    case phase
    case message
  }
}

/// Why a worker did not finish.
public enum Failure: Hashable, Sendable, Codable {
  /// Killed by a signal.
  case crashed(signal: Int32)
  /// Ended by itself with a typed error.
  case refused
  /// Ran past its limit and was killed.
  case timedOut(seconds: Double)
  /// Asked for more memory than the profile allows.
  case outOfMemory(limit: Int)

  private enum CodingKeys: String, CodingKey {
    case crashed
    case refused
    case timedOut = "timed_out"
    case outOfMemory = "out_of_memory"
  }
}

/// Everything measured for one case.
public struct CaseResult: Hashable, Sendable, Codable {
  /// Which case.
  public let id: CaseID
  /// Whether and how it ran.
  public let outcome: Outcome
  /// Accuracy and output bits; `nil` when that worker did not finish.
  public let quality: QualityRecord?
  /// Allocations and bytes; `nil` when that worker did not finish.
  public let memory: MemoryRecord?
  /// Durations; `nil` when no timing process finished.
  public let timing: TimingRecord?

  /// Creates a result.
  public init(
    id: CaseID, outcome: Outcome, quality: QualityRecord?, memory: MemoryRecord?,
    timing: TimingRecord?
  ) {
    self.id = id
    self.outcome = outcome
    self.quality = quality
    self.memory = memory
    self.timing = timing
  }
}
