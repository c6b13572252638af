/// IEEE 754 single precision: the reference that other formats are compared with.
public struct Float32Format: NumberFormat, Hashable {
  /// Creates the format.
  public init() {}

  public var name: String { "fp32" }
  public var bits: Int { 32 }
  public var rounding: Rounding { .exact }
  public var source: String { "IEEE 754-2019, binary32" }

  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double { 32 }

  public func errorBound(scale: Float) -> Float { 0 }

  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try matrix.requireFinite()
    return matrix.values
  }
}
