/// One tensor of a GGUF file.
public struct GGUFTensorEntry: Hashable, Sendable {
  /// The tensor's name.
  public let name: String
  /// How its elements are stored.
  public let type: GGUFType
  /// Extents, outermost first (the file has them innermost first); empty for a scalar.
  public let shape: [Int]
  /// Where its bytes lie in the file.
  public let bytes: Range<Int>

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }
}

/// The metadata and table of contents of a GGUF file of version 2 or 3, little-endian.
///
/// Layout: `GGUF`, version, number of tensors, number of key-value pairs, the pairs, the tensors' names,
/// shapes, types and offsets, then their bytes, each beginning at a multiple of `general.alignment` (32).
/// Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
public struct GGUFHeader: Equatable, Sendable {
  /// The longest name of a tensor, in bytes.
  public static let longestName = 64
  /// The most extents of a tensor.
  public static let mostExtents = 4
  /// Where tensors begin unless `general.alignment` says otherwise.
  public static let defaultAlignment = 32
  /// The largest alignment accepted: that of huge pages, with room to spare.
  public static let largestAlignment = 1 << 24

  /// 2 or 3.
  public let version: Int
  /// The key-value pairs.
  public let metadata: GGUFMetadata
  /// A tensor begins at a multiple of as many bytes.
  public let alignment: Int
  /// Tensors, sorted by name.
  public let entries: [GGUFTensorEntry]

  /// Reads and checks the header of a whole file.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes.
  ///   - file: Named in errors.
  /// - Throws: `CheckpointError` for the first contradiction.
  public init(_ contents: RawSpan, file: String) throws(CheckpointError) {
    var parser = GGUFParser(file: file)
    version = try parser.version(contents)
    // The least a tensor takes: its name's length, number of extents, type and offset.
    let tensors = try parser.cursor.count(contents, "number of tensors", each: 24)
    let pairs = try parser.cursor.count(contents, "number of key-value pairs", each: 13)
    metadata = try parser.metadata(contents, pairs)
    alignment = try parser.alignment(metadata)
    let table = try parser.table(contents, tensors)
    entries = try parser.entries(table, contents, alignment)
  }
}

/// A tensor's description before its place is known to be sound.
private struct GGUFDescription {
  let name: String
  let type: GGUFType
  let shape: [Int]
  let byteCount: Int
  let offset: UInt64
}

/// The steps of reading a header.
private struct GGUFParser {
  let file: String
  var cursor: GGUFCursor

  init(file: String) {
    self.file = file
    cursor = GGUFCursor(file: file)
  }

  mutating func version(_ bytes: RawSpan) throws(CheckpointError) -> Int {
    let magic: UInt32 = try cursor.integer(bytes, "magic number")
    guard magic == 0x4655_4747 else {
      throw cursor.failure(
        at: 0, "magic number", expected: "the bytes 'GGUF'",
        found: "0x" + String(magic.byteSwapped, radix: 16, uppercase: true))
    }
    let version: UInt32 = try cursor.integer(bytes, "version")
    guard version == 2 || version == 3 else {
      let swapped = version.byteSwapped
      let found = (1...3).contains(swapped) ? "big-endian version \(swapped)" : "\(version)"
      throw cursor.failure(
        at: 4, "version", expected: "2 or 3, little-endian", found: found)
    }
    return Int(version)
  }

  mutating func metadata(
    _ bytes: RawSpan, _ count: Int
  ) throws(CheckpointError) -> GGUFMetadata {
    var keys: [String] = []
    var values: [String: GGUFValue] = [:]
    for index in 0..<count {
      let start = cursor.offset
      let key = try cursor.string(bytes, "key \(index)")
      let value = try cursor.value(bytes, "value of '\(key)'")
      guard values.updateValue(value, forKey: key) == nil else {
        throw cursor.failure(
          at: start, "key \(index)", expected: "every key once", found: "'\(key)' twice")
      }
      keys.append(key)
    }
    return GGUFMetadata(file: file, keys: keys, values: values)
  }

  func alignment(_ metadata: GGUFMetadata) throws(CheckpointError) -> Int {
    let key = "general.alignment"
    guard let value = try metadata.integer(key) else { return GGUFHeader.defaultAlignment }
    guard value >= 8, value <= GGUFHeader.largestAlignment, value & (value - 1) == 0 else {
      throw metadata.failure(key, expected: "a power of two from 8 to 2^24")
    }
    return value
  }

  mutating func table(
    _ bytes: RawSpan, _ count: Int
  ) throws(CheckpointError) -> [GGUFDescription] {
    var table: [GGUFDescription] = []
    var names: Set<String> = []
    for index in 0..<count {
      let description = try description(bytes, index)
      guard names.insert(description.name).inserted else {
        throw failure(description.name, expected: "every name once", found: "it twice")
      }
      table.append(description)
    }
    return table
  }

  private mutating func description(
    _ bytes: RawSpan, _ index: Int
  ) throws(CheckpointError) -> GGUFDescription {
    let start = cursor.offset
    let name = try cursor.string(bytes, "name of tensor \(index)")
    guard !name.isEmpty, name.utf8.count <= GGUFHeader.longestName else {
      throw cursor.failure(
        at: start, "name of tensor \(index)",
        expected: "1 to \(GGUFHeader.longestName) bytes", found: "\(name.utf8.count)")
    }
    let rank: UInt32 = try cursor.integer(bytes, "number of extents of '\(name)'")
    guard rank <= GGUFHeader.mostExtents else {
      throw failure(name, expected: "at most \(GGUFHeader.mostExtents) extents", found: "\(rank)")
    }
    var extents: [UInt64] = []
    for _ in 0..<rank { extents.append(try cursor.integer(bytes, "extent of '\(name)'")) }
    let number: UInt32 = try cursor.integer(bytes, "type of '\(name)'")
    guard let type = GGUFType(number: number) else {
      throw failure(
        name, expected: "one of the types \(GGUFType.known)", found: GGUFType.name(of: number))
    }
    let offset: UInt64 = try cursor.integer(bytes, "offset of '\(name)'")
    return GGUFDescription(
      name: name, type: type, shape: extents.reversed().map { Int(truncatingIfNeeded: $0) },
      byteCount: try byteCount(name, type, extents), offset: offset)
  }

  /// Bytes of a tensor whose extents, innermost first, make sense.
  private func byteCount(
    _ name: String, _ type: GGUFType, _ extents: [UInt64]
  ) throws(CheckpointError) -> Int {
    var elements = 1
    for extent in extents {
      let (product, overflow) = elements.multipliedReportingOverflow(
        by: Int(exactly: extent) ?? 0)
      guard product > 0, !overflow else {
        throw failure(
          name, expected: "extents from 1 on whose product is below 2^63",
          found: "\(extents.reversed().map { $0 })")
      }
      elements = product
    }
    let row = extents.first ?? 1
    guard row.isMultiple(of: UInt64(type.blockElements)) else {
      throw failure(
        name, expected: "rows of a whole number of \(type) blocks of \(type.blockElements)",
        found: "\(row) elements")
    }
    let (bytes, overflow) = (elements / type.blockElements).multipliedReportingOverflow(
      by: type.blockBytes)
    guard !overflow else {
      throw failure(name, expected: "fewer than 2^63 bytes", found: "more")
    }
    return bytes
  }

  /// Tensors whose bytes are in the file, aligned, and apart from each other.
  func entries(
    _ table: [GGUFDescription], _ bytes: RawSpan, _ alignment: Int
  ) throws(CheckpointError) -> [GGUFTensorEntry] {
    let dataStart = (cursor.offset + alignment - 1) / alignment * alignment
    let dataLength = bytes.byteCount - dataStart
    var entries: [GGUFTensorEntry] = []
    for tensor in table {
      guard tensor.offset.isMultiple(of: UInt64(alignment)) else {
        throw failure(
          tensor.name, expected: "an offset that is a multiple of \(alignment)",
          found: "\(tensor.offset)")
      }
      guard let offset = Int(exactly: tensor.offset), offset <= dataLength,
        tensor.byteCount <= dataLength - offset
      else {
        throw failure(
          tensor.name,
          expected: "\(tensor.byteCount) bytes within the \(max(dataLength, 0)) of data",
          found: "an offset of \(tensor.offset)")
      }
      let start = dataStart + offset
      entries.append(
        GGUFTensorEntry(
          name: tensor.name, type: tensor.type, shape: tensor.shape,
          bytes: start..<start + tensor.byteCount))
    }
    try checkOverlap(entries)
    return entries.sorted { $0.name < $1.name }
  }

  private func checkOverlap(_ entries: [GGUFTensorEntry]) throws(CheckpointError) {
    let ordered = entries.sorted {
      ($0.bytes.lowerBound, $0.name) < ($1.bytes.lowerBound, $1.name)
    }
    for (first, second) in zip(ordered, ordered.dropFirst())
    where second.bytes.lowerBound < first.bytes.upperBound {
      throw failure(
        second.name,
        expected: "bytes after those of '\(first.name)', which end at byte "
          + "\(first.bytes.upperBound)", found: "byte \(second.bytes.lowerBound)")
    }
  }

  private func failure(_ tensor: String, expected: String, found: String) -> CheckpointError {
    .tensor(file: file, tensor: tensor, expected: expected, found: found)
  }
}
