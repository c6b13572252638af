/// Affine quantization of one group of numbers: `value = (code − zeroPoint) · scale`.
public struct AffineParameters: Hashable, Sendable, Codable {
  /// Width of one step; positive and finite.
  public let scale: Float
  /// The code that stands for 0.
  public let zeroPoint: Int32

  /// Creates parameters.
  public init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

/// What shares one scale in a weight matrix `[rows, columns]`.
public enum Granularity: Hashable, Sendable {
  /// The whole matrix.
  case tensor
  /// Each row (output channel).
  case channel
  /// Each run of so many consecutive columns of a row; the last run of a row may be shorter.
  case group(Int)
}
