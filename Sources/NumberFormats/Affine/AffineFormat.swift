/// A signed integer format with scales and zero points.
///
/// Symmetric use has the narrow range −upper…upper (int8 −127…127, int4 −7…7) or, if asked, the full one;
/// asymmetric use the full one. `CodeUse.full` fits both ends without a sign in the scale. The alternative
/// of ggml's Q4_0, scale = signed extreme / −8 on −8…7, has a smaller step but cuts the opposite extreme
/// off by up to a whole step; here |x − decode(encode(x))| ≤ scale / 2 holds everywhere.
public struct AffineFormat: NumberFormat, Hashable {
  /// The name in scheme files.
  public let name: String
  /// Bits of a stored code, 2…8.
  public let bits: Int
  /// Every code.
  public let codes: CodeRange
  /// The definition this format follows.
  public let source: String

  /// Creates a format of every code that `bits` bits hold, at most 8.
  init(name: String, bits: Int, source: String) {
    self.init(
      name: name, bits: bits,
      codes: CodeRange(lower: -(1 << (Int32(bits) - 1)), upper: (1 << (Int32(bits) - 1)) - 1),
      source: source)
  }

  /// Creates a format of some of the codes that `bits` bits hold, at most 8.
  init(name: String, bits: Int, codes: CodeRange, source: String) {
    precondition((2...8).contains(bits), "codes are stored in Int8")
    self.name = name
    self.bits = bits
    self.codes = codes
    self.source = source
  }

  /// Half to even.
  public var rounding: Rounding { .halfToEven }

  /// Whether no code lies beyond the narrow range, so that codes cannot be shifted against zero.
  public var isSymmetricOnly: Bool { codes == codes.narrowed }

  /// The codes that a grouping uses.
  public func codes(_ grouping: Grouping) -> CodeRange {
    grouping.symmetric && grouping.codeUse == .narrow ? codes.narrowed : codes
  }

  /// The code's bits, and per group those of the scale and, in asymmetric use, of the zero point.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double {
    let groups = QuantizedMatrix.parameterCount(
      rows: rows, columns: columns, grouping.granularity)
    let perGroup = grouping.scaleType.bits + (grouping.symmetric ? 0 : bits)
    return Double(bits) + Double(groups * perGroup) / Double(rows * columns)
  }

  /// Half a step, and 2⁻¹⁴ of one for the fp32 roundings of the scale, the quotient and the product
  /// (each at most 255 · 2⁻²⁴ steps).
  ///
  /// It holds for every scale type in symmetric use: rounding the scale moves the extreme code by less
  /// than half a step. For asymmetric codes with a rounded scale see `errorBound(scale:grouping:)`.
  public func errorBound(scale: Float) -> Float { scale * (0.5 + 0x1p-14) }

  /// As `errorBound(scale:)`; asymmetric codes with a scale that was rounded to nearest may also cut an
  /// end off by as much as rounding moved it.
  public func errorBound(scale: Float, grouping: Grouping) -> Float {
    guard !grouping.symmetric else { return errorBound(scale: scale) }
    let moved = Float(codes.upper - codes.lower) * grouping.scaleType.relativeRounding
    return scale * (0.5 + moved + 0x1p-14)
  }

  /// Encodes a matrix.
  ///
  /// - Parameters:
  ///   - matrix: Finite values.
  ///   - grouping: What shares a scale; groups run over columns, the last of a row may be shorter.
  /// - Returns: Codes and parameters; a group of zeros has scale 1.
  /// - Throws: `FormatError` for NaN, an infinity, an empty group, a scale that overflows its type, or
  ///   asymmetric use of a format without codes to shift.
  public func encode(
    _ matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> QuantizedMatrix {
    guard grouping.symmetric || !isSymmetricOnly else {
      throw .symmetricOnly(tensor: matrix.name, format: name)
    }
    try matrix.requireFinite()
    let runs = try matrix.runs(grouping.granularity)
    let fitting = ScaleFitting(codes: codes(grouping), grouping: grouping)
    let values = matrix.values.span
    var encoded = [Int8](repeating: 0, count: matrix.values.count)
    var parameters: [AffineParameters] = []
    parameters.reserveCapacity(runs.count)
    for run in runs {
      let affine: AffineParameters
      do {
        affine = try fitting.parameters(for: values.extracting(run))
      } catch {
        throw .scaleOverflow(
          tensor: matrix.name, index: run.lowerBound, type: grouping.scaleType, scale: error.scale)
      }
      for index in run {
        let code = fitting.codes.code(of: values[index], affine)
        guard affine.value(of: code).isFinite else {
          throw .decodedOverflow(tensor: matrix.name, index: index)
        }
        encoded[index] = Int8(code)
      }
      parameters.append(affine)
    }
    return QuantizedMatrix(
      rows: matrix.rows, columns: matrix.columns, bits: bits, granularity: grouping.granularity,
      scaleType: grouping.scaleType, codes: encoded, parameters: parameters)
  }

  /// decode(encode(matrix)), row-major.
  ///
  /// - Throws: `FormatError` for NaN, an infinity, or an empty group.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try encode(matrix, grouping: grouping).dequantized()
  }

  /// The decoded matrix and `QuantizedMatrix.storedBytes`.
  ///
  /// - Throws: What `encode` throws.
  public func stored(
    _ matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> StoredMatrix {
    let encoded = try encode(matrix, grouping: grouping)
    return StoredMatrix(
      format: name, rows: encoded.rows, columns: encoded.columns, values: encoded.dequantized(),
      bytes: encoded.storedBytes)
  }
}
