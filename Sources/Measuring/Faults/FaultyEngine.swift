package import Architectures
import CHost
package import Engines
package import Execution
import Graphs
import Host
package import Quantization

/// An engine with a planted fault: what the gates are tested on. Never constructed without a fault, so
/// that a real measurement runs the real engine.
package struct FaultyEngine<Base: Engine>: Engine where Base.Model == FloatModel {
  private let base: Base
  private let fault: Fault

  /// The name of the engine that is broken.
  package var name: String { base.name }

  /// Plants a fault.
  package init(_ base: Base, fault: Fault) {
    self.base = base
    self.fault = fault
  }

  /// Loads, then flips a bit if that is the fault.
  package func load(
    _ architecture: Architecture, weightsAt path: String?
  ) throws(EngineError) -> FloatModel {
    let model = try base.load(architecture, weightsAt: path)
    guard fault == .flipWeight else { return model }
    do {
      return try FloatModel(graph: model.graph, weights: Self.flipped(model))
    } catch {
      throw .quantization(error)
    }
  }

  /// As the base.
  package func quantize(
    _ model: FloatModel, scheme: Scheme, calibration: CalibrationInputs
  ) throws(EngineError) -> Base.Quantized {
    try base.quantize(model, scheme: scheme, calibration: calibration)
  }

  /// Compiles a workload that misbehaves.
  package func compile(
    _ model: Base.Quantized, options: ExecutionOptions, sequences: SequenceWindows?
  ) throws(EngineError) -> FaultyWorkload<Base.Running> {
    FaultyWorkload(
      try base.compile(model, options: options, sequences: sequences), fault: fault)
  }

  /// Flips the top exponent bit of the largest weight below 1 of the first layer: it becomes huge, and
  /// stays finite.
  private static func flipped(_ model: FloatModel) -> Weights {
    var weights = model.weights
    for specification in model.graph.parameters where specification.role == .weight {
      guard var tensor = weights[specification.name] else { continue }
      let candidates = tensor.values.indices.filter { tensor.values[$0].magnitude < 1 }
      guard
        let victim = candidates.max(by: {
          tensor.values[$0].magnitude < tensor.values[$1].magnitude
        })
      else { continue }
      tensor.values[victim] = Float(bitPattern: tensor.values[victim].bitPattern ^ 1 << 30)
      weights[specification.name] = tensor
      break
    }
    return weights
  }
}

/// A workload with a planted fault.
package final class FaultyWorkload<Base: Workload>: Workload {
  private let base: Base
  private let fault: Fault
  /// Only for inputs that take longer: other faults must not change what else is allocated.
  private let state: UnsafeMutablePointer<qg_compute_state>?
  private var extraUnits: UInt64 = 0

  init(_ base: Base, fault: Fault) {
    self.base = base
    self.fault = fault
    if case .slowInputs = fault {
      state = .allocate(capacity: 1)
      qg_compute_prepare(state)
    } else {
      state = nil
    }
  }

  deinit {
    state?.deallocate()
  }

  package var inputSize: Int { base.inputSize }
  package var outputSize: Int { base.outputSize }
  package var arenaBytes: Int { base.arenaBytes }
  package var cacheBytes: Int { base.cacheBytes }
  package var packedWeightBytes: Int { base.packedWeightBytes }
  package var modelBytes: Int { base.modelBytes }
  package var referenceLayers: Int { base.referenceLayers }
  package var instructionSet: InstructionSet { base.instructionSet }

  /// Runs the base and misbehaves.
  package func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try base.run(input, examples: examples, into: output)
    switch fault {
    case .allocate:
      Self.escape(UnsafeMutableRawPointer.allocate(byteCount: 48, alignment: 8)).deallocate()
    case .leak(let bytes):
      _ = Self.escape(UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 8))
    case .slowInputs(let share, let extra):
      // With the first run, so that what this allocates belongs to the warm-up.
      if extraUnits == 0 { extraUnits = try calibrate(input, into: output, extra: extra) }
      guard Self.isChosen(input, share: share) else { return }
      _ = qg_compute(state, extraUnits)
    case .flipWeight, .crash, .hang, .exhaustMemory: break
    }
  }

  /// Runs the base; what misbehaves are whole windows, which are what is timed.
  package func run(
    _ window: UnsafeBufferPointer<Float>, filled: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    try base.run(window, filled: filled, into: output)
  }

  /// Shows what the base shows.
  package func observe(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    _ observe: (_ node: ObservedNode, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(EngineError) {
    try base.observe(input, into: output, observe)
  }

  /// Whether an input is one of the slow ones: decided by its content, so that it is the same input in
  /// every process.
  package static func isChosen(_ input: UnsafeBufferPointer<Float>, share: Double) -> Bool {
    // FNV-1a over bit patterns.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for value in input { hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01B3 }
    var generator = RepeatableGenerator(seed: hash)
    return Double(generator.next() >> 11) < share * 0x1p53
  }

  /// Units of arithmetic that take `extra` of a run's median.
  private func calibrate(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    extra: Double
  ) throws(EngineError) -> UInt64 {
    let input = UnsafeBufferPointer(rebasing: input.prefix(inputSize))
    let output = UnsafeMutableBufferPointer(rebasing: output.prefix(outputSize))
    var runs: [UInt32] = []
    var units: [UInt32] = []
    for _ in 0..<31 {
      let start = MonotonicClock.nanoseconds()
      try base.run(input, examples: 1, into: output)
      let between = MonotonicClock.nanoseconds()
      _ = qg_compute(state, 16)
      units.append(UInt32(clamping: MonotonicClock.nanoseconds() - between))
      runs.append(UInt32(clamping: between - start))
    }
    return UInt64(max(1, Median.of(runs) * extra * 16 / max(1, Median.of(units))))
  }

  /// Keeps the optimizer from removing an allocation that nothing uses.
  @inline(never)
  private static func escape(_ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    block.storeBytes(of: 1, as: UInt8.self)
    return block
  }
}
