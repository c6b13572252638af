/// One tensor of a safetensors file.
public struct TensorEntry: Hashable, Sendable {
  /// The tensor's name.
  public let name: String
  /// How its elements are stored.
  public let type: ElementType
  /// Extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Where its bytes lie, counted from the end of the header.
  public let bytes: Range<Int>

  /// Creates an entry; checks nothing.
  public init(name: String, type: ElementType, shape: [Int], bytes: Range<Int>) {
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }
}

/// The table of contents of a safetensors file.
///
/// Layout: eight bytes little-endian header length, the header as JSON
/// (`{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}` and optionally
/// `"__metadata__"` with texts), then the tensors' bytes without gap or overlap. Two rules are stricter
/// than the format: a tensor begins at a multiple of its element size, and unknown keys are errors.
/// Source: https://github.com/huggingface/safetensors, section "Format".
public struct SafetensorsHeader: Equatable, Sendable {
  /// The longest header accepted: 100 MB, the bound of the reference implementation.
  public static let longest = 100_000_000

  /// Tensors, sorted by name.
  public let entries: [TensorEntry]
  /// The texts under `__metadata__`.
  public let metadata: [String: String]
  /// Offset of the tensors' bytes in the file.
  public let dataStart: Int

  /// Reads and checks the header of a whole file.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes.
  ///   - file: Named in errors.
  /// - Throws: `CheckpointError` for the first contradiction.
  public init(_ contents: RawSpan, file: String) throws(CheckpointError) {
    guard contents.byteCount >= 8 else {
      throw .malformed(
        file: file, place: "byte 0", expected: "eight bytes of header length",
        found: "\(contents.byteCount) bytes in all")
    }
    let length = UInt64(
      littleEndian: contents.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
    guard length >= 2, length <= UInt64(Self.longest) else {
      throw .malformed(
        file: file, place: "byte 0", expected: "a header of 2 to \(Self.longest) bytes",
        found: "a length of \(length)")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= contents.byteCount else {
      throw .malformed(
        file: file, place: "byte 8", expected: "a header of \(length) bytes",
        found: "\(contents.byteCount - 8) bytes until the end of the file")
    }
    let text = contents.extracting(8..<dataStart).withUnsafeBytes { Array($0) }
    var parser = HeaderParser(file: file, dataLength: contents.byteCount - dataStart)
    try parser.parse(text)
    try parser.checkCoverage()
    self.entries = parser.entries.sorted { $0.name < $1.name }
    self.metadata = parser.metadata
    self.dataStart = dataStart
  }

  /// The tensor called `name`, or `nil`.
  public func entry(_ name: String) -> TensorEntry? { entries.first { $0.name == name } }
}

/// Turns header JSON into entries and checks each against the length of the data.
private struct HeaderParser {
  let file: String
  let dataLength: Int
  var entries: [TensorEntry] = []
  var metadata: [String: String] = [:]

  mutating func parse(_ text: [UInt8]) throws(CheckpointError) {
    var cursor = HeaderCursor(text, file: file)
    var entries: [TensorEntry] = []
    var metadata: [String: String] = [:]
    try cursor.object { (cursor, key) throws(CheckpointError) in
      if key == "__metadata__" {
        try cursor.object { (cursor, key) throws(CheckpointError) in
          metadata[key] = try cursor.string()
        }
      } else {
        entries.append(try entry(key, &cursor))
      }
    }
    guard cursor.peek() == nil else {
      throw cursor.failure(expected: "nothing after the header's object")
    }
    self.entries = entries
    self.metadata = metadata
  }

  private func entry(
    _ name: String, _ cursor: inout HeaderCursor
  ) throws(CheckpointError) -> TensorEntry {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.object { (cursor, key) throws(CheckpointError) in
      switch key {
      case "dtype": typeName = try cursor.string()
      case "shape": shape = try cursor.integers()
      case "data_offsets": offsets = try cursor.integers()
      default:
        throw .tensor(
          file: file, tensor: name, expected: "dtype, shape and data_offsets", found: "'\(key)'")
      }
    }
    guard let typeName, let shape, let offsets else {
      let absent = typeName == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw .tensor(file: file, tensor: name, expected: "the key '\(absent)'", found: "none")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw .tensor(
        file: file, tensor: name, expected: "a dtype of the safetensors format",
        found: "'\(typeName)'")
    }
    let entry = TensorEntry(
      name: name, type: type, shape: shape, bytes: try range(offsets, tensor: name))
    try check(entry)
    return entry
  }

  private func range(_ offsets: [Int], tensor: String) throws(CheckpointError) -> Range<Int> {
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw .tensor(
        file: file, tensor: tensor, expected: "data_offsets [begin, end] with begin ≤ end",
        found: "\(offsets.prefix(4))")
    }
    guard offsets[1] <= dataLength else {
      throw .tensor(
        file: file, tensor: tensor, expected: "an end within the \(dataLength) bytes of data",
        found: "\(offsets[1])")
    }
    return offsets[0]..<offsets[1]
  }

  private func check(_ entry: TensorEntry) throws(CheckpointError) {
    var bits = entry.type.bits
    for extent in entry.shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw .tensor(
          file: file, tensor: entry.name, expected: "a shape of fewer than 2^63 bits",
          found: "\(entry.shape)")
      }
      bits = product
    }
    guard bits.isMultiple(of: 8), bits / 8 == entry.bytes.count else {
      throw .tensor(
        file: file, tensor: entry.name,
        expected: "\(bits / 8) bytes for \(entry.shape) of \(entry.type.rawValue)",
        found: "\(entry.bytes.count)")
    }
    guard entry.bytes.lowerBound.isMultiple(of: entry.type.alignment) else {
      throw .tensor(
        file: file, tensor: entry.name,
        expected: "an offset that is a multiple of \(entry.type.alignment)",
        found: "\(entry.bytes.lowerBound)")
    }
  }

  /// The tensors' ranges must tile the data.
  func checkCoverage() throws(CheckpointError) {
    let ordered = entries.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name)
        < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    var end = 0
    for entry in ordered {
      guard entry.bytes.lowerBound == end else {
        throw .tensor(
          file: file, tensor: entry.name, expected: "data from byte \(end)",
          found: "\(entry.bytes.lowerBound < end ? "an overlap" : "a gap"), it begins at "
            + "\(entry.bytes.lowerBound)")
      }
      end = entry.bytes.upperBound
    }
    guard end == dataLength else {
      throw .malformed(
        file: file, place: "data byte \(end)", expected: "the end of the file",
        found: "\(dataLength - end) more bytes")
    }
  }
}
