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

extension BlockMatrix {
  /// What the blocks stand for, and their size.
  public var stored: StoredMatrix {
    StoredMatrix(
      format: format.name, rows: rows, columns: columns, values: decoded(), bytes: byteCount)
  }
}

extension NumberFormat {
  /// 1: rows of any length.
  public var rowMultiple: Int { 1 }

  /// The approximation, and its bits rounded up to bytes. Rows that are no multiple of `rowMultiple` are
  /// filled up with zeros, which are stored and counted: layers of any width can be tried in any format.
  public func stored(
    _ matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> StoredMatrix {
    try matrix.requireFinite()
    let padded = matrix.padded(toMultipleOf: rowMultiple)
    let values = try approximation(of: padded, grouping: grouping)
    let bits =
      values.isEmpty
      ? 0
      : bitsPerWeight(rows: padded.rows, columns: padded.columns, grouping: grouping)
        * Double(values.count)
    let kept =
      padded.columns == matrix.columns
      ? values
      : (0..<matrix.rows).flatMap { row in
        values[row * padded.columns..<row * padded.columns + matrix.columns]
      }
    return StoredMatrix(
      format: name, rows: matrix.rows, columns: matrix.columns, values: kept,
      bytes: Int((bits / 8).rounded(.up)))
  }
}

extension BlockFormat {
  /// A row is a whole number of blocks.
  public var rowMultiple: Int { blockElements }
}

extension FloatMatrix {
  /// The matrix with zeros at the end of each row.
  fileprivate func padded(toMultipleOf multiple: Int) -> FloatMatrix {
    let width = (columns + multiple - 1) / multiple * multiple
    guard width != columns else { return self }
    var padded: [Float] = []
    padded.reserveCapacity(rows * width)
    for row in 0..<rows {
      padded += values[row * columns..<(row + 1) * columns]
      padded += repeatElement(0, count: width - columns)
    }
    return FloatMatrix(name: name, rows: rows, columns: width, values: padded)
  }
}
