/// The block formats of GGUF files, named as ggml names them.
///
/// Every number is little-endian. Codes are those of ggml's reference quantizers without an importance
/// matrix: each product and sum is rounded to fp32 on its own, in ascending order of elements.
///
/// `errorBound(scale:)` takes the step of symmetric `bits`-bit integers over the block: its largest
/// magnitude / (2^(bits−1) − 1).
public enum GGUF {
  /// Elements of a superblock.
  static let superblock = 256

  /// The largest finite half-precision number.
  static let largestHalf: Float = 65_504

  /// Where half-precision scales are exact to 2⁻¹¹, and how far off they are below that.
  static let halfPrecision: Float = 0x1p-11
  static let halfSpacing: Float = 0x1p-25

  /// The largest magnitude of a block, from the scale given to `errorBound(scale:)`.
  static func magnitude(scale: Float, bits: Int) -> Float {
    scale * Float((1 << (bits - 1)) - 1)
  }

  /// The first value of largest magnitude, with its sign; 0 when all are 0.
  static func extreme(_ values: Span<Float>) -> Float {
    var found = Float(0)
    for index in values.indices where abs(values[index]) > abs(found) {
      found = values[index]
    }
    return found
  }

  /// 1 / step, or 0 where that is not finite: such a step is stored as zero, so codes mean nothing.
  static func reciprocal(_ step: Float) -> Float {
    let inverse = 1 / step
    return inverse.isFinite ? inverse : 0
  }

  /// The nearest integer, ties to even, for |value| < 2²²; elsewhere what the low mantissa bits say,
  /// as in ggml, so that a search may stray without a trap.
  static func nearest(_ value: Float) -> Int {
    Int((value + 0x1.8p23).bitPattern & 0x7F_FFFF) - 0x40_0000
  }

  /// The nearest integer within `range`.
  static func nearest(_ value: Float, in range: ClosedRange<Int>) -> Int {
    min(max(nearest(value), range.lowerBound), range.upperBound)
  }

  /// Truncates a number that rounding may have pushed just outside 0…top.
  static func truncated(_ value: Float, top: Float) -> UInt8 {
    UInt8(min(max(value, 0), top))
  }

  /// Refuses values that ask for a scale far beyond half precision, where sums of a search overflow.
  ///
  /// - Parameter codes: How far the largest code is from zero.
  static func requireSearchable(_ values: Span<Float>, codes: Float) throws(BlockFault) {
    let magnitude = abs(extreme(values))
    if magnitude > 0x1p34 {
      throw .scaleOverflow(scale: magnitude / codes, largest: largestHalf)
    }
  }
}
