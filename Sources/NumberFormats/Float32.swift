/// IEEE 754 single precision: the reference that other formats are compared with.
public struct Float32Format: NumberFormat, Hashable {
  /// Creates the format.
  public init() {}

  /// `fp32`.
  public var name: String { "fp32" }
  /// 32.
  public var bits: Int { 32 }
  /// No rounding: values are stored as they are.
  public var rounding: Rounding { .exact }
  /// The standard that defines it.
  public var source: String { "IEEE 754-2019, binary32" }

  /// 32: nothing is shared.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double { 32 }

  /// 0.
  public func errorBound(scale: Float) -> Float { 0 }

  /// The matrix's own values.
  ///
  /// - Throws: `FormatError` for NaN or an infinity.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try matrix.requireFinite()
    return matrix.values
  }
}
