public import Architectures
public import Execution
public import Graphs
public import Quantization

/// Something that can load a model, quantize it and run it. The engine never knows that it is being
/// measured.
///
/// The three phases are apart so that each can be timed and its allocations counted.
public protocol Engine: Sendable {
  /// A model as it was trained.
  associatedtype Model: Sendable
  /// A model after the scheme was applied.
  associatedtype Quantized: Sendable
  /// A model that is ready to run.
  associatedtype Running: Workload

  /// The name results carry.
  var name: String { get }

  /// Reads and checks an architecture's trained weights.
  ///
  /// - Parameter path: The file of weights; `nil` where they are generated.
  func load(_ architecture: Architecture, weightsAt path: String?) throws(EngineError) -> Model

  /// Applies a scheme.
  ///
  /// - Parameter calibration: Representative inputs; read only when the scheme observes ranges.
  func quantize(
    _ model: Model, scheme: Scheme, calibration: CalibrationInputs
  ) throws(EngineError) -> Quantized

  /// Prepares a model to run: packs weights, places buffers, starts threads.
  ///
  /// - Parameter sequences: What an inference is and how many tokens its windows have, for a model over
  ///   sequences; `nil` for others.
  func compile(
    _ model: Quantized, options: ExecutionOptions, sequences: SequenceWindows?
  ) throws(EngineError) -> Running
}

/// Windows of tokens, and what is done with them.
public struct SequenceWindows: Hashable, Sendable {
  /// What an inference is.
  public let work: SequenceWork
  /// Tokens of a window.
  public let tokens: Int

  /// Creates windows.
  public init(work: SequenceWork, tokens: Int) {
    self.work = work
    self.tokens = tokens
  }
}

/// A model that is ready to run; a class, because it owns memory and threads.
public protocol Workload: AnyObject {
  /// Elements of one input.
  var inputSize: Int { get }
  /// Elements of one output.
  var outputSize: Int { get }
  /// Bytes of keys and values of past tokens; 0 for models that keep none.
  var cacheBytes: Int { get }
  /// Bytes of activations and scratch at the largest batch.
  var arenaBytes: Int { get }
  /// Bytes of the weights as execution reads them.
  var packedWeightBytes: Int { get }
  /// Bytes of the parameters as a checkpoint stores them.
  var modelBytes: Int { get }
  /// How many layers run on the reference path: decoded to fp32, with the speed and memory of fp32.
  var referenceLayers: Int { get }
  /// The instruction set that runs.
  var instructionSet: InstructionSet { get }

  /// Runs one batch; allocates nothing.
  ///
  /// - Parameters:
  ///   - input: `[examples, inputSize]`.
  ///   - examples: How many.
  ///   - output: Receives `[examples, outputSize]`.
  func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError)

  /// Runs one window of tokens whose text is shorter, where a model makes one output of a whole window: it sees
  /// the text alone. Models that give every token an output, and engines that cannot, run the window.
  ///
  /// - Parameters:
  ///   - window: `[inputSize]`.
  ///   - filled: Leading tokens that are text, at least 1.
  ///   - output: Receives `[outputSize]`.
  func run(
    _ window: UnsafeBufferPointer<Float>, filled: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError)

  /// Runs one input and shows the result of every node, row by row, right after the node has executed. May
  /// allocate. An engine that cannot show anything shows nothing.
  ///
  /// - Parameters:
  ///   - input: `[inputSize]`.
  ///   - output: Receives `[outputSize]`.
  ///   - observe: Called with the node, the row and its result in fp32, after the fused activation; the span
  ///     is valid during the call only.
  func observe(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    _ observe: (_ node: ObservedNode, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(EngineError)
}

/// A node whose result is shown.
public struct ObservedNode: Sendable {
  /// The node.
  public let node: Node
  /// What its result can hold where it is stored in codes; `nil` for fp32.
  public let range: ClosedRange<Float>?

  /// Creates a node to be shown.
  public init(_ node: Node, range: ClosedRange<Float>?) {
    self.node = node
    self.range = range
  }
}

extension Workload {
  /// Runs the whole window.
  public func run(
    _ window: UnsafeBufferPointer<Float>, filled: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try run(window, examples: 1, into: output)
  }

  /// Runs and shows nothing.
  public func observe(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    _ observe: (_ node: ObservedNode, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(EngineError) {
    try run(input, examples: 1, into: output)
  }
}

/// Representative inputs, in memory.
public struct CalibrationInputs: Sendable {
  /// `[count, inputSize]`, row-major.
  public let values: [Float]
  /// Number of inputs.
  public let count: Int

  /// Creates a set of inputs.
  public init(values: [Float], count: Int) {
    self.values = values
    self.count = count
  }

  /// No inputs, for schemes that need none.
  public static let none = CalibrationInputs(values: [], count: 0)
}
