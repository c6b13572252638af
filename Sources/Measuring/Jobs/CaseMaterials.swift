public import Architectures
public import Datasets
import Graphs
public import Quantization

/// A case as a worker resolved it from its scenario: everything in memory, nothing measured yet.
public struct CaseMaterials: Sendable {
  /// The digest of the resolved case.
  public let planDigest: String
  /// The model.
  public let architecture: Architecture
  /// The file of its weights; `nil` where they are generated.
  public let weightsPath: String?
  /// How it is quantized.
  public let scheme: Scheme
  /// Examples that ranges are observed on; `nil` for schemes that need none.
  public let calibration: ExampleSet?
  /// Examples that are scored and timed.
  public let evaluation: ExampleSet

  /// Creates materials.
  public init(
    planDigest: String, architecture: Architecture, weightsPath: String?, scheme: Scheme,
    calibration: ExampleSet?, evaluation: ExampleSet
  ) {
    self.planDigest = planDigest
    self.architecture = architecture
    self.weightsPath = weightsPath
    self.scheme = scheme
    self.calibration = calibration
    self.evaluation = evaluation
  }

  /// Refuses sets that do not fit the model.
  package func validate() throws(MeasuringError) {
    let expected = architecture.graph.inputShape.dimensions
    for (what, set) in [("calibration", calibration), ("evaluation", evaluation)] {
      guard let set else { continue }
      guard set.count > 0 else {
        throw .examples(what: what, expected: "at least one example", found: "none")
      }
      guard set.inputShape == expected else {
        throw .examples(
          what: what, expected: "inputs of shape \(expected)", found: "\(set.inputShape)")
      }
      let classes = architecture.classCount
      if let label = set.labels.first(where: { !(0..<classes).contains($0) }) {
        throw .examples(what: what, expected: "labels in 0..<\(classes)", found: "\(label)")
      }
    }
  }
}
