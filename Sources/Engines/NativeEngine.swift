public import Architectures
import Checkpoints
public import Execution
public import Graphs
public import Quantization

/// QuantGate's own engine: the operator graph, quantized by `Quantization` and run by `Execution`.
public struct NativeEngine: Engine {
  /// `native`.
  public let name = "native"

  /// Creates the engine.
  public init() {}

  /// Reads an architecture's trained weights, whose place has been checked.
  public func load(
    _ architecture: Architecture, weightsAt path: String?
  ) throws(EngineError) -> FloatModel {
    let weights: Weights
    do {
      weights = try architecture.readWeights(at: path)
    } catch {
      throw .checkpoint(error)
    }
    do {
      return try FloatModel(graph: architecture.graph, weights: weights)
    } catch {
      throw .quantization(error)
    }
  }

  /// Applies a scheme; observes ranges on the model's own float run where the scheme is static.
  public func quantize(
    _ model: FloatModel, scheme: Scheme, calibration: CalibrationInputs
  ) throws(EngineError) -> QuantizedModel {
    let ranges = try scheme.observer.map { (observer) throws(EngineError) in
      guard calibration.count > 0 else { throw EngineError.noCalibration(scheme: scheme.name) }
      return try self.ranges(of: model, observer: observer, calibration: calibration)
    }
    do {
      return try Quantization.quantize(model, scheme: scheme, ranges: ranges)
    } catch {
      throw .quantization(error)
    }
  }

  /// Packs weights, places buffers, starts threads.
  public func compile(
    _ model: QuantizedModel, options: ExecutionOptions
  ) throws(EngineError) -> NativeWorkload {
    do {
      return NativeWorkload(
        executor: try Executor(model, options: options), modelBytes: model.modelBytes,
        referenceLayers: model.referenceNodes.count)
    } catch {
      throw .execution(error)
    }
  }

  /// Runs the calibration inputs through the float model, one at a time, and watches every value.
  private func ranges(
    of model: FloatModel, observer: Observer, calibration: CalibrationInputs
  ) throws(EngineError) -> CalibratedRanges {
    let prepared: FloatModel
    let float: QuantizedModel
    do {
      prepared = try model.prepared()
      float = try Quantization.quantize(model, scheme: .float32)
    } catch {
      throw .quantization(error)
    }
    var observations = Calibration(graph: prepared.graph, observer: observer)
    do {
      var executor = try Executor(float, options: ExecutionOptions(maximumBatch: 1))
      let inputSize = float.graph.inputShape.elementCount
      var output = [Float](repeating: 0, count: float.graph.outputShape.elementCount)
      for index in 0..<calibration.count {
        let input = calibration.values.span.extracting(
          index * inputSize..<(index + 1) * inputSize)
        var result = output.mutableSpan
        try executor.run(input, examples: 1, into: &result) { node, _, values in
          observations.observe(node: node, values: values)
        }
      }
    } catch {
      throw .execution(error)
    }
    do {
      return try observations.finish()
    } catch {
      throw .quantization(error)
    }
  }
}

/// A compiled model of the native engine.
public final class NativeWorkload: Workload {
  private var executor: Executor
  /// Bytes of the parameters as a checkpoint stores them.
  public let modelBytes: Int
  /// How many layers run on the reference path.
  public let referenceLayers: Int

  init(executor: consuming Executor, modelBytes: Int, referenceLayers: Int) {
    self.executor = executor
    self.modelBytes = modelBytes
    self.referenceLayers = referenceLayers
  }

  /// Elements of one input.
  public var inputSize: Int { executor.graph.inputShape.elementCount }
  /// Elements of one output.
  public var outputSize: Int { executor.graph.outputShape.elementCount }
  /// Bytes of activations and scratch at the largest batch.
  public var arenaBytes: Int { executor.arenaBytes }
  /// Bytes of the weights as execution reads them.
  public var packedWeightBytes: Int { executor.packedWeightBytes }
  /// The instruction set that runs.
  public var instructionSet: InstructionSet { executor.instructionSet }
  /// The steps in the order of execution.
  public var plan: [PlanStep] { executor.plan }

  /// Runs one batch; allocates nothing.
  public func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    do {
      try executor.run(input, examples: examples, into: output)
    } catch {
      throw .execution(error)
    }
  }
}
