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
    _ model: QuantizedModel, options: ExecutionOptions, sequences: SequenceWindows?
  ) throws(EngineError) -> NativeWorkload {
    var options = options
    options.sequences = sequences.map { SequenceWorkload.room($0.work, tokens: $0.tokens) }
    do {
      return NativeWorkload(
        executor: try Executor(model, options: options), sequences: sequences,
        modelBytes: model.modelBytes, referenceLayers: model.referenceNodes.count)
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
      if float.graph.isSequence {
        try observeSequences(float, calibration, &observations)
      } else {
        try observeExamples(float, calibration, &observations)
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

  private func observeExamples(
    _ model: QuantizedModel, _ calibration: CalibrationInputs, _ observations: inout Calibration
  ) throws(ExecutionError) {
    var executor = try Executor(model, options: ExecutionOptions(maximumBatch: 1))
    let inputSize = model.graph.inputShape.elementCount
    var output = [Float](repeating: 0, count: model.graph.outputShape.elementCount)
    for index in 0..<calibration.count {
      let input = calibration.values.span.extracting(index * inputSize..<(index + 1) * inputSize)
      var result = output.mutableSpan
      try executor.run(input, examples: 1, into: &result) { node, _, values in
        observations.observe(node: node, values: values)
      }
    }
  }

  /// Every example is a window of tokens, run whole.
  private func observeSequences(
    _ model: QuantizedModel, _ calibration: CalibrationInputs, _ observations: inout Calibration
  ) throws(ExecutionError) {
    let tokens = calibration.values.count / calibration.count
    let room = SequenceOptions(context: tokens, tokens: tokens, outputs: .last)
    var executor = try Executor(model, options: ExecutionOptions(sequences: room))
    var output = [Float](repeating: 0, count: model.graph.outputShape.elementCount)
    let whole = [SequencePart(position: 0, tokens: tokens)]
    for index in 0..<calibration.count {
      let input = calibration.values.span.extracting(index * tokens..<(index + 1) * tokens)
      var result = output.mutableSpan
      try executor.run(input, parts: whole, into: &result) { node, _, values in
        observations.observe(node: node, values: values)
      }
    }
  }
}
