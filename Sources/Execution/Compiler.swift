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

  /// No arena is larger: 1 TiB.
  static let largestBuffer = 1 << 40
  /// Kernels may read this far past the last row of uint8 operands.
  static let overread = 64

  let model: QuantizedModel
  let batch: Int
  var weights = OwnedMemory()
  var buffers: [Buffer] = []
  var steps: [Step] = []
  var plan: [PlanStep] = []
  var values: [Value] = []
  var stepsOfNode: [Range<Int>] = []

  var graph: Graph { model.graph }

  init(_ model: QuantizedModel, batch: Int) {
    self.model = model
    self.batch = batch
  }

  /// Compiles `model` for batches of up to `batch` examples.
  static func compile(_ model: QuantizedModel, batch: Int) throws(ExecutionError) -> Program {
    var compiler = Compiler(model, batch: batch)
    for node in model.graph.nodes {
      let first = compiler.steps.count
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
      by: perExample ? batch : 1)
    guard !overflow, bytes <= Self.largestBuffer else { throw .arenaTooLarge }
    buffers.append(Buffer(bytes: bytes + (elementSize == 1 ? Self.overread : 0)))
    return buffers.count - 1
  }

  /// Appends a step that uses `touched` buffers, which must live until it has run.
  mutating func emit(
    _ step: Step, _ node: Node, kernel: String, touching touched: [BufferID], weightBytes: Int = 0
  ) {
    let position = steps.count
    for buffer in touched { keep(buffer, at: position) }
    steps.append(step)
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
    let program = UnsafeMutableBufferPointer<Step>.allocate(capacity: steps.count)
    _ = program.initialize(fromContentsOf: steps)
    return Program(
      steps: program, addresses: addresses, stepsOfNode: stepsOfNode, values: values, plan: plan,
      output: values[graph.output].buffer, packedWeights: weights, arena: arena)
  }
}
