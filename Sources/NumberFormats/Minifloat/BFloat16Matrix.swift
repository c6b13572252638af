/// A matrix `[rows, columns]` of bf16 numbers.
public struct BFloat16Matrix: Hashable, Sendable {
  /// Output channels.
  public let rows: Int
  /// Summation length.
  public let columns: Int
  /// The upper halves of the fp32 numbers they stand for, `[rows, columns]`, row-major.
  public let codes: [UInt16]

  /// Creates a matrix; `codes` must fill it.
  public init(rows: Int, columns: Int, codes: [UInt16]) {
    precondition(codes.count == rows * columns, "codes do not fill the matrix")
    self.rows = rows
    self.columns = columns
    self.codes = codes
  }

  /// Rounds a matrix to the nearest numbers, ties to even.
  ///
  /// - Parameter format: Bfloat16; it says what becomes of weights beyond the range.
  /// - Throws: What `MinifloatFormat.encode` throws.
  public init(
    encoding matrix: FloatMatrix, as format: MinifloatFormat = .bf16
  ) throws(FormatError) {
    precondition(format.element == .bf16, "another element")
    self.init(rows: matrix.rows, columns: matrix.columns, codes: try format.encode(matrix))
  }

  /// The numbers, row-major; exact.
  public func decoded() -> [Float] { codes.map { Float(bitPattern: UInt32($0) << 16) } }

  /// Bytes of the codes.
  public var storedBytes: Int { 2 * codes.count }
}
