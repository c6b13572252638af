/// Finds aliases that are, or may be inside, a mapping's key.
///
/// Yams hashes every key to find duplicates, and hashing walks through an alias as often as it is
/// reached: nested aliases in a key take exponential time before a limit on values can see them. This
/// looks at bytes, not tokens, and only in files that have both `&` and `*`; there it also stops at
/// `]:`, `}:`, `*word:` and a free-standing `?` that were meant as text. It can go when Yams bounds what
/// an alias expands to.
enum AliasKeys {
  /// The first such place, line and column from 1 (columns in bytes).
  static func first(in bytes: [UInt8]) -> (line: Int, column: Int)? {
    guard bytes.contains(UInt8(ascii: "&")), bytes.contains(UInt8(ascii: "*")) else { return nil }
    var line = 1
    var lineStart = 0
    var lastInk: UInt8 = newline
    var isComment = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let before = index == lineStart ? newline : bytes[index - 1]
      if byte == newline || byte == UInt8(ascii: "\r") {
        line += byte == newline ? 1 : 0
        lineStart = index + 1
        lastInk = newline
        isComment = false
      } else if !isComment {
        if byte == UInt8(ascii: "#"), lastInk == newline { isComment = true }
        let closesKey = byte == UInt8(ascii: ":") && closers.contains(lastInk)
        let opensKey = byte == UInt8(ascii: "?") && openers.contains(before)
        let isAliasKey = byte == UInt8(ascii: "*") && aliasEndsInColon(bytes, from: index + 1)
        if !isComment, closesKey || opensKey || isAliasKey { return (line, index - lineStart + 1) }
        if !blanks.contains(byte) { lastInk = byte }
      }
      index += 1
    }
    return nil
  }

  private static let newline = UInt8(ascii: "\n")
  private static let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
  private static let closers = [UInt8(ascii: "]"), UInt8(ascii: "}")]
  private static let openers =
    blanks + [newline, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ",")]

  private static func aliasEndsInColon(_ bytes: [UInt8], from start: Int) -> Bool {
    var index = start
    while index < bytes.count, isWord(bytes[index]) { index += 1 }
    while index < bytes.count, blanks.contains(bytes[index]) { index += 1 }
    return index > start && index < bytes.count && bytes[index] == UInt8(ascii: ":")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
