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
  /// What one inference is, for a model over sequences.
  public let work: SequenceWork?
  /// How it is quantized.
  public let scheme: Scheme
  /// Examples that ranges are observed on; `nil` for schemes that need none.
  public let calibration: ExampleSet?
  /// Examples that are scored and timed.
  public let evaluation: ExampleSet

  /// Creates materials.
  public init(
    planDigest: String, architecture: Architecture, weightsPath: String?,
    work: SequenceWork? = nil, scheme: Scheme, calibration: ExampleSet?, evaluation: ExampleSet
  ) {
    self.planDigest = planDigest
    self.architecture = architecture
    self.weightsPath = weightsPath
    self.work = work
    self.scheme = scheme
    self.calibration = calibration
    self.evaluation = evaluation
  }

  /// Whether every token of a window gets scores of the next one.
  package var predictsTokens: Bool {
    if case .nextToken? = architecture.transformer?.output { true } else { false }
  }

  /// Refuses sets that do not fit the model.
  package func validate() throws(MeasuringError) {
    for (what, set) in [("calibration", calibration), ("evaluation", evaluation)] {
      guard let set else { continue }
      guard set.count > 0 else {
        throw .examples(what: what, expected: "at least one example", found: "none")
      }
      if let shape = architecture.transformer {
        try Self.validate(what, set, shape)
      } else {
        try validate(what, set)
      }
    }
  }

  private func validate(_ what: String, _ set: ExampleSet) throws(MeasuringError) {
    let expected = architecture.inputShape
    guard set.inputShape == expected else {
      throw .examples(
        what: what, expected: "inputs of shape \(expected)", found: "\(set.inputShape)")
    }
    let classes = architecture.classCount
    if let label = set.labels.first(where: { !(0..<classes).contains($0) }) {
      throw .examples(what: what, expected: "labels in 0..<\(classes)", found: "\(label)")
    }
  }

  private static func validate(
    _ what: String, _ set: ExampleSet, _ shape: TransformerShape
  ) throws(MeasuringError) {
    guard set.target.vocabulary != nil, set.inputSize <= shape.context else {
      throw .examples(
        what: what, expected: "windows of at most \(shape.context) token ids",
        found: "\(set.inputShape)")
    }
    if let id = set.inputs.first(where: { !(0..<Float(shape.vocabulary)).contains($0) }) {
      throw .examples(
        what: what, expected: "token ids in 0..<\(shape.vocabulary)", found: "\(id)")
    }
  }
}
