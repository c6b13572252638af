/// A matrix `[rows, columns]` stored as blocks: row by row, each row a whole number of blocks.
public struct BlockMatrix: Sendable {
  /// How a block is laid out.
  public let format: any BlockFormat
  /// The tensor's name, used in errors.
  public let name: String
  /// Output channels.
  public let rows: Int
  /// Summation length; a multiple of the block's elements.
  public let columns: Int
  private let contents: any SharedBytes

  /// A matrix of bytes as a checkpoint holds them.
  ///
  /// - Throws: `FormatError.blockColumns` or `.packedBytes` when the sizes contradict each other.
  public init(
    name: String, format: any BlockFormat, rows: Int, columns: Int, bytes: [UInt8]
  ) throws(FormatError) {
    try self.init(
      name: name, format: format, rows: rows, columns: columns, bytes: OwnedBytes(values: bytes))
  }

  /// A matrix of bytes that stay where they are.
  ///
  /// - Throws: `FormatError.blockColumns` or `.packedBytes` when the sizes contradict each other.
  public init(
    name: String, format: any BlockFormat, rows: Int, columns: Int, bytes: any SharedBytes
  ) throws(FormatError) {
    let rowBytes = try Self.rowBytes(name: name, format: format, columns: columns)
    let (expected, overflow) = rows.multipliedReportingOverflow(by: rowBytes)
    guard !overflow, rows >= 0, bytes.count == expected else {
      throw .packedBytes(
        tensor: name, expected: overflow ? Int.max : max(expected, 0), found: bytes.count)
    }
    self.format = format
    self.name = name
    self.rows = rows
    self.columns = columns
    contents = bytes
  }

  /// `[rows, columns / blockElements, blockBytes]`, copied.
  public var bytes: [UInt8] {
    withBytes { bytes in
      (0..<bytes.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
  }

  /// Number of bytes.
  public var byteCount: Int { contents.count }

  /// Calls `body` with the bytes where they are.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try contents.withBytes(body)
  }

  /// The place and value of the first element that stands for NaN or an infinity, row-major.
  public var firstNonFinite: (index: Int, value: Float)? {
    withBytes { Self.firstNonFinite($0, as: format, count: rows * columns) }
  }

  private static func firstNonFinite(
    _ bytes: RawSpan, as format: some BlockFormat, count: Int
  ) -> (index: Int, value: Float)? {
    var values = [Float](repeating: 0, count: format.blockElements)
    for block in 0..<count / format.blockElements {
      let start = block * format.blockBytes
      var place = values.mutableSpan
      format.decode(bytes.extracting(start..<start + format.blockBytes), into: &place)
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        return (block * format.blockElements + index, values[index])
      }
    }
    return nil
  }

  /// Encodes a matrix block by block.
  ///
  /// - Throws: `FormatError` for NaN, an infinity, columns that are no whole number of blocks, or a block
  ///   whose scale overflows.
  public init(encoding matrix: FloatMatrix, as format: some BlockFormat) throws(FormatError) {
    try matrix.requireFinite()
    let rowBytes = try Self.rowBytes(name: matrix.name, format: format, columns: matrix.columns)
    var bytes = [UInt8](repeating: 0, count: matrix.rows * rowBytes)
    let blocks = matrix.values.count / format.blockElements
    var storage = bytes.mutableSpan
    var raw = storage.mutableBytes
    let values = matrix.values.span
    let encoded =
      EncodeKernel.kernel(of: format)?.encode(values, blocks: blocks, into: &raw) ?? 0
    // What a kernel refuses, the format's own encoder refuses too, and says why.
    for block in encoded..<blocks {
      let first = block * format.blockElements
      let start = block * format.blockBytes
      var place = raw._mutatingExtracting(start..<start + format.blockBytes)
      do throws(BlockFault) {
        try format.encode(values.extracting(first..<first + format.blockElements), into: &place)
      } catch {
        throw .block(tensor: matrix.name, index: first, format: format.name, fault: error)
      }
    }
    self.format = format
    name = matrix.name
    rows = matrix.rows
    columns = matrix.columns
    contents = OwnedBytes(values: bytes)
  }

  /// The values the blocks stand for, row-major.
  public func decoded() -> [Float] {
    withBytes { Self.decode($0, as: format, count: rows * columns) }
  }

  private static func decode(
    _ raw: RawSpan, as format: some BlockFormat, count: Int
  ) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var out = values.mutableSpan
    for block in 0..<count / format.blockElements {
      let first = block * format.blockElements
      var place = out._mutatingExtracting(first..<first + format.blockElements)
      format.decode(
        raw.extracting(block * format.blockBytes..<(block + 1) * format.blockBytes), into: &place)
    }
    return values
  }

  private static func rowBytes(
    name: String, format: some BlockFormat, columns: Int
  ) throws(FormatError) -> Int {
    guard columns >= 0, columns.isMultiple(of: format.blockElements) else {
      throw .blockColumns(
        tensor: name, format: format.name, multipleOf: format.blockElements, found: columns)
    }
    let (bytes, overflow) = (columns / format.blockElements).multipliedReportingOverflow(
      by: format.blockBytes)
    guard !overflow else {
      throw .blockColumns(
        tensor: name, format: format.name, multipleOf: format.blockElements, found: columns)
    }
    return bytes
  }
}

extension BlockMatrix: Hashable {
  /// Whether names, formats (by their names, which are unique), sizes and bytes are equal.
  public static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.format.name == right.format.name && left.rows == right.rows
      && left.columns == right.columns && left.bytes == right.bytes
  }

  /// Feeds what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(format.name)
    hasher.combine(rows)
    hasher.combine(columns)
    hasher.combine(bytes)
  }
}
