public import Execution
import Graphs

/// A compiled model of the native engine.
public final class NativeWorkload: Workload {
  private enum Kind {
    case examples(ExampleWorkload)
    case windows(SequenceWorkload)
  }

  private let kind: Kind
  /// Bytes of the parameters as a checkpoint stores them.
  public let modelBytes: Int
  /// How many layers run on the reference path.
  public let referenceLayers: Int
  /// Elements of one input: features, or the tokens of a window.
  public let inputSize: Int
  /// Elements of one output: of all rows that a window gives.
  public let outputSize: Int
  /// Bytes of activations and scratch at the largest batch.
  public let arenaBytes: Int
  /// Bytes of keys and values of past tokens.
  public let cacheBytes: Int
  /// Bytes of the weights as execution reads them.
  public let packedWeightBytes: Int
  /// The instruction set that runs.
  public let instructionSet: InstructionSet
  /// The steps in the order of execution.
  public let plan: [PlanStep]

  init(
    executor: consuming Executor, sequences: SequenceWindows?, modelBytes: Int,
    referenceLayers: Int
  ) {
    self.modelBytes = modelBytes
    self.referenceLayers = referenceLayers
    arenaBytes = executor.arenaBytes
    cacheBytes = executor.cacheBytes
    packedWeightBytes = executor.packedWeightBytes
    instructionSet = executor.instructionSet
    plan = executor.plan
    if let sequences {
      let workload = SequenceWorkload(
        executor: executor, work: sequences.work, tokens: sequences.tokens)
      inputSize = workload.inputSize
      outputSize = workload.outputSize
      kind = .windows(workload)
    } else {
      inputSize = executor.graph.inputShape.elementCount
      outputSize = executor.graph.outputShape.elementCount
      kind = .examples(ExampleWorkload(executor: executor))
    }
  }

  /// Runs one batch; allocates nothing.
  public func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try check(input, output, examples: examples)
    do {
      switch kind {
      case .examples(let workload):
        try workload.run(input, examples: examples, into: output)
      case .windows(let workload):
        for example in 0..<examples {
          try workload.run(
            UnsafeBufferPointer(rebasing: input[example * inputSize..<(example + 1) * inputSize]),
            into: UnsafeMutableBufferPointer(
              rebasing: output[example * outputSize..<(example + 1) * outputSize]))
        }
      }
    } catch {
      throw .execution(error)
    }
  }

  /// Runs the text of one window.
  public func run(
    _ window: UnsafeBufferPointer<Float>, filled: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try check(window, output, examples: 1)
    do {
      switch kind {
      case .examples(let workload): try workload.run(window, examples: 1, into: output)
      case .windows(let workload): try workload.run(window, filled: filled, into: output)
      }
    } catch {
      throw .execution(error)
    }
  }

  /// Runs one input on the calling thread alone and shows the result of every node.
  public func observe(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    _ observe: (_ node: ObservedNode, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(EngineError) {
    try check(input, output, examples: 1)
    do {
      switch kind {
      case .examples(let workload): try workload.observe(input, into: output, observe)
      case .windows(let workload): try workload.observe(input, into: output, observe)
      }
    } catch {
      throw .execution(error)
    }
  }

  private func check(
    _ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>, examples: Int
  ) throws(EngineError) {
    guard input.count == examples * inputSize else {
      throw .execution(.inputCount(expected: examples * inputSize, found: input.count))
    }
    guard output.count == examples * outputSize else {
      throw .execution(.outputCount(expected: examples * outputSize, found: output.count))
    }
  }
}

/// A model over independent examples.
private final class ExampleWorkload {
  private var executor: Executor

  init(executor: consuming Executor) {
    self.executor = executor
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    try executor.run(input, examples: examples, into: output)
  }

  func observe(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    _ observe: (_ node: ObservedNode, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(ExecutionError) {
    let nodes = executor.observedNodes
    var result = output.mutableSpan
    try executor.run(input.span, examples: 1, into: &result) { id, row, values in
      observe(nodes[id], row, values)
    }
  }
}

extension Executor {
  /// The nodes as they are shown to observers.
  var observedNodes: [ObservedNode] {
    graph.nodes.map { ObservedNode($0, range: storedRange(of: $0.id)) }
  }
}
