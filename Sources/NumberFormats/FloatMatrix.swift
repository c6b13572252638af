/// A named fp32 matrix `[rows, columns]` to be encoded; rows are output channels.
public struct FloatMatrix: Equatable, Sendable {
  /// The tensor's name, used in errors.
  public let name: String
  /// Output channels.
  public let rows: Int
  /// Summation length.
  public let columns: Int
  /// `[rows · columns]`, row-major.
  public let values: [Float]

  /// Creates a matrix; `values` must fill it.
  public init(name: String, rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "values do not fill the matrix")
    self.name = name
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Checks that every value is finite.
  ///
  /// - Throws: `FormatError.notFinite` for the first one that is not.
  public func requireFinite() throws(FormatError) {
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: name, index: index, value: values[index])
    }
  }

  /// The stretches of `values` that share a scale, in the order of `QuantizedMatrix.parameters`.
  ///
  /// - Throws: `FormatError.groupSize` when a group would hold nothing.
  func runs(_ granularity: Granularity) throws(FormatError) -> [Range<Int>] {
    switch granularity {
    case .tensor:
      return [0..<values.count]
    case .channel:
      return (0..<rows).map { $0 * columns..<($0 + 1) * columns }
    case .group(let size):
      guard size > 0 else { throw .groupSize(tensor: name, found: size) }
      return (0..<rows).flatMap { row in
        stride(from: 0, to: columns, by: size).map { start in
          row * columns + start..<row * columns + min(start + size, columns)
        }
      }
    }
  }
}
