/// A signed integer format with fp32 scales and zero points.
///
/// Symmetric use has the narrow range −upper…upper (int8 −127…127, int4 −7…7), asymmetric use the full
/// one. The alternative for 4 bits, scale = signed extreme / −8 on −8…7, has a smaller step but cuts the
/// opposite extreme off by up to a whole step; here |x − decode(encode(x))| ≤ scale / 2 holds everywhere.
public struct AffineFormat: NumberFormat, Hashable {
  /// The name in scheme files.
  public let name: String
  /// 8 or 4.
  public let bits: Int
  /// The definition this format follows.
  public let source: String

  /// Creates a format of `bits` bits, at most 8.
  init(name: String, bits: Int, source: String) {
    precondition((2...8).contains(bits), "codes are stored in Int8")
    self.name = name
    self.bits = bits
    self.source = source
  }

  /// Half to even.
  public var rounding: Rounding { .halfToEven }

  /// Every code: −2^(bits−1)…2^(bits−1) − 1.
  public var codes: CodeRange {
    CodeRange(lower: -(1 << (Int32(bits) - 1)), upper: (1 << (Int32(bits) - 1)) - 1)
  }

  /// The code's bits, and per group 32 for the scale and, in asymmetric use, the zero point's.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double {
    let groups = QuantizedMatrix.parameterCount(
      rows: rows, columns: columns, grouping.granularity)
    let perGroup = 32 + (grouping.symmetric ? 0 : bits)
    return Double(bits) + Double(groups * perGroup) / Double(rows * columns)
  }

  /// Half a step, and 2⁻¹⁴ of one for the fp32 roundings of the scale, the quotient and the product
  /// (each at most 255 · 2⁻²⁴ steps).
  public func errorBound(scale: Float) -> Float { scale * (0.5 + 0x1p-14) }

  /// Encodes a matrix.
  ///
  /// - Parameters:
  ///   - matrix: Finite values.
  ///   - grouping: What shares a scale; groups run over columns, the last of a row may be shorter.
  /// - Returns: Codes and parameters; a group of zeros has scale 1.
  /// - Throws: `FormatError` for NaN, an infinity, or an empty group.
  public func encode(
    _ matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> QuantizedMatrix {
    try matrix.requireFinite()
    let runs = try matrix.runs(grouping.granularity)
    let range = codes
    var encoded = [Int8](repeating: 0, count: matrix.values.count)
    var parameters: [AffineParameters] = []
    parameters.reserveCapacity(runs.count)
    for run in runs {
      var low = Float(0)
      var high = Float(0)
      for index in run {
        low = min(low, matrix.values[index])
        high = max(high, matrix.values[index])
      }
      let affine = range.parameters(low: low, high: high, symmetric: grouping.symmetric)
      for index in run {
        encoded[index] = Int8(range.code(of: matrix.values[index], affine))
      }
      parameters.append(affine)
    }
    return QuantizedMatrix(
      rows: matrix.rows, columns: matrix.columns, bits: bits, granularity: grouping.granularity,
      codes: encoded, parameters: parameters)
  }

  /// decode(encode(matrix)), row-major.
  ///
  /// - Throws: `FormatError` for NaN, an infinity, or an empty group.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try encode(matrix, grouping: grouping).dequantized()
  }
}
