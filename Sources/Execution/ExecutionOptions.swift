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

  /// Room for sequences; needed by graphs whose rows are tokens, and without meaning for others.
  public var sequences: SequenceOptions?

  /// Creates options; the defaults are one example, one thread, the best instruction set.
  public init(
    maximumBatch: Int = 1, threads: Int = 1, instructionSet: InstructionSet? = nil,
    cores: [Int]? = nil, sequences: SequenceOptions? = nil
  ) {
    self.maximumBatch = maximumBatch
    self.threads = threads
    self.instructionSet = instructionSet
    self.cores = cores
    self.sequences = sequences
  }
}

/// Room that an executor keeps for sequences of tokens.
public struct SequenceOptions: Hashable, Sendable {
  /// Which tokens of a call give an output where the graph leaves it open.
  public enum Outputs: String, Hashable, Sendable, CaseIterable {
    /// Every token: to score a text.
    case every
    /// The last token of each sequence: to go on writing.
    case last
  }

  /// Sequences that are kept side by side, each with a cache of its own.
  public var count: Int
  /// Tokens that a sequence can hold.
  public var context: Int
  /// Tokens of all sequences in one call; what `maximumBatch` is for other graphs.
  public var tokens: Int
  /// Which tokens give an output.
  public var outputs: Outputs

  /// Creates options.
  public init(count: Int = 1, context: Int, tokens: Int, outputs: Outputs) {
    self.count = count
    self.context = context
    self.tokens = tokens
    self.outputs = outputs
  }
}

/// Consecutive tokens of one sequence in a call.
public struct SequencePart: Hashable, Sendable, BitwiseCopyable {
  /// Which sequence, by its number in the executor.
  public let sequence: Int
  /// The position of the first token; what the cache holds before it is read, what it holds from there on
  /// is replaced.
  public let position: Int
  /// How many tokens.
  public let tokens: Int

  /// Creates a part.
  public init(sequence: Int = 0, position: Int, tokens: Int) {
    self.sequence = sequence
    self.position = position
    self.tokens = tokens
  }
}
