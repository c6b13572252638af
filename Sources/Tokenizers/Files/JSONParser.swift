/// Reads JSON strictly: no repeated keys, no lone surrogates, bounded depth.
///
/// Foundation's parsers keep one of two equal keys in silence and give strings whose equality is
/// canonical equivalence; either would let two pieces of a vocabulary become one.
package struct JSONParser {
  private let bytes: [UInt8]
  private let file: String
  private var offset = 0

  private init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// The one value of a file.
  package static func parse(_ bytes: [UInt8], file: String) throws(TokenizerError) -> JSONValue {
    guard bytes.count <= TokenizerLimits.fileBytes else {
      throw .tooLarge(
        file: file, place: "length in bytes", limit: TokenizerLimits.fileBytes, found: bytes.count)
    }
    var parser = JSONParser(bytes, file: file)
    let value = try parser.value(depth: 0)
    guard parser.peek() == nil else { throw parser.failure(expected: "the end of the file") }
    return value
  }

  private mutating func peek() -> UInt8? {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return bytes[offset]
      }
    }
    return nil
  }

  private func failure(expected: String, found: String? = nil) -> TokenizerError {
    var next = "the end of the file"
    if offset < bytes.count {
      let byte = bytes[offset]
      next =
        (0x21...0x7E).contains(byte)
        ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x" + String(byte, radix: 16)
    }
    return .malformed(
      file: file, place: "byte \(offset)", expected: expected, found: found ?? next)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(TokenizerError) {
    guard take(byte) else {
      throw failure(expected: "'\(Character(UnicodeScalar(byte)))'")
    }
  }

  private mutating func value(depth: Int) throws(TokenizerError) -> JSONValue {
    guard depth < TokenizerLimits.nesting else {
      throw .tooLarge(
        file: file, place: "nesting at byte \(offset)", limit: TokenizerLimits.nesting,
        found: depth + 1)
    }
    switch peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(TokenizerError) -> JSONValue {
    guard bytes[offset...].starts(with: word.utf8) else { throw failure(expected: "'\(word)'") }
    offset += word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(TokenizerError) -> JSONValue {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return .object([]) }
    var members: [(key: [UInt8], value: JSONValue)] = []
    var keys: Set<[UInt8]> = []
    repeat {
      _ = peek()
      let place = offset
      let key = try string()
      guard keys.insert(key).inserted else {
        throw .malformed(
          file: file, place: "byte \(place)", expected: "every key once",
          found: "'\(shown(key))' twice")
      }
      try expect(UInt8(ascii: ":"))
      members.append((key, try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
    return .object(members)
  }

  private mutating func array(depth: Int) throws(TokenizerError) -> JSONValue {
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return .array([]) }
    var items: [JSONValue] = []
    repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return .array(items)
  }

  private mutating func digits() throws(TokenizerError) {
    let start = offset
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
    guard offset > start else { throw failure(expected: "a value") }
  }

  private mutating func number() throws(TokenizerError) -> JSONValue {
    _ = peek()
    let start = offset
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let first = offset
    try digits()
    guard bytes[first] != 0x30 || offset == first + 1 else {
      throw failure(expected: "a number without leading zeros")
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if offset < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[offset]) {
        offset += 1
      }
      try digits()
    }
    guard offset - start <= 64 else {
      throw failure(expected: "a number of at most 64 characters", found: "\(offset - start)")
    }
    return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
  }

  private mutating func string() throws(TokenizerError) -> [UInt8] {
    try expect(UInt8(ascii: "\""))
    var text: [UInt8] = []
    let start = offset
    var isASCII = true
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      let byte = bytes[offset]
      guard byte >= 0x20 else { throw failure(expected: "no control character in a string") }
      offset += 1
      if byte == UInt8(ascii: "\\") {
        try escape(into: &text)
      } else {
        isASCII = isASCII && byte < 0x80
        text.append(byte)
      }
    }
    if !isASCII, String(validating: bytes[start..<offset], as: UTF8.self) == nil {
      throw .malformed(
        file: file, place: "byte \(start)", expected: "UTF-8", found: "ill-formed bytes")
    }
    try expect(UInt8(ascii: "\""))
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(TokenizerError) {
    guard offset < bytes.count else { throw failure(expected: "an escape") }
    switch bytes[offset] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[offset])
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      offset += 1
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), bytes[offset...].starts(with: "\\u".utf8) {
        offset += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else {
          throw failure(expected: "the second half of a surrogate pair")
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw failure(expected: "a surrogate pair", found: "one surrogate")
      }
      text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
      return
    default: throw failure(expected: "an escape")
    }
    offset += 1
  }

  private mutating func hexadecimal() throws(TokenizerError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count,
        let digit = Character(UnicodeScalar(bytes[offset])).hexDigitValue
      else { throw failure(expected: "four hexadecimal digits") }
      code = code << 4 | UInt32(digit)
      offset += 1
    }
    return code
  }
}
