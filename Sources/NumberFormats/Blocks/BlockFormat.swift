/// A format that stores a row as blocks of equal size, each with its own scales.
///
/// A new one is one file that conforms a value to this protocol, its block in CKernels' `blocks.h`, where the size
/// is asserted at compile time, and one line in `FormatRegistry`.
public protocol BlockFormat: NumberFormat {
  /// Consecutive elements of a row that one block holds.
  var blockElements: Int { get }
  /// Bytes of one block.
  var blockBytes: Int { get }
  /// The fields of a block in the order they are stored; together they fill it.
  var layout: [BlockField] { get }
  /// The number by which GGUF files name this type; `nil` where they do not.
  var ggufType: UInt32? { get }

  /// Encodes one block.
  ///
  /// - Parameters:
  ///   - values: `blockElements` finite numbers.
  ///   - block: `blockBytes` bytes to write.
  /// - Throws: `BlockFault` when a scale leaves the range of its format; the block is then unspecified.
  func encode(_ values: Span<Float>, into block: inout MutableRawSpan) throws(BlockFault)

  /// Decodes one block. Any bytes decode without a trap; some stand for NaN or infinities.
  ///
  /// - Parameters:
  ///   - block: `blockBytes` bytes.
  ///   - values: `blockElements` numbers to write.
  func decode(_ block: RawSpan, into values: inout MutableSpan<Float>)
}

/// A part of a block.
public struct BlockField: Hashable, Sendable {
  /// What it holds, for example `d` or `qs`.
  public let name: String
  /// Its length in bytes.
  public let bytes: Int

  /// Creates a field.
  public init(_ name: String, bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

/// Why a block of finite numbers cannot be encoded.
public enum BlockFault: Error, Hashable, Sendable {
  /// The scale that the numbers ask for is too large for the type that stores it.
  case scaleOverflow(scale: Float, largest: Float)
}

extension BlockFormat {
  /// Bits of a block shared out over its elements: scales are part of every block.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double {
    Double(blockBytes * 8) / Double(blockElements)
  }

  /// decode(encode(matrix)), row-major.
  ///
  /// - Throws: What `BlockMatrix(encoding:as:)` throws.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try BlockMatrix(encoding: matrix, as: self).decoded()
  }
}
