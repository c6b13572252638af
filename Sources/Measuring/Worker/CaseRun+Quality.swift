import Architectures
import Checkpoints
import Datasets
import Digests
import Engines
import Evaluation
import Execution
import Graphs
import Quantization
import Results

extension CaseRun {
  /// Runs scheme and float twin over every evaluation example.
  func quality() throws(MeasuringError) -> QualityRecord {
    let options = ExecutionOptions(maximumBatch: Self.qualityBatch)
    reporter.enter(.load)
    let model = try load()
    reporter.enter(.quantize)
    let scheme = try prepare(model, scheme: materials.scheme, options: options)
    let twin = isFloat ? nil : try prepare(model, scheme: .float32, options: options)
    reporter.enter(.outputs)
    let context = try context(of: scheme)
    if materials.predictsTokens { return try tokenQuality(scheme, twin: twin, context) }
    return try exampleQuality(scheme, twin: twin, context)
  }

  private static var qualityBatch: Int { 32 }

  private func context(of scheme: E.Running) throws(MeasuringError) -> QualityAccumulator.Context {
    let set = materials.evaluation
    return QualityAccumulator.Context(
      model: try modelDigest(), data: set.digest, calibration: materials.calibration?.digest,
      modelBytes: scheme.modelBytes, referenceLayers: scheme.referenceLayers,
      calibrationCoverage: materials.calibration.map {
        sliceCoverage(calibration: $0, evaluation: set)
      } ?? [:])
  }

  private func exampleQuality(
    _ scheme: E.Running, twin: E.Running?, _ context: QualityAccumulator.Context
  ) throws(MeasuringError) -> QualityRecord {
    let set = materials.evaluation
    let outputs = try outputs(of: scheme, batch: Self.qualityBatch)
    var floatOutputs = outputs
    if let twin { floatOutputs = try self.outputs(of: twin, batch: Self.qualityBatch) }
    var accumulator = QualityAccumulator(classCount: scheme.outputSize, expected: set.count)
    accumulator.add(outputs: outputs.span, floatOutputs: floatOutputs.span, firstIndex: 0)
    let layers = try self.layers(of: scheme, twin)
    switch set.target {
    case .classes, .tokenClasses:
      let scale: ClassProbabilities.Scale =
        materials.architecture.graph.nodes.last?.operation == .softmax ? .probabilities : .logits
      let scores = ScoreEvaluation.record(
        ClassProbabilities(outputs.span, classes: scheme.outputSize, scale: scale),
        float: ClassProbabilities(floatOutputs.span, classes: scheme.outputSize, scale: scale),
        labels: set.labels, slices: set.slices)
      return accumulator.finish(
        labels: set.labels, slices: set.slices, context: context, scores: scores, layers: layers)
    case .vector:
      accumulator.add(
        outputs: outputs.span, floatOutputs: floatOutputs.span, targets: set.targets.span)
      return accumulator.finish(
        labels: nil, slices: set.slices, context: context, layers: layers)
    case .nextToken, .none:
      return accumulator.finish(
        labels: nil, slices: set.slices, context: context, layers: layers)
    }
  }

  /// Examples whose layers are compared; results of a layer can be large.
  private static var layeredExamples: Int { 16 }

  /// Every weighted layer and attention against the float twin, over the first examples; `nil` for the float
  /// run itself.
  private func layers(
    of scheme: E.Running, _ twin: E.Running?
  ) throws(MeasuringError) -> [LayerFidelity]? {
    guard let twin else { return nil }
    let set = materials.evaluation
    let inputs = FixedMemory(set.inputs)
    let output = FixedMemory<Float>(repeating: 0, count: scheme.outputSize)
    var comparison = LayerComparison()
    for example in 0..<min(set.count, Self.layeredExamples) {
      let input = UnsafeBufferPointer(
        rebasing: inputs.readOnly[example * set.inputSize..<(example + 1) * set.inputSize])
      var exact: [String: (node: Node, rows: [[Float]])] = [:]
      do {
        try twin.observe(input, into: output.elements) { observed, _, values in
          let node = observed.node
          guard node.isCompared else { return }
          exact[node.name, default: (node, [])].rows.append(
            values.withUnsafeBufferPointer { Array($0) })
        }
        try scheme.observe(input, into: output.elements) { observed, row, values in
          let node = observed.node
          guard let float = exact[node.name], float.node.fusedActivation == node.fusedActivation,
            row < float.rows.count, float.rows[row].count == values.count
          else { return }
          let expected = float.rows[row]
          comparison.add(
            layer: node.name, operation: node.operation.name, values: values,
            float: expected.span, range: observed.range)
        }
      } catch {
        throw .engine(error)
      }
    }
    return comparison.summary
  }

  /// One window at a time: scores of a whole set would fill the memory.
  private func tokenQuality(
    _ scheme: E.Running, twin: E.Running?, _ context: QualityAccumulator.Context
  ) throws(MeasuringError) -> QualityRecord {
    let set = materials.evaluation
    let inputs = FixedMemory(set.inputs)
    let size = set.inputSize
    let outputs = FixedMemory<Float>(repeating: 0, count: scheme.outputSize)
    let floatOutputs = FixedMemory<Float>(repeating: 0, count: scheme.outputSize)
    var accumulator = TokenAccumulator(
      vocabulary: scheme.outputSize / size,
      truth: set.target.hasClasses || set.target.isNone ? .floatRun : .nextToken)
    for example in 0..<set.count {
      let window = UnsafeBufferPointer(
        rebasing: inputs.readOnly[example * size..<(example + 1) * size])
      do {
        try scheme.run(window, examples: 1, into: outputs.elements)
        try twin?.run(window, examples: 1, into: floatOutputs.elements)
      } catch {
        throw .engine(error)
      }
      let reference = twin == nil ? outputs.readOnly : floatOutputs.readOnly
      let extent = set.windows.isEmpty ? TokenWindow.full(size) : set.windows[example]
      accumulator.add(
        window: window.span, filled: extent.filled, targets: extent.scored,
        outputs: outputs.readOnly.span, floatOutputs: reference.span)
    }
    let layers = try self.layers(of: scheme, twin)
    return accumulator.finish(slices: set.slices, context: context, layers: layers)
  }

  private func modelDigest() throws(MeasuringError) -> Digest {
    do {
      return try materials.architecture.readWeights(at: materials.weightsPath).digest
    } catch {
      throw .engine(.checkpoint(error))
    }
  }
}

extension Node {
  /// Whether its result shows what quantization does: weights, products of activations, or what
  /// experts agree on.
  fileprivate var isCompared: Bool {
    switch operation {
    case .attention, .mixture: true
    default: operation.hasWeight
    }
  }
}
