/// What a model answered on the evaluation examples, beside its own float run. The same on every
/// machine.
public struct QualityRecord: Hashable, Sendable, Codable {
  /// SHA-256 of the trained weights.
  public let modelDigest: String
  /// SHA-256 of the evaluation examples, in order.
  public let dataDigest: String
  /// SHA-256 of the calibration examples; `nil` for schemes that need none.
  public let calibrationDigest: String?
  /// SHA-256 of every output element's bit pattern, in order.
  public let outputDigest: String
  /// Bytes of the parameters as a checkpoint stores them.
  public let modelBytes: Int
  /// Layers that were decoded to fp32 and computed there; absent when there are none.
  public let referenceLayers: Int?
  /// Class index per example.
  public let labels: PackedIntegers
  /// The class this scheme predicts, per example.
  public let predictions: PackedIntegers
  /// The class the float run predicts, per example.
  public let floatPredictions: PackedIntegers
  /// Slice membership: per key, the value names and for each example an index into them.
  public let slices: [String: SliceColumn]
  /// Output elements that are NaN or infinite.
  public let nonFiniteOutputs: Int
  /// Signal-to-quantization-noise ratio of the outputs against the float run, in dB; `nil` for the
  /// float run itself and when the outputs are identical.
  public let outputSQNR: Double?
  /// How the directions of outputs, vector by vector, agree with the float run's; absent in records of
  /// older versions.
  public let outputCosine: CosineSummary?
  /// Share of calibration examples per slice value; a value the calibration set lacks is listed with 0.
  public let calibrationCoverage: [String: [String: Int]]
  /// Predictions of the next token, where examples are windows of tokens; then labels, predictions and
  /// slices are those of every scored place, window after window.
  public let tokens: TokenRecord?
  /// What the scores of classes say, where examples have classes.
  public let scores: ScoreRecord?
  /// Errors, where examples have numbers to come near to; then the float run's predictions serve as labels.
  public let targets: TargetRecord?
  /// Layer by layer in order of execution, over the first examples; absent for the float run.
  public let layers: [LayerFidelity]?

  /// Creates a record.
  public init(
    modelDigest: String, dataDigest: String, calibrationDigest: String?, outputDigest: String,
    modelBytes: Int, referenceLayers: Int? = nil, labels: PackedIntegers,
    predictions: PackedIntegers, floatPredictions: PackedIntegers, slices: [String: SliceColumn],
    nonFiniteOutputs: Int,
    outputSQNR: Double?, outputCosine: CosineSummary? = nil,
    calibrationCoverage: [String: [String: Int]], tokens: TokenRecord? = nil,
    scores: ScoreRecord? = nil, targets: TargetRecord? = nil, layers: [LayerFidelity]? = nil
  ) {
    self.modelDigest = modelDigest
    self.dataDigest = dataDigest
    self.calibrationDigest = calibrationDigest
    self.outputDigest = outputDigest
    self.modelBytes = modelBytes
    self.referenceLayers = referenceLayers
    self.labels = labels
    self.predictions = predictions
    self.floatPredictions = floatPredictions
    self.slices = slices
    self.nonFiniteOutputs = nonFiniteOutputs
    self.outputSQNR = outputSQNR
    self.outputCosine = outputCosine
    self.calibrationCoverage = calibrationCoverage
    self.tokens = tokens
    self.scores = scores
    self.targets = targets
    self.layers = layers
  }

  private enum CodingKeys: String, CodingKey {
    case modelDigest = "model_digest"
    case dataDigest = "data_digest"
    case calibrationDigest = "calibration_digest"
    case outputDigest = "output_digest"
    case modelBytes = "model_bytes"
    case referenceLayers = "reference_layers"
    case labels
    case predictions
    case floatPredictions = "float_predictions"
    case slices
    case nonFiniteOutputs = "non_finite_outputs"
    case outputSQNR = "output_sqnr"
    case outputCosine = "output_cosine"
    case calibrationCoverage = "calibration_coverage"
    case tokens
    case scores
    case targets
    case layers
  }
}

/// Cosines between output vectors and the float run's.
public struct CosineSummary: Hashable, Sendable, Codable {
  /// Over all vectors.
  public let mean: Double
  /// Of the vector that is furthest away.
  public let smallest: Double

  /// Creates a summary.
  public init(mean: Double, smallest: Double) {
    self.mean = mean
    self.smallest = smallest
  }
}

/// One slice key's value for every example.
public struct SliceColumn: Hashable, Sendable, Codable {
  /// The distinct values, sorted.
  public let values: [String]
  /// Index into `values` per example.
  public let members: PackedIntegers

  /// Creates a column.
  public init(values: [String], members: PackedIntegers) {
    self.values = values
    self.members = members
  }
}
