/// An affinely quantized weight matrix `[rows, columns]`, one code per byte (the reference layout;
/// execution repacks it).
public struct QuantizedMatrix: Equatable, Sendable {
  /// Output channels.
  public let rows: Int
  /// Summation length.
  public let columns: Int
  /// Bits of one stored code, 2…8.
  public let bits: Int
  /// What shares a scale.
  public let granularity: Granularity
  /// How a checkpoint stores the scales; each is one of that type's numbers.
  public let scaleType: ScaleType
  /// `[rows · columns]`, row-major; within −2^(bits−1)…2^(bits−1) − 1.
  public let codes: [Int8]
  /// `[rows, groupsPerRow]` for groups, `[rows]` for channels, `[1]` for a tensor; row-major.
  public let parameters: [AffineParameters]

  /// Creates a matrix; the counts must fit.
  public init(
    rows: Int, columns: Int, bits: Int, granularity: Granularity,
    scaleType: ScaleType = .float32, codes: [Int8], parameters: [AffineParameters]
  ) {
    precondition(codes.count == rows * columns, "codes do not fill the matrix")
    self.rows = rows
    self.columns = columns
    self.bits = bits
    self.granularity = granularity
    self.scaleType = scaleType
    self.codes = codes
    self.parameters = parameters
    precondition(
      parameters.count == Self.parameterCount(rows: rows, columns: columns, granularity),
      "parameters do not fit the granularity")
  }

  /// Number of (scale, zero point) pairs of a matrix.
  public static func parameterCount(rows: Int, columns: Int, _ granularity: Granularity) -> Int {
    switch granularity {
    case .tensor: 1
    case .channel: rows
    case .group(let size): rows * ((columns + size - 1) / size)
    }
  }

  /// Index into `parameters` for an element.
  public func parameterIndex(row: Int, column: Int) -> Int {
    switch granularity {
    case .tensor: 0
    case .channel: row
    case .group(let size): row * ((columns + size - 1) / size) + column / size
    }
  }

  /// The values the codes stand for, row-major: `Float(code − zeroPoint) · scale`.
  public func dequantized() -> [Float] {
    var values = [Float](repeating: 0, count: codes.count)
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        let affine = parameters[parameterIndex(row: row, column: column)]
        values[index] = Float(Int32(codes[index]) - affine.zeroPoint) * affine.scale
      }
    }
    return values
  }

  /// Bytes a checkpoint needs: packed codes, a scale per group in its type and, where any is not zero, a
  /// zero point of the code's width per group.
  public var storedBytes: Int {
    let codeBytes = rows * Self.packedRowBytes(columns: columns, bits: bits)
    let zeroPoints =
      parameters.contains { $0.zeroPoint != 0 } ? (parameters.count * bits + 7) / 8 : 0
    return codeBytes + scaleType.bits / 8 * parameters.count + zeroPoints
  }
}
