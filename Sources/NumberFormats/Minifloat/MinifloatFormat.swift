/// Weights stored one by one in a small floating-point type, without a scale.
public struct MinifloatFormat: NumberFormat, Hashable {
  /// What becomes of weights that round to more than the largest number.
  public enum OutOfRange: Hashable, Sendable {
    /// `FormatError.outOfRange`.
    case refuse
    /// The largest number of their sign.
    case saturate
  }

  /// The name in scheme files.
  public let name: String
  /// The type of one weight.
  public let element: Minifloat
  /// What becomes of weights beyond the range.
  public let outOfRange: OutOfRange

  /// Creates a format; `element` must have a sign and a zero, as weights do.
  public init(name: String, element: Minifloat, outOfRange: OutOfRange = .refuse) {
    precondition(element.signed && element.hasZero, "weights have signs and zeros")
    self.name = name
    self.element = element
    self.outOfRange = outOfRange
  }

  /// bf16, weights beyond 3.39e38 refused.
  public static let bf16 = MinifloatFormat(name: "bf16", element: .bf16)
  /// IEEE half precision, weights beyond 65504 refused.
  public static let f16 = MinifloatFormat(name: "f16", element: .f16)
  /// FP8 e4m3, weights beyond 448 refused.
  public static let e4m3 = MinifloatFormat(name: "fp8-e4m3", element: .e4m3fn)
  /// FP8 e5m2, weights beyond 57344 refused.
  public static let e5m2 = MinifloatFormat(name: "fp8-e5m2", element: .e5m2)
  /// FP6 e2m3, weights beyond 7.5 refused.
  public static let e2m3 = MinifloatFormat(name: "fp6-e2m3", element: .e2m3fn)
  /// FP6 e3m2, weights beyond 28 refused.
  public static let e3m2 = MinifloatFormat(name: "fp6-e3m2", element: .e3m2fn)
  /// FP4 e2m1, weights beyond 6 refused.
  public static let e2m1 = MinifloatFormat(name: "fp4-e2m1", element: .e2m1fn)

  /// All of them, widest first.
  public static let all = [bf16, f16, e4m3, e5m2, e2m3, e3m2, e2m1]

  /// The element's bits.
  public var bits: Int { element.bits }
  /// Half to even.
  public var rounding: Rounding { .halfToEven }
  /// The element's definition.
  public var source: String { element.source }

  /// The element's bits: nothing is shared.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double { Double(bits) }

  /// Half the gap at the largest magnitude that symmetric `bits`-bit integers of this step would hold:
  /// scale · (2^(bits−1) − 1). `Minifloat.errorBound(at:)` is the sharp bound of one weight.
  public func errorBound(scale: Float) -> Float {
    element.errorBound(at: min(scale * Float((1 << (bits - 1)) - 1), element.largest))
  }

  /// The codes of a matrix, row-major, one each.
  ///
  /// - Throws: `FormatError.notFinite`, or `.outOfRange` unless the format saturates.
  public func encode(_ matrix: FloatMatrix) throws(FormatError) -> [UInt16] {
    try matrix.requireFinite()
    var codes: [UInt16] = []
    codes.reserveCapacity(matrix.values.count)
    for (index, value) in matrix.values.enumerated() {
      guard outOfRange == .refuse else {
        codes.append(element.encode(value, overflow: .saturate))
        continue
      }
      guard let code = element.encode(inRange: value) else {
        throw .outOfRange(
          tensor: matrix.name, index: index, format: name, value: value, largest: element.largest)
      }
      codes.append(code)
    }
    return codes
  }

  /// The numbers that codes stand for.
  public func decode(_ codes: [UInt16]) -> [Float] { codes.map(element.decode) }

  /// decode(encode(matrix)), row-major.
  ///
  /// - Throws: What `encode` throws.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    decode(try encode(matrix))
  }
}
