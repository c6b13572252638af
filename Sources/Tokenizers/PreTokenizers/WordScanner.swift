/// The word patterns of GPT-2, Llama 3 and Qwen 2, scanned by hand in linear time.
///
/// All three try, at each place, in this order: an English contraction, letters, digits, anything else
/// that is no space, line ends, and spaces. White space before a word lends it its last character.
package struct WordScanner: Equatable, Sendable {
  /// How the three differ.
  package enum Style: Sendable {
    /// Contractions in lower case; a space may begin any word; numbers of any length.
    case gpt2
    /// Contractions in any case; any one character but a line end may begin letters; numbers of up to
    /// three digits; punctuation takes the line ends after it.
    case llama3
    /// As `llama3`, with single digits.
    case qwen2
  }

  package let style: Style

  /// The pattern of GPT-2, also what `ByteLevel` cuts by.
  package static let gpt2Pattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  /// The pattern of Llama 3 (and `cl100k`).
  package static let llama3Pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"#
    + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  /// The pattern of Qwen 2.
  package static let qwen2Pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
    + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// The scanner of a style.
  init(_ style: Style) {
    self.style = style
  }

  /// The scanner of exactly this pattern, or `nil`.
  package init?(pattern: String) {
    switch pattern {
    case Self.gpt2Pattern: style = .gpt2
    case Self.llama3Pattern: style = .llama3
    case Self.qwen2Pattern: style = .qwen2
    default: return nil
    }
  }

  /// The words, which cover the whole range.
  package func words(in scalars: [Unicode.Scalar], _ range: Range<Int>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    words.reserveCapacity(range.count / 4)
    var start = range.lowerBound
    while start < range.upperBound {
      let end = endOfWord(scalars, start, range.upperBound)
      words.append(start..<end)
      start = end
    }
    return words
  }

  private func endOfWord(_ text: [Unicode.Scalar], _ start: Int, _ limit: Int) -> Int {
    if let end = contraction(text, start, limit) { return end }
    if let end = style == .gpt2 ? spacedWord(text, start, limit) : letters(text, start, limit) {
      return end
    }
    if style != .gpt2 {
      if text[start].isNumeric {
        let longest = style == .llama3 ? 3 : 1
        return run(text, start, min(limit, start + longest)) { $0.isNumeric }
      }
      if let end = punctuation(text, start, limit) { return end }
    }
    return whiteSpace(text, start, limit)
  }

  @inline(__always)
  private func run(
    _ text: [Unicode.Scalar], _ start: Int, _ limit: Int, _ belongs: (Unicode.Scalar) -> Bool
  ) -> Int {
    var end = start
    while end < limit, belongs(text[end]) { end += 1 }
    return end
  }

  private func contraction(_ text: [Unicode.Scalar], _ start: Int, _ limit: Int) -> Int? {
    guard text[start] == "'", start + 1 < limit else { return nil }
    let first = folded(text[start + 1])
    switch first {
    case "s", "t", "m", "d": return start + 2
    case "r", "v", "l":
      guard start + 2 < limit else { return nil }
      let second = folded(text[start + 2])
      return second == (first == "l" ? "l" : "e") ? start + 3 : nil
    default: return nil
    }
  }

  /// Ignores case where the pattern does; the long s folds to `s`.
  private func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard style != .gpt2 else { return scalar }
    if scalar == "\u{17F}" { return "s" }
    guard scalar.isASCII, scalar.isLetter else { return scalar }
    return Unicode.Scalar(UInt8(scalar.value | 0x20))
  }

  /// GPT-2's ` ?\p{L}+`, ` ?\p{N}+` and ` ?[^\s\p{L}\p{N}]+`.
  private func spacedWord(_ text: [Unicode.Scalar], _ start: Int, _ limit: Int) -> Int? {
    let first = text[start] == " " ? start + 1 : start
    guard first < limit, !text[first].isWhiteSpace else { return nil }
    if text[first].isLetter { return run(text, first, limit) { $0.isLetter } }
    if text[first].isNumeric { return run(text, first, limit) { $0.isNumeric } }
    return run(text, first, limit) { !$0.isWhiteSpace && !$0.isLetter && !$0.isNumeric }
  }

  /// `[^\r\n\p{L}\p{N}]?\p{L}+`.
  private func letters(_ text: [Unicode.Scalar], _ start: Int, _ limit: Int) -> Int? {
    let scalar = text[start]
    var first = start
    if !scalar.isLetter {
      guard scalar != "\r", scalar != "\n", !scalar.isNumeric else { return nil }
      first += 1
    }
    let end = run(text, first, limit) { $0.isLetter }
    return end > first ? end : nil
  }

  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*`.
  private func punctuation(_ text: [Unicode.Scalar], _ start: Int, _ limit: Int) -> Int? {
    let first = text[start] == " " ? start + 1 : start
    let end = run(text, first, limit) { !$0.isWhiteSpace && !$0.isLetter && !$0.isNumeric }
    guard end > first else { return nil }
    return run(text, end, limit) { $0 == "\r" || $0 == "\n" }
  }

  /// `\s*[\r\n]+` (not GPT-2), else `\s+(?!\S)`, else `\s+`.
  private func whiteSpace(_ text: [Unicode.Scalar], _ start: Int, _ limit: Int) -> Int {
    let end = run(text, start, limit) { $0.isWhiteSpace }
    if style != .gpt2,
      let lineEnd = text[start..<end].lastIndex(where: { $0 == "\r" || $0 == "\n" })
    {
      return lineEnd + 1
    }
    if end == limit || end == start + 1 { return max(end, start + 1) }
    return end - 1
  }
}
