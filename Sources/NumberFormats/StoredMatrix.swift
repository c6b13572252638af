/// A matrix `[rows, columns]` as some format keeps it: what its encoding stands for, and how large it is.
///
/// The reference path executes it, whatever the format.
public struct StoredMatrix: Hashable, Sendable {
  /// The format's name.
  public let format: String
  /// Output channels.
  public let rows: Int
  /// Summation length.
  public let columns: Int
  /// decode(encode(…)), `[rows, columns]`, row-major.
  public let values: [Float]
  /// Bytes of the encoding, scales and padding included.
  public let bytes: Int

  /// Creates a matrix; `values` must fill it.
  public init(format: String, rows: Int, columns: Int, values: [Float], bytes: Int) {
    precondition(values.count == rows * columns, "values do not fill the matrix")
    self.format = format
    self.rows = rows
    self.columns = columns
    self.values = values
    self.bytes = bytes
  }
}

extension NumberFormat {
  /// The approximation, and its bits rounded up to bytes.
  public func stored(
    _ matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> StoredMatrix {
    let values = try approximation(of: matrix, grouping: grouping)
    let bits =
      values.isEmpty
      ? 0
      : bitsPerWeight(rows: matrix.rows, columns: matrix.columns, grouping: grouping)
        * Double(values.count)
    return StoredMatrix(
      format: name, rows: matrix.rows, columns: matrix.columns, values: values,
      bytes: Int((bits / 8).rounded(.up)))
  }
}

extension BlockFormat {
  /// The decoded blocks and their bytes. Rows that are no whole number of blocks are filled up with zeros,
  /// which are stored and counted: layers of any width can be tried in any format.
  public func stored(
    _ matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> StoredMatrix {
    try matrix.requireFinite()
    let columns = (matrix.columns + blockElements - 1) / blockElements * blockElements
    var padded: [Float] = []
    padded.reserveCapacity(matrix.rows * columns)
    for row in 0..<matrix.rows {
      padded += matrix.values[row * matrix.columns..<(row + 1) * matrix.columns]
      padded += repeatElement(0, count: columns - matrix.columns)
    }
    let blocks = try BlockMatrix(
      encoding: FloatMatrix(name: matrix.name, rows: matrix.rows, columns: columns, values: padded),
      as: self)
    let decoded = blocks.decoded()
    let values = (0..<matrix.rows).flatMap { row in
      decoded[row * columns..<row * columns + matrix.columns]
    }
    return StoredMatrix(
      format: name, rows: matrix.rows, columns: matrix.columns, values: values,
      bytes: blocks.bytes.count)
  }
}
