public import Graphs
public import NumberFormats

/// How a model's tensors are quantized; what a file in `Scenarios/schemes` describes.
public struct Scheme: Hashable, Sendable {
  /// The file's name without `.yaml`.
  public let name: String
  /// How weights are stored.
  public let weights: WeightScheme
  /// How values between nodes are stored.
  public let activations: ActivationScheme
  /// How attention keeps keys and values.
  public let cache: CacheStorage
  /// How layers that choose experts are stored.
  public let routers: RouterScheme

  /// Creates a scheme. fp32 weights go with fp32 activations; encoded weights go with either, though
  /// kernels multiply codes by codes, or bf16 by fp32, and anything else runs on the reference path.
  public init(
    name: String, weights: WeightScheme, activations: ActivationScheme,
    cache: CacheStorage = .float32, routers: RouterScheme = .float32
  ) {
    precondition(
      weights != .float32 || activations == .float32, "rounded activations need rounded weights")
    self.name = name
    self.weights = weights
    self.activations = activations
    self.cache = cache
    self.routers = routers
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
  /// In a format that brings its own scales, or has none.
  case selfContained(SelfContainedFormat)
  /// Each in the format that its checkpoint holds it in.
  case asStored

  /// The name of `asStored` in scheme files.
  static let storedName = "stored"

  /// The number format's name.
  public var format: String {
    switch self {
    case .float32: Float32Format().name
    case .affine(let format, _): format.name
    case .selfContained(let format): format.name
    case .asStored: Self.storedName
    }
  }
}

/// How layers that choose experts (`Graph.isRouter`) are stored: they are small, and one that errs sends a token
/// through other weights altogether.
public enum RouterScheme: String, Hashable, Sendable, CaseIterable {
  /// As they are. Weights that stay as their checkpoint holds them do so in routers too.
  case float32 = "fp32"
  /// As all other weights.
  case quantized = "weights"
}

/// A number format that leaves nothing to choose: blocks with their own scales, or small floats.
public struct SelfContainedFormat: Hashable, Sendable {
  /// Encodes and decodes.
  public let format: any NumberFormat

  /// Wraps a format; names are unique, so they tell formats apart.
  public init(_ format: any NumberFormat) { self.format = format }

  /// The name in scheme files.
  public var name: String { format.name }

  /// Whether the names are equal.
  public static func == (left: Self, right: Self) -> Bool { left.name == right.name }

  /// Feeds the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
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
