import Architectures
import Checkpoints
import Datasets
import Digests
import Engines
import Evaluation
import Execution
import Quantization
import Results

extension CaseRun {
  /// Runs scheme and float twin over every evaluation example.
  func quality() throws(MeasuringError) -> QualityRecord {
    let batch = 32
    let options = ExecutionOptions(maximumBatch: batch)
    reporter.enter(.load)
    let model = try load()
    reporter.enter(.quantize)
    let scheme = try prepare(model, scheme: materials.scheme, options: options)
    reporter.enter(.outputs)
    let outputs = try outputs(of: scheme, batch: batch)
    var floatOutputs = outputs
    if !isFloat {
      let twin = try prepare(model, scheme: .float32, options: options)
      floatOutputs = try self.outputs(of: twin, batch: batch)
    }
    let set = materials.evaluation
    var accumulator = QualityAccumulator(classCount: scheme.outputSize, expected: set.count)
    accumulator.add(outputs: outputs.span, floatOutputs: floatOutputs.span, firstIndex: 0)
    return accumulator.finish(
      labels: set.labels, slices: set.slices,
      context: QualityAccumulator.Context(
        model: try modelDigest(), data: set.digest, calibration: materials.calibration?.digest,
        modelBytes: scheme.modelBytes, referenceLayers: scheme.referenceLayers,
        calibrationCoverage: materials.calibration.map {
          sliceCoverage(calibration: $0, evaluation: set)
        } ?? [:]))
  }

  private func modelDigest() throws(MeasuringError) -> Digest {
    do {
      return try materials.architecture.readWeights(at: materials.weightsPath).digest
    } catch {
      throw .engine(.checkpoint(error))
    }
  }
}
