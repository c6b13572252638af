/// Finds the first place where bytes stop being JSON (RFC 8259), with line and column; also refuses
/// a key that occurs twice in one object, which decoders would silently drop.
package struct JSONSyntax {
  /// Where and why a text is not JSON. Lines and columns count from 1, columns in bytes.
  package struct Fault: Error, Hashable, Sendable {
    package let line: Int
    package let column: Int
    package let found: String
  }

  /// Deeper nesting than any file of ours has; protects the stack.
  private static let deepest = 64
  private static let decimal = UInt8(ascii: "0")...UInt8(ascii: "9")

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Throws at the first fault.
  package static func check(_ bytes: [UInt8]) throws(Fault) {
    var syntax = JSONSyntax(bytes)
    try syntax.value(depth: 0)
    syntax.skipSpace()
    if syntax.position < bytes.count { throw syntax.fault("text after the end") }
  }

  private mutating func value(depth: Int) throws(Fault) {
    skipSpace()
    guard depth < Self.deepest else { throw fault("nesting deeper than \(Self.deepest)") }
    switch peek {
    case UInt8(ascii: "{"): try object(depth: depth)
    case UInt8(ascii: "["): try array(depth: depth)
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"): try number()
    case let byte? where Self.decimal.contains(byte): try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func object(depth: Int) throws(Fault) {
    position += 1
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let start = position
      let key = try string()
      if !keys.insert(key).inserted {
        position = start
        throw fault("the key '\(key)' a second time")
      }
      skipSpace()
      guard take(":") else { throw unexpected("':'") }
      try value(depth: depth + 1)
      skipSpace()
      if take("}") { return }
      guard take(",") else { throw unexpected("',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(Fault) {
    position += 1
    skipSpace()
    if take("]") { return }
    while true {
      try value(depth: depth + 1)
      skipSpace()
      if take("]") { return }
      guard take(",") else { throw unexpected("',' or ']'") }
    }
  }

  /// Returns the text between the quotes, escapes as written: good enough to tell our keys apart.
  private mutating func string() throws(Fault) -> String {
    position += 1
    let start = position
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: bytes[start..<position - 1], as: UTF8.self)
      case UInt8(ascii: "\\"): position += 2
      case 0..<0x20: throw fault("a control character inside a string")
      default: position += 1
      }
    }
    throw fault("the end of the file inside a string")
  }

  private mutating func number() throws(Fault) {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
  }

  private mutating func digits() throws(Fault) {
    let start = position
    while let byte = peek, Self.decimal.contains(byte) { position += 1 }
    if position == start { throw unexpected("a digit") }
  }

  private mutating func word(_ word: StaticString) throws(Fault) {
    let expected = word.withUTF8Buffer { Array($0) }
    guard bytes[position...].starts(with: expected) else { throw unexpected("a value") }
    position += expected.count
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func unexpected(_ expected: String) -> Fault {
    guard let byte = peek else { return fault("the end of the file instead of \(expected)") }
    let shown = (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    return fault("\(shown) instead of \(expected)")
  }

  private func fault(_ found: String) -> Fault {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.count { $0 == 0x0A } + 1
    let column = before.count - ((before.lastIndex(of: 0x0A) ?? -1) + 1) + 1
    return Fault(line: line, column: column, found: found)
  }
}
