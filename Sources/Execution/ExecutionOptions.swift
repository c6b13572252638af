/// How a model is executed. No option changes a bit of the result.
public struct ExecutionOptions: Hashable, Sendable {
  /// The largest number of threads in a team.
  public static let largestTeam = 64

  /// The largest number of examples in one run; at least 1.
  public var maximumBatch: Int
  /// Threads that share the work, the caller included; 1…64.
  public var threads: Int
  /// The instruction set to run, or `nil` for the machine's best. This is how a hardware profile's
  /// ceiling is applied: a weaker set than the machine has is run as asked; a stronger one throws.
  public var instructionSet: InstructionSet?
  /// One core per thread, or `nil` to leave placement to the system. The first entry is the caller's
  /// core: the executor pins the threads it starts and never its caller.
  public var cores: [Int]?

  /// Creates options; the defaults are one example, one thread, the best instruction set.
  public init(
    maximumBatch: Int = 1, threads: Int = 1, instructionSet: InstructionSet? = nil,
    cores: [Int]? = nil
  ) {
    self.maximumBatch = maximumBatch
    self.threads = threads
    self.instructionSet = instructionSet
    self.cores = cores
  }
}
