import CKernels
import Graphs
import NumberFormats

/// Turns a validated model into a program.
struct Compiler: ~Copyable {
  /// What a buffer is backed by.
  enum Backing { case arena, callerInput, callerOutput }

  /// A buffer before it has an address.
  struct Buffer {
    let bytes: Int
    var backing: Backing = .arena
    var live: ClosedRange<Int>?
  }

  /// A node's result, quantized on the fly.
  struct DynamicOperand: Hashable {
    let node: Node.ID
    let range: DynamicRange
    /// Rows of an example that have ranges of their own.
    let parts: Int
  }

  /// No arena is larger: 1 TiB.
  static let largestBuffer = 1 << 40
  /// Kernels may read this far past the last row of uint8 operands.
  static let overread = 64

  let model: QuantizedModel
  /// Examples, or tokens, in one call.
  let batch: Int
  /// Room for sequences; `nil` where rows are independent examples.
  let sequences: SequenceOptions?
  var weights = OwnedMemory()
  var caches = OwnedMemory()
  /// Embeddings whose rows are decoded on the way.
  var sources: [any TensorSource] = []
  var rotaries: [RotaryEmbedding: RotaryTables] = [:]
  /// Codes and parameters of operands that have been quantized on the fly.
  var dynamicOperands: [DynamicOperand: (codes: BufferID, affines: BufferID)] = [:]
  /// Which expert reads which row, by routing.
  var expertGroups: [Node.ID: ExpertGroups] = [:]
  /// Operands whose rows have been brought into the order of experts.
  var gatheredOperands: [GatheredOperand: (rows: BufferID, affine: OperandAffine)] = [:]
  /// Whether rows are selected tokens from here on.
  var isSelected = false
  var buffers: [Buffer] = []
  var steps: [Step] = []
  /// Whether a step's rows are selected tokens, by step.
  var selections: [Bool] = []
  var plan: [PlanStep] = []
  var values: [Value] = []
  var stepsOfNode: [Range<Int>] = []

  var graph: Graph { model.graph }

  init(_ model: QuantizedModel, batch: Int, sequences: SequenceOptions?) {
    self.model = model
    self.batch = batch
    self.sequences = sequences
  }

  /// Compiles `model` for batches of up to `batch` examples, or for sequences of tokens.
  static func compile(
    _ model: QuantizedModel, batch: Int, sequences: SequenceOptions?
  ) throws(ExecutionError) -> Program {
    var compiler = Compiler(model, batch: batch, sequences: sequences)
    for node in model.graph.nodes {
      let first = compiler.steps.count
      compiler.isSelected = node.inputs.contains { model.graph.isSelected[$0] }
      try compiler.lower(node)
      if node.id == model.graph.output { try compiler.lowerOutput() }
      compiler.stepsOfNode.append(first..<compiler.steps.count)
    }
    return compiler.finish()
  }

  /// A new buffer for `count` elements of `elementSize` bytes per example.
  mutating func buffer(
    _ count: Int, elementSize: Int, perExample: Bool = true
  ) throws(ExecutionError) -> BufferID {
    let (bytes, overflow) = (count * elementSize).multipliedReportingOverflow(
      by: perExample ? (isSelected ? selectedBatch : batch) : 1)
    guard !overflow, bytes <= Self.largestBuffer else { throw .arenaTooLarge }
    buffers.append(Buffer(bytes: bytes + (elementSize == 1 ? Self.overread : 0)))
    return buffers.count - 1
  }

  /// The largest number of rows after a selection of tokens.
  private var selectedBatch: Int {
    guard let sequences else { return batch }
    let asRequested = graph.nodes.contains { $0.operation == .tokens(.requested) }
    return asRequested && sequences.outputs == .every ? batch : sequences.count
  }

  /// Appends a step that uses `touched` buffers, which must live until it has run.
  mutating func emit(
    _ step: Step, _ node: Node, kernel: String, touching touched: [BufferID], weightBytes: Int = 0
  ) {
    let position = steps.count
    for buffer in touched { keep(buffer, at: position) }
    steps.append(step)
    selections.append(isSelected && step.splitsRows)
    plan.append(
      PlanStep(
        node: node.name, kernel: kernel, shape: graph.shapes[node.id],
        resultBytes: touched.last.map { buffers[$0].bytes } ?? 0, weightBytes: weightBytes))
  }

  /// Extends a buffer's life to `step`.
  mutating func keep(_ buffer: BufferID, at step: Int) {
    let live = buffers[buffer].live ?? step...step
    buffers[buffer].live = min(live.lowerBound, step)...max(live.upperBound, step)
  }

  /// The output is written where the caller wants it.
  private mutating func lowerOutput() throws(ExecutionError) {
    let output = graph.nodes[graph.output]
    let value = values[output.id]
    if case .arena = buffers[value.buffer].backing {
      buffers[value.buffer].backing = .callerOutput
      return
    }
    // The output is the caller's input under another name.
    let copy = try buffer(value.count, elementSize: 4)
    buffers[copy].backing = .callerOutput
    emit(
      .copy(Elementwise(source: value.buffer, result: copy, count: value.count)), output,
      kernel: "copy", touching: [value.buffer, copy])
    values[output.id] = Value(buffer: copy, count: value.count, affine: nil)
  }

  /// Places the arena's buffers and gives every buffer its address.
  private consuming func finish() -> Program {
    let placed = buffers.indices.filter { buffers[$0].backing == .arena }
    let arenaPlan = ArenaPlan(
      placed.map {
        ArenaPlan.Request(bytes: buffers[$0].bytes, live: buffers[$0].live ?? 0...0)
      })
    var arena = OwnedMemory()
    let base = UnsafeMutableRawPointer(arena.allocate(arenaPlan.bytes, of: UInt8.self))
    let addresses = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(
      capacity: buffers.count)
    addresses.initialize(repeating: base, count: buffers.count)
    for (index, buffer) in placed.enumerated() {
      addresses[buffer] = base + arenaPlan.offsets[index]
    }
    let program = UnsafeMutableBufferPointer<ScheduledStep>.allocate(capacity: steps.count)
    _ = program.initialize(
      fromContentsOf: zip(steps, selections).map { ScheduledStep(step: $0, isSelected: $1) })
    return Program(
      steps: program, addresses: addresses, stepsOfNode: stepsOfNode, values: values, plan: plan,
      output: values[graph.output].buffer, packedWeights: weights, arena: arena, caches: caches,
      sources: sources, vocabulary: graph.smallestEmbedding?.rows)
  }
}

extension Step {
  /// Whether the step itself works on the rows that its result has; a selection reads all tokens.
  fileprivate var splitsRows: Bool { if case .selectTokens = self { false } else { true } }
}

extension Graph {
  /// The node that looks token ids up in the table of the fewest rows; `nil` where the input is no token.
  var smallestEmbedding: (node: String, rows: Int)? {
    nodes.lazy.compactMap { node in
      if case .embedding(let rows, _) = node.operation { (node.name, rows) } else { nil }
    }.min { $0.1 < $1.1 }
  }
}
