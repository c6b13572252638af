public import Results

/// What a worker hands back; the part that its role is for.
public struct WorkerProduct: Hashable, Sendable, Codable {
  /// `quality`.
  public var quality: QualityRecord?
  /// `memory`.
  public var memory: MemoryRecord?
  /// `calibrate`.
  public var schedule: TimingSchedule?
  /// `time`.
  public var timing: TimingProcess?
  /// What was broken on purpose.
  public var fault: Fault?

  /// Creates an empty product.
  public init() {}
}
