public import NumberFormats

/// How a model's tensors are quantized; what a file in `Scenarios/schemes` describes.
public struct Scheme: Hashable, Sendable {
  /// The file's name without `.yaml`.
  public let name: String
  /// How weights are stored.
  public let weights: WeightScheme
  /// How values between nodes are stored.
  public let activations: ActivationScheme

  /// Creates a scheme. Both parts are fp32 or neither is: integer kernels multiply codes by codes.
  public init(name: String, weights: WeightScheme, activations: ActivationScheme) {
    precondition(
      (weights == .float32) == (activations == .float32), "half a scheme cannot be executed")
    self.name = name
    self.weights = weights
    self.activations = activations
  }

  /// The unquantized reference.
  public static let float32 = Scheme(
    name: "fp32", weights: .float32, activations: .float32)

  /// How ranges are observed, or `nil` when the scheme needs no calibration.
  public var observer: Observer? {
    if case .fixed(_, let observer) = activations { observer } else { nil }
  }
}

/// How weights are stored.
public enum WeightScheme: Hashable, Sendable {
  /// As they are.
  case float32
  /// As integers, rounded to the nearest code.
  case affine(AffineFormat, Grouping)
}

/// How values between nodes are stored.
public enum ActivationScheme: Hashable, Sendable {
  /// As they are.
  case float32
  /// As uint8 with one calibrated scale per value (`mode: static`).
  case fixed(symmetric: Bool, Observer)
  /// As fp32; quantized to uint8 for each product with one scale per example (`mode: dynamic`).
  case dynamic(symmetric: Bool)
}

/// What decides the range of a calibrated value.
public enum Observer: Hashable, Sendable, CustomStringConvertible {
  /// The smallest and the largest value seen.
  case minMax
  /// The values of rank ⌈percentile · count / 100⌉ from below and from above; (50, 100].
  case percentile(Double)

  /// As in scheme files, for example `percentile 99.99`.
  public var description: String {
    switch self {
    case .minMax: "min_max"
    case .percentile(let percentile): "percentile \(percentile)"
    }
  }
}
