import Architectures
import Datasets
import Digests
import Measuring
import Quantization
import Scenarios

extension Scenario {
  /// The examples that ranges are observed on; `nil` where the scenario names none.
  func calibrationExamples() throws(DatasetError) -> ExampleSet? {
    guard let calibrate = data.calibrate else { return nil }
    return try data.dataset.load(calibrate.split, count: calibrate.samples)
      .keeping(slices: data.slices)
  }

  /// The examples that are scored and timed.
  func evaluationExamples() throws(DatasetError) -> ExampleSet {
    try data.dataset.load(data.evaluate.split, count: data.evaluate.samples)
      .keeping(slices: data.slices)
  }
}

extension PlannedCase {
  /// Everything a worker needs, in memory.
  ///
  /// - Parameter root: The repository's folder.
  func materials(root: String) throws -> CaseMaterials {
    let needsCalibration = scheme.observer != nil
    return CaseMaterials(
      planDigest: digest.description, architecture: architecture,
      weightsPath: try architecture.weightsPath(root: root), work: scenario.work(of: architecture),
      scheme: scheme,
      calibration: needsCalibration ? try scenario.calibrationExamples() : nil,
      evaluation: try scenario.evaluationExamples())
  }
}
