/// A YAML value with its place. Aliases are already replaced by what they stand for.
struct Node: Sendable {
  /// What a node holds.
  enum Content: Sendable {
    /// Text as written, without quotes; `quoted` also for block scalars (`|`, `>`).
    case scalar(String, quoted: Bool)
    case sequence([Node])
    case mapping([Entry])
  }

  /// One key and its value.
  struct Entry: Sendable {
    let key: String
    let keyPlace: Place
    let value: Node
  }

  let place: Place
  let content: Content

  /// How an error message names what stands here.
  var found: String {
    switch content {
    case .scalar(let text, let quoted):
      if quoted { return "the text \"\(Node.shortened(text))\"" }
      return YAMLWord.isNull(text) ? "nothing" : "'\(Node.shortened(text))'"
    case .sequence: return "a list"
    case .mapping: return "a mapping"
    }
  }

  /// The text of a plain scalar.
  var plain: String? {
    if case .scalar(let text, quoted: false) = content { return text }
    return nil
  }

  private static func shortened(_ text: String) -> String {
    let line = text.map { $0.isNewline ? " " : $0 }
    return line.count <= 60 ? String(line) : String(line.prefix(57)) + "…"
  }
}

/// What YAML 1.1 and 1.2 readers make of plain words; the cause of the surprises this module refuses.
enum YAMLWord {
  /// Whether a plain word means "no value".
  static func isNull(_ word: String) -> Bool {
    ["", "~", "null", "Null", "NULL"].contains(word)
  }

  /// Whether some YAML reader takes a plain word for a truth value.
  static func isBoolean(_ word: String) -> Bool {
    ["true", "false", "yes", "no", "on", "off", "y", "n"].contains(word.lowercased())
  }

  /// Whether some YAML reader takes a plain word for a number: decimal, octal, hexadecimal, with
  /// underscores, in base 60, infinite or not a number.
  static func isNumber(_ word: String) -> Bool {
    var rest = Substring(word.lowercased())
    if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
    if rest == ".inf" || rest == ".nan" { return true }
    if rest.hasPrefix("0x") || rest.hasPrefix("0o") || rest.hasPrefix("0b") {
      let digits = rest.dropFirst(2)
      return !digits.isEmpty && digits.allSatisfy { $0.isHexDigit || $0 == "_" }
    }
    guard let first = rest.first, first.isASCIIDigit || first == "." else { return false }
    guard rest.contains(where: \.isASCIIDigit) else { return false }
    let digits = rest.filter { $0 != "_" }
    if Double(digits) != nil { return true }
    return rest.contains(":") && rest.allSatisfy { $0.isASCIIDigit || $0 == ":" || $0 == "_" }
  }
}

extension Character {
  /// Whether this is one of `0…9`; `isNumber` also admits other scripts.
  var isASCIIDigit: Bool { self >= "0" && self <= "9" && isASCII }
}
