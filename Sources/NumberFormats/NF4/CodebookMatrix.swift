/// A matrix `[rows, columns]` in 4-bit codes of a codebook, with scales over the flattened tensor.
public struct CodebookMatrix: Sendable, Hashable {
  /// The scales of the blocks.
  public enum Scales: Hashable, Sendable {
    /// fp32, one a block.
    case plain([Float])
    /// 8 bits a block.
    case nested(NestedScales)
  }

  /// The codebook and the blocks.
  public let format: CodebookFormat
  /// The tensor's name, used in errors.
  public let name: String
  /// Output channels.
  public let rows: Int
  /// Summation length.
  public let columns: Int
  /// `[⌈rows · columns / 2⌉]`: the first of two elements in the high half; an unpaired last one leaves the low half,
  /// which is ignored.
  public let codes: [UInt8]
  /// The largest magnitude of each block.
  public let scales: Scales

  /// A matrix as a checkpoint holds it.
  ///
  /// - Throws: `FormatError.packedBytes` or `.scaleCount` when the sizes contradict each other, `.notFinite`
  ///   (of `NAME.absmax`) for a scale; an index past the scales means the offset.
  public init(
    name: String, format: CodebookFormat, rows: Int, columns: Int, codes: [UInt8],
    scales: Scales
  ) throws(FormatError) {
    precondition(format.nestedScales == scales.isNested, "the format says how scales are stored")
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, rows >= 0, columns >= 0, codes.count == count / 2 + count % 2 else {
      throw .packedBytes(
        tensor: name, expected: overflow ? Int.max : max(count / 2 + count % 2, 0),
        found: codes.count)
    }
    let blocks = CodebookFormat.blocks(count, of: format.blockElements)
    switch scales {
    case .plain(let absmax):
      try Self.check(absmax, count: blocks, of: name)
    case .nested(let nested):
      guard nested.codes.count == blocks else {
        throw .scaleCount(tensor: name, expected: blocks, found: nested.codes.count)
      }
      let outer = CodebookFormat.blocks(blocks, of: NestedScales.blockElements)
      try Self.check(nested.absmax, count: outer, of: name)
      guard nested.offset.isFinite else {
        throw .notFinite(tensor: "\(name).absmax", index: outer, value: nested.offset)
      }
    }
    self.format = format
    self.name = name
    self.rows = rows
    self.columns = columns
    self.codes = codes
    self.scales = scales
  }

  /// Encodes a matrix.
  ///
  /// - Throws: `FormatError.notFinite`.
  public init(encoding matrix: FloatMatrix, as format: CodebookFormat) throws(FormatError) {
    try matrix.requireFinite()
    var (codes, absmax) = format.codebook.encode(
      matrix.values, blockElements: format.blockElements)
    if !codes.count.isMultiple(of: 2) { codes.append(format.codebook.code(of: 0)) }
    self.codes = stride(from: 0, to: codes.count, by: 2).map { codes[$0] << 4 | codes[$0 + 1] }
    scales = format.nestedScales ? .nested(NestedScales(encoding: absmax)) : .plain(absmax)
    self.format = format
    name = matrix.name
    rows = matrix.rows
    columns = matrix.columns
  }

  /// Bytes a checkpoint needs: pairs of codes, and the scales; nested ones take a byte each, 4 bytes for every
  /// 256 and 4 for the offset.
  public var storedBytes: Int {
    switch scales {
    case .plain(let absmax): codes.count + 4 * absmax.count
    case .nested(let nested): codes.count + nested.codes.count + 4 * nested.absmax.count + 4
    }
  }

  /// The scale of every block, in fp32.
  public func decodedScales() -> [Float] {
    switch scales {
    case .plain(let absmax): absmax
    case .nested(let nested): nested.decoded()
    }
  }

  /// The values the codes stand for, row-major: code · scale, rounded to fp32.
  public func decoded() -> [Float] {
    let scales = decodedScales()
    let table = format.codebook.values
    let size = format.blockElements
    return (0..<rows * columns).map { index in
      let code = codes[index / 2] >> (index.isMultiple(of: 2) ? 4 : 0) & 0xF
      return table[Int(code)] * scales[index / size]
    }
  }

  private static func check(
    _ absmax: [Float], count: Int, of name: String
  ) throws(FormatError) {
    guard absmax.count == count else {
      throw .scaleCount(tensor: name, expected: count, found: absmax.count)
    }
    if let index = absmax.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: "\(name).absmax", index: index, value: absmax[index])
    }
  }
}

extension CodebookMatrix.Scales {
  /// Whether the scales are stored in 8 bits.
  var isNested: Bool {
    switch self {
    case .plain: false
    case .nested: true
    }
  }
}
