/// Reads the fields of a GGUF header one after the other; every length is checked against the bytes left
/// before anything is reserved.
struct GGUFCursor {
  /// Arrays in arrays in arrays; deeper ones are refused so that a file cannot exhaust the stack.
  static let deepest = 8

  let file: String
  /// Offset of the next byte.
  private(set) var offset = 0

  init(file: String) {
    self.file = file
  }

  func failure(
    at place: Int, _ what: String, expected: String, found: String
  ) -> CheckpointError {
    .malformed(file: file, place: "byte \(place), \(what)", expected: expected, found: found)
  }

  /// Consumes `count` bytes and returns where they begin.
  mutating func take(
    _ count: Int, of bytes: RawSpan, _ what: String
  ) throws(CheckpointError) -> Int {
    let left = bytes.byteCount - offset
    guard count <= left else {
      throw failure(at: offset, what, expected: "\(count) bytes", found: "\(left) until the end")
    }
    defer { offset += count }
    return offset
  }

  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, _ what: String
  ) throws(CheckpointError) -> Integer {
    let start = try take(MemoryLayout<Integer>.size, of: bytes, what)
    return bytes.little(start, Integer.self)
  }

  /// A count of things of which each occupies `size` bytes or more.
  mutating func count(
    _ bytes: RawSpan, _ what: String, each size: Int
  ) throws(CheckpointError) -> Int {
    let start = offset
    let count: UInt64 = try integer(bytes, what)
    let most = (bytes.byteCount - offset) / size
    guard let exact = Int(exactly: count), exact <= most else {
      throw failure(
        at: start, what, expected: "at most \(most), for which there are bytes", found: "\(count)")
    }
    return exact
  }

  /// A text behind its length.
  mutating func string(_ bytes: RawSpan, _ what: String) throws(CheckpointError) -> String {
    let length = try count(bytes, "length of \(what)", each: 1)
    let start = try take(length, of: bytes, what)
    let text = bytes.extracting(start..<start + length).withUnsafeBytes {
      String(validating: $0, as: UTF8.self)
    }
    guard let text else {
      throw failure(at: start, what, expected: "a text in UTF-8", found: "other bytes")
    }
    return text
  }

  /// A value behind its type.
  mutating func value(_ bytes: RawSpan, _ what: String) throws(CheckpointError) -> GGUFValue {
    switch try type(bytes, "type of \(what)") {
    case .uint8: .uint8(try integer(bytes, what))
    case .int8: .int8(try integer(bytes, what))
    case .uint16: .uint16(try integer(bytes, what))
    case .int16: .int16(try integer(bytes, what))
    case .uint32: .uint32(try integer(bytes, what))
    case .int32: .int32(try integer(bytes, what))
    case .float32: .float32(Float(bitPattern: try integer(bytes, what)))
    case .bool: .bool(try bool(bytes, what))
    case .string: .string(try string(bytes, what))
    case .array: .array(try array(bytes, what, depth: 1))
    case .uint64: .uint64(try integer(bytes, what))
    case .int64: .int64(try integer(bytes, what))
    case .float64: .float64(Double(bitPattern: try integer(bytes, what)))
    }
  }

  private mutating func type(
    _ bytes: RawSpan, _ what: String
  ) throws(CheckpointError) -> GGUFValueType {
    let start = offset
    let number: UInt32 = try integer(bytes, what)
    guard let type = GGUFValueType(rawValue: number) else {
      throw failure(at: start, what, expected: "a type from 0 to 12", found: "\(number)")
    }
    return type
  }

  private mutating func bool(_ bytes: RawSpan, _ what: String) throws(CheckpointError) -> Bool {
    let byte: UInt8 = try integer(bytes, what)
    guard byte <= 1 else {
      throw failure(at: offset - 1, what, expected: "a bool, 0 or 1", found: "\(byte)")
    }
    return byte == 1
  }

  private mutating func array(
    _ bytes: RawSpan, _ what: String, depth: Int
  ) throws(CheckpointError) -> GGUFArray {
    guard depth <= Self.deepest else {
      throw failure(
        at: offset, what, expected: "arrays at most \(Self.deepest) deep", found: "deeper ones")
    }
    let type = try type(bytes, "element type of \(what)")
    let count = try count(bytes, "length of \(what)", each: type.smallestBytes)
    switch type {
    case .uint8: return .uint8(try integers(bytes, what, count))
    case .int8: return .int8(try integers(bytes, what, count))
    case .uint16: return .uint16(try integers(bytes, what, count))
    case .int16: return .int16(try integers(bytes, what, count))
    case .uint32: return .uint32(try integers(bytes, what, count))
    case .int32: return .int32(try integers(bytes, what, count))
    case .float32: return .float32(try integers(bytes, what, count).map(Float.init(bitPattern:)))
    case .bool:
      return .bool(
        try elements(count) { (cursor) throws(CheckpointError) in
          try cursor.bool(bytes, what)
        })
    case .string:
      return .string(
        try elements(count) { (cursor) throws(CheckpointError) in
          try cursor.string(bytes, what)
        })
    case .array:
      return .array(
        try elements(count) { (cursor) throws(CheckpointError) in
          try cursor.array(bytes, what, depth: depth + 1)
        })
    case .uint64: return .uint64(try integers(bytes, what, count))
    case .int64: return .int64(try integers(bytes, what, count))
    case .float64: return .float64(try integers(bytes, what, count).map(Double.init(bitPattern:)))
    }
  }

  private mutating func integers<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, _ what: String, _ count: Int
  ) throws(CheckpointError) -> [Integer] {
    let size = MemoryLayout<Integer>.size
    let start = try take(count * size, of: bytes, what)
    return (0..<count).map { bytes.little(start + $0 * size, Integer.self) }
  }

  private mutating func elements<Element>(
    _ count: Int, _ next: (inout GGUFCursor) throws(CheckpointError) -> Element
  ) throws(CheckpointError) -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try next(&self)) }
    return elements
  }
}
