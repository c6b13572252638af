/// What the scores of classes say beyond the class they name, for a scheme and its float run on the same
/// examples; over all of them and per slice.
public struct ScoreRecord: Hashable, Sendable, Codable {
  /// Over all examples.
  public let all: ScoreComparison
  /// By slice key and value; only values that have examples.
  public let slices: [String: [String: ScoreComparison]]

  /// Creates a record.
  public init(all: ScoreComparison, slices: [String: [String: ScoreComparison]]) {
    self.all = all
    self.slices = slices
  }
}

/// The same numbers of a scheme and of its float run.
public struct ScoreComparison: Hashable, Sendable, Codable {
  /// Examples they are about.
  public let examples: Int
  /// The scheme's.
  public let own: ClassScores
  /// The float run's.
  public let float: ClassScores

  /// Creates a pair.
  public init(examples: Int, own: ClassScores, float: ClassScores) {
    self.examples = examples
    self.own = own
    self.float = float
  }
}

/// Numbers that need the scores of all classes.
public struct ClassScores: Hashable, Sendable, Codable {
  /// Share of examples whose label is among the five highest scores, the lower index first among equals;
  /// absent with five classes or fewer.
  public let top5: Double?
  /// Mean over classes of the area under the receiver operating characteristic of that class against the
  /// rest: the chance that an example of the class has a higher probability of it than another example,
  /// ties counted half (Mann–Whitney). Classes without examples, or with all of them, are left out; absent
  /// when none is left.
  public let auc: Double?
  /// Mean over examples of the sum over classes of (p − [is the label])² (Brier, 1950): 0 to 2.
  public let brier: Double
  /// Expected calibration error: examples are put into fifteen bins of equal width by the probability of
  /// the predicted class; the mean over examples of |accuracy − mean probability| of their bin (Guo et al.,
  /// "On calibration of modern neural networks", ICML 2017).
  public let calibrationError: Double

  /// Creates numbers.
  public init(top5: Double?, auc: Double?, brier: Double, calibrationError: Double) {
    self.top5 = top5
    self.auc = auc
    self.brier = brier
    self.calibrationError = calibrationError
  }

  private enum CodingKeys: String, CodingKey {
    case top5
    case auc
    case brier
    case calibrationError = "calibration_error"
  }
}

/// Errors where examples have numbers to come near to.
public struct TargetRecord: Hashable, Sendable, Codable {
  /// Mean over an example's numbers of the squared distance from its targets.
  public let errors: [Double]
  /// The float run's.
  public let floatErrors: [Double]

  /// Creates a record.
  public init(errors: [Double], floatErrors: [Double]) {
    self.errors = errors
    self.floatErrors = floatErrors
  }

  private enum CodingKeys: String, CodingKey {
    case errors
    case floatErrors = "float_errors"
  }
}

/// How one layer's results agree with the float run's on the same inputs: what quantization did up to and
/// including it.
public struct LayerFidelity: Hashable, Sendable, Codable {
  /// The layer.
  public let name: String
  /// Its operator.
  public let operation: String
  /// Signal-to-quantization-noise ratio in dB; absent when the results are identical or all zero.
  public let sqnr: Double?
  /// Of result vectors, example by example or token by token.
  public let cosine: CosineSummary
  /// Elements of the results.
  public let elements: Int
  /// Those whose float value lies beyond what the scheme's codes can hold, or is not a number.
  public let saturated: Int

  /// Share of the results that saturate.
  public var saturation: Double { elements == 0 ? 0 : Double(saturated) / Double(elements) }

  /// Creates a comparison.
  public init(
    name: String, operation: String, sqnr: Double?, cosine: CosineSummary, elements: Int,
    saturated: Int
  ) {
    self.name = name
    self.operation = operation
    self.sqnr = sqnr
    self.cosine = cosine
    self.elements = elements
    self.saturated = saturated
  }
}
