/// Reads the JSON of a safetensors header, of an index of shards or of a configuration, byte by byte.
///
/// Foundation's decoders keep one of two equal keys in silence; a header with duplicates must be
/// refused, so the few forms a header may contain are read here. Only configurations recurse, to a limit.
struct HeaderCursor {
  private let bytes: [UInt8]
  private let file: String
  /// What errors call the text.
  private let what: String
  /// Offset of the next byte within the header.
  private(set) var offset = 0

  init(_ bytes: [UInt8], file: String, what: String = "header") {
    self.bytes = bytes
    self.file = file
    self.what = what
  }

  /// The next byte after white space, or `nil` at the end.
  mutating func peek() -> UInt8? {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    return offset < bytes.count ? bytes[offset] : nil
  }

  /// An error at the current place.
  func failure(expected: String) -> CheckpointError {
    let found =
      offset < bytes.count ? Self.shown(bytes[offset]) : "the end of the \(what)"
    return .malformed(
      file: file, place: "\(what) byte \(offset)", expected: expected, found: found)
  }

  private static func shown(_ byte: UInt8) -> String {
    (0x21...0x7E).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x" + String(byte, radix: 16)
  }

  /// Consumes `character` if it comes next.
  mutating func take(_ character: Character) -> Bool {
    guard let byte = peek(), byte == character.asciiValue else { return false }
    offset += 1
    return true
  }

  /// Consumes `character` or throws.
  mutating func expect(_ character: Character) throws(CheckpointError) {
    guard take(character) else { throw failure(expected: "'\(character)'") }
  }

  /// Calls `member` for each key of an object, which consumes the value; refuses a repeated key.
  mutating func object(
    _ member: (inout HeaderCursor, String) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try expect("{")
    if take("}") { return }
    var keys: Set<String> = []
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else {
        throw .malformed(
          file: file, place: "\(what) byte \(offset)", expected: "every key once",
          found: "'\(key)' twice")
      }
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  /// An array of non-negative integers.
  mutating func integers() throws(CheckpointError) -> [Int] {
    try expect("[")
    if take("]") { return [] }
    var values: [Int] = []
    repeat { values.append(try integer()) } while take(",")
    try expect("]")
    return values
  }

  /// A non-negative integer without sign, fraction, exponent or leading zero.
  private mutating func integer() throws(CheckpointError) -> Int {
    _ = peek()
    let start = offset
    var value = 0
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = product.addingReportingOverflow(Int(bytes[offset] - 0x30))
      guard !first, !second else { throw failure(expected: "an integer below 2^63") }
      value = sum
      offset += 1
    }
    guard offset > start, offset == start + 1 || bytes[start] != 0x30 else {
      throw failure(expected: "a non-negative integer")
    }
    return value
  }

  /// Consumes a value of any kind; brackets must match, numbers and words are not looked at.
  mutating func skipValue() throws(CheckpointError) {
    var open: [UInt8] = []
    repeat {
      guard let byte = peek() else { throw failure(expected: "a value") }
      switch byte {
      case UInt8(ascii: "\""): _ = try string()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append(byte + 2)
        offset += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard open.popLast() == byte else { throw failure(expected: "a value") }
        offset += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard !open.isEmpty else { throw failure(expected: "a value") }
        offset += 1
      default: _ = try takeWord()
      }
    } while !open.isEmpty
  }

  /// The characters of a number, `true`, `false` or `null`.
  mutating func takeWord() throws(CheckpointError) -> String {
    _ = peek()
    let start = offset
    while offset < bytes.count, Self.isWordByte(bytes[offset]) { offset += 1 }
    guard offset > start else { throw failure(expected: "a value") }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// A string with its escapes resolved.
  mutating func string() throws(CheckpointError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while offset < bytes.count, bytes[offset] != 0x22 {
      let byte = bytes[offset]
      guard byte >= 0x20 else { throw failure(expected: "a string without control characters") }
      offset += 1
      if byte == 0x5C {
        text.append(contentsOf: try escape())
      } else {
        text.append(byte)
      }
    }
    guard offset < bytes.count else { throw failure(expected: "'\"'") }
    offset += 1
    guard let string = String(validating: text, as: UTF8.self) else {
      throw failure(expected: "a string in UTF-8")
    }
    return string
  }

  /// The UTF-8 bytes of an escape whose backslash was consumed.
  private mutating func escape() throws(CheckpointError) -> [UInt8] {
    guard offset < bytes.count else { throw failure(expected: "an escape") }
    let letter = bytes[offset]
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try unicodeEscape()).utf8)
    default:
      offset -= 1
      throw failure(expected: "an escape")
    }
  }

  /// The scalar of `XXXX`, or of `XXXX\uXXXX` for a surrogate pair.
  private mutating func unicodeEscape() throws(CheckpointError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take("\\"), take("u") else {
      throw failure(expected: "a pair of surrogates")
    }
    let second = try hexadecimal()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure(expected: "a pair of surrogates") }
    return scalar
  }

  private mutating func hexadecimal() throws(CheckpointError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count,
        let digit = Character(UnicodeScalar(bytes[offset])).hexDigitValue
      else { throw failure(expected: "four hexadecimal digits") }
      value = value << 4 + UInt32(digit)
      offset += 1
    }
    return value
  }
}
