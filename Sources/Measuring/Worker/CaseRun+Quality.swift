import Architectures
import CMath
import Checkpoints
import Datasets
import Digests
import Engines
import Execution
import Quantization
package import Results

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
    let classes = scheme.outputSize
    let set = materials.evaluation
    return QualityRecord(
      modelDigest: try modelDigest(), dataDigest: set.digest.description,
      calibrationDigest: materials.scheme.observer == nil
        ? nil : materials.calibration?.digest.description,
      outputDigest: Self.digest(of: outputs), modelBytes: scheme.modelBytes,
      labels: PackedIntegers(set.labels),
      predictions: PackedIntegers(Answers.predictions(outputs, classes: classes)),
      floatPredictions: PackedIntegers(Answers.predictions(floatOutputs, classes: classes)),
      slices: set.slices.mapValues(Answers.column),
      nonFiniteOutputs: outputs.count { !$0.isFinite },
      outputSQNR: isFloat ? nil : Answers.sqnr(outputs, reference: floatOutputs),
      calibrationCoverage: materials.calibration.map {
        sliceCoverage(calibration: $0, evaluation: set)
      } ?? [:])
  }

  private func modelDigest() throws(MeasuringError) -> String {
    do {
      return try materials.architecture.weights(root: job.root).digest.description
    } catch {
      throw .engine(.checkpoint(error))
    }
  }
}

/// What outputs say.
package enum Answers {
  /// The class of the largest output per example; the first of equals, and never a NaN unless all are.
  package static func predictions(_ outputs: [Float], classes: Int) -> [Int] {
    stride(from: 0, to: outputs.count, by: classes).map { start in
      var best = 0
      for candidate in 1..<max(classes, 1) {
        let (value, champion) = (outputs[start + candidate], outputs[start + best])
        if value > champion || (champion.isNaN && !value.isNaN) { best = candidate }
      }
      return best
    }
  }

  /// 10 · log₁₀ of the reference's power over the difference's, in double precision, in order; `nil` when
  /// there is no difference, no signal, or no finite answer.
  package static func sqnr(_ outputs: [Float], reference: [Float]) -> Double? {
    var signal = 0.0
    var noise = 0.0
    for (output, wanted) in zip(outputs, reference) {
      let difference = Double(output) - Double(wanted)
      signal += Double(wanted) * Double(wanted)
      noise += difference * difference
    }
    guard noise > 0, signal > 0, noise.isFinite, signal.isFinite else { return nil }
    return 10 * cm_log(signal / noise) / cm_log(10)
  }

  /// One slice key's values as indices into its distinct values.
  package static func column(_ values: [String]) -> SliceColumn {
    let distinct = Set(values).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(distinct, 0...))
    return SliceColumn(
      values: distinct, members: PackedIntegers(values.compactMap { places[$0] }))
  }
}
