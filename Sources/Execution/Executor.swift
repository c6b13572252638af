import CKernels
public import Graphs
import NumberFormats
import Threads

/// A compiled model and the memory it runs in.
///
/// A run allocates nothing and takes no lock unless a team of threads has to sleep. Its result depends
/// on the model and the input alone: not on the instruction set, the number of threads or the other
/// examples of the batch.
///
/// Inputs that are not finite never trap, and give the same bits everywhere too. A NaN passes through
/// fp32 arithmetic and activations as NaN; static quantization makes it the zero point, that is 0. A
/// dynamically quantized operand that holds a NaN or an infinity, or spans more than the largest
/// float, makes every output of that product NaN, for that example.
public struct Executor: ~Copyable {
  /// The graph that is executed.
  public let graph: Graph
  /// The largest number of examples in one run.
  public let maximumBatch: Int
  /// Threads that share the work, the caller included.
  public let threads: Int
  /// The instruction set of the kernels.
  public let instructionSet: InstructionSet
  /// Bytes of activations and scratch at the largest batch, the caller's input and output excluded.
  /// Depends on the model and the largest batch alone.
  public let arenaBytes: Int
  /// Bytes of weights, scales and biases in the kernels' layouts.
  public let packedWeightBytes: Int

  /// Bytes of keys and values that sequences keep; 0 where rows are independent examples.
  public let cacheBytes: Int
  /// Room for sequences; `nil` where rows are independent examples.
  public let sequences: SequenceOptions?

  let program: Program
  let runtime: UnsafeMutablePointer<Runtime>
  let memory: SequenceMemory
  private let team: ThreadTeam

  /// Validates `model`, packs its weights and places its buffers.
  ///
  /// - Throws: `ExecutionError` for a model that cannot be executed or options the machine cannot meet.
  public init(
    _ model: QuantizedModel, options: ExecutionOptions = ExecutionOptions()
  ) throws(ExecutionError) {
    guard options.maximumBatch >= 1 else { throw .maximumBatch(options.maximumBatch) }
    try options.checkRoom(for: model.graph)
    guard (1...ExecutionOptions.largestTeam).contains(options.threads) else {
      throw .threads(options.threads)
    }
    if let cores = options.cores, cores.count != options.threads {
      throw .coreCount(threads: options.threads, found: cores.count)
    }
    let instructionSet = options.instructionSet ?? .best
    guard let kernels = instructionSet.kernels else {
      throw .instructionSet(instructionSet, best: .best)
    }
    try Validation(model: model).check()
    let batch = options.sequences?.tokens ?? options.maximumBatch
    let program = try Compiler.compile(model, batch: batch, sequences: options.sequences)
    let team: ThreadTeam
    do throws(ThreadTeamError) {
      team = try ThreadTeam(members: options.threads, cores: options.cores)
    } catch {
      switch error {
      case .core(let core, let code): throw .core(core, code: code)
      case .thread(let code): throw .thread(code: code)
      }
    }
    let barrier = options.threads > 1 ? team.barrier : nil

    graph = model.graph
    maximumBatch = batch
    sequences = options.sequences
    threads = options.threads
    self.instructionSet = instructionSet
    arenaBytes = program.arena.bytes
    packedWeightBytes = program.packedWeights.bytes
    cacheBytes = program.caches.bytes
    let memory = SequenceMemory(
      options.sequences, members: options.threads, sources: program.sources)
    runtime = .allocate(capacity: 1)
    runtime.initialize(
      to: Runtime(
        machine: Machine(
          kernels: kernels, addresses: program.addresses, sequences: memory.state),
        steps: UnsafeBufferPointer(program.steps), rows: 0, selected: 0, barrier: barrier))
    self.memory = memory
    self.program = program
    self.team = team
  }

  deinit {
    runtime.deallocate()
  }

  /// The numbers that a node's stored result can hold, where it is stored in codes; `nil` for fp32.
  public func storedRange(of node: Node.ID) -> ClosedRange<Float>? {
    program.values[node].affine.map { affine in
      let zero = Float(affine.zeroPoint)
      return affine.scale * (0 - zero)...affine.scale * (255 - zero)
    }
  }

  /// The steps in the order of execution.
  public var plan: [PlanStep] { program.plan }

  /// Runs the model.
  ///
  /// - Parameters:
  ///   - input: `examples` inputs, one after the other, each in the graph's input shape, row-major.
  ///   - examples: How many; 1…`maximumBatch`.
  ///   - output: Receives as many outputs, each in the graph's output shape.
  /// - Throws: `.examples`, `.inputCount` or `.outputCount`; then nothing has run.
  public mutating func run(
    _ input: Span<Float>, examples: Int, into output: inout MutableSpan<Float>
  ) throws(ExecutionError) {
    try input.withUnsafeBufferPointer { (input) throws(ExecutionError) in
      try output.withUnsafeMutableBufferPointer { (output) throws(ExecutionError) in
        try run(input, examples: examples, into: output)
      }
    }
  }

  /// Runs the model over memory that the caller keeps alive and lets nobody else change.
  ///
  /// Parameters and errors are those of the variant with spans.
  public mutating func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    try bind(input, examples: examples, output)
    execute()
  }

  /// Executes what has been bound, on the whole team.
  mutating func execute() {
    if threads == 1 {
      runtime.pointee.execute(member: 0, members: 1)
    } else {
      team.run(
        { context, member, members in
          context.assumingMemoryBound(to: Runtime.self).pointee
            .execute(member: member, members: members)
        }, runtime)
    }
  }

  /// Runs the model and shows the result of every node, right after the node has executed.
  ///
  /// Runs on the calling thread alone and may allocate; the output has the same bits as that of `run`.
  ///
  /// - Parameters:
  ///   - input: As in `run`.
  ///   - examples: As in `run`.
  ///   - output: As in `run`.
  ///   - observe: Called once per node in execution order and, within it, once per example, with the
  ///     node's id, the example and its result in fp32 (dequantized where uint8 is stored), after
  ///     the fused activation. The span is valid during the call only.
  /// - Throws: As `run`.
  public mutating func run(
    _ input: Span<Float>, examples: Int, into output: inout MutableSpan<Float>,
    observing observe: (_ node: Node.ID, _ example: Int, _ values: Span<Float>) -> Void
  ) throws(ExecutionError) {
    try input.withUnsafeBufferPointer { (input) throws(ExecutionError) in
      try output.withUnsafeMutableBufferPointer { (output) throws(ExecutionError) in
        try bind(input, examples: examples, output)
        execute(observing: observe)
      }
    }
  }

  /// Executes what has been bound on the calling thread and shows every row of every result.
  mutating func execute(
    observing observe: (_ node: Node.ID, _ row: Int, _ values: Span<Float>) -> Void
  ) {
    for node in graph.nodes.indices {
      for step in program.stepsOfNode[node] {
        runtime.pointee.execute(program.steps[step], member: 0, members: 1)
      }
      let rows = graph.isSelected[node] ? runtime.pointee.selected : runtime.pointee.rows
      show(node, examples: rows, to: observe)
    }
  }

  private func show(
    _ node: Node.ID, examples: Int,
    to observe: (_ node: Node.ID, _ example: Int, _ values: Span<Float>) -> Void
  ) {
    let value = program.values[node]
    let machine = runtime.pointee.machine
    for example in 0..<examples {
      let offset = example * value.count
      if let affine = value.affine {
        let values = [Float](unsafeUninitializedCapacity: value.count) { buffer, count in
          if let address = buffer.baseAddress {
            machine.kernels.dequantize_u8(
              machine.codes(value.buffer) + offset, value.count, qg_affine(affine), address)
            count = value.count
          }
        }
        observe(node, example, values.span)
      } else {
        let values = UnsafeBufferPointer(
          start: machine.floats(value.buffer) + offset, count: value.count)
        observe(node, example, values.span)
      }
    }
  }

  /// Checks the caller's buffers and enters their addresses.
  private mutating func bind(
    _ input: UnsafeBufferPointer<Float>, examples: Int, _ output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    guard sequences == nil else { throw .sequence(.otherRun(isSequence: true)) }
    guard (1...maximumBatch).contains(examples) else {
      throw .examples(found: examples, limit: maximumBatch)
    }
    try enter(input, rows: examples, output, selected: examples)
  }

  /// Enters the caller's buffers, of so many rows.
  mutating func enter(
    _ input: UnsafeBufferPointer<Float>, rows: Int,
    _ output: UnsafeMutableBufferPointer<Float>, selected: Int
  ) throws(ExecutionError) {
    let inputs = rows * program.values[0].count
    let outputs =
      (graph.isSelected[graph.output] ? selected : rows)
      * program.values[program.values.count - 1].count
    guard input.count == inputs, let source = input.baseAddress else {
      throw .inputCount(expected: inputs, found: input.count)
    }
    guard output.count == outputs, let result = output.baseAddress else {
      throw .outputCount(expected: outputs, found: output.count)
    }
    // Steps only read through this address.
    program.addresses[Program.input] = UnsafeMutableRawPointer(mutating: source)
    program.addresses[program.output] = UnsafeMutableRawPointer(result)
    runtime.pointee.rows = rows
    runtime.pointee.selected = selected
  }
}

// An executor has one owner; its memory is reachable through its mutating methods alone, and its own
// threads touch that memory only while one of them is running.
extension Executor: @unchecked Sendable {}

/// What every member of a team reads during a run.
struct Runtime {
  let machine: Machine
  let steps: UnsafeBufferPointer<ScheduledStep>
  /// Examples or tokens.
  var rows: Int
  /// Rows after a selection of tokens.
  var selected: Int
  /// `nil` when the caller runs alone.
  let barrier: TeamBarrier?

  /// Executes one member's part of every step.
  func execute(member: Int, members: Int) {
    for step in steps {
      execute(step, member: member, members: members)
      barrier?.wait()
    }
  }

  /// Executes one member's part of one step.
  func execute(_ scheduled: ScheduledStep, member: Int, members: Int) {
    let rows = scheduled.isSelected ? selected : self.rows
    machine.execute(scheduled.step, Share(member: member, members: members, examples: rows))
  }
}
