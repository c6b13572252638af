/// A word of a condition.
enum PredicateToken: Equatable {
  case word(String)
  /// A property in backquotes, which is never a keyword.
  case property(String)
  case number(Double)
  case text(String)
  case symbol(String)
  case end

  var shown: String {
    switch self {
    case .word(let word), .symbol(let word): "'\(word)'"
    case .property(let name): "`\(name)`"
    case .number(let number): PropertyValue.shown(number)
    case .text(let text): "the text '\(text)'"
    case .end: "the end"
    }
  }
}

/// Cuts a condition into words.
struct PredicateLexer {
  private let text: [Character]
  private var offset = 0

  init(_ text: String) { self.text = Array(text) }

  /// All words and where they begin, from 1; the last is the end.
  static func tokens(
    of text: String
  ) throws(PredicateError) -> [(token: PredicateToken, character: Int)] {
    var lexer = PredicateLexer(text)
    var tokens: [(token: PredicateToken, character: Int)] = []
    while true {
      while let next = lexer.peek(), next.isWhitespace { lexer.offset += 1 }
      let start = lexer.offset + 1
      let token = try lexer.next()
      tokens.append((token, start))
      if token == .end { return tokens }
    }
  }

  private func peek(_ ahead: Int = 0) -> Character? {
    offset + ahead < text.count ? text[offset + ahead] : nil
  }

  private mutating func next() throws(PredicateError) -> PredicateToken {
    guard let first = peek() else { return .end }
    if first == "`" { return .property(try quoted(by: first)) }
    if first == "'" || first == "\"" { return .text(try quoted(by: first)) }
    if first.isLetter || first == "_" {
      return .word(take { $0.isLetter || $0.isNumber || "_-.".contains($0) })
    }
    if first.isASCIIDigit || (first == "-" && peek(1)?.isASCIIDigit == true) {
      return .number(try number())
    }
    for symbol in ["<=", ">=", "==", "!=", "<", ">", "=", "(", ")", "[", "]", ","]
    where text[offset...].starts(with: symbol) {
      offset += symbol.count
      return .symbol(symbol == "==" ? "=" : symbol)
    }
    throw PredicateError(
      character: offset + 1,
      message: "expected a property, a value or an operator, found '\(first)'",
      suggestion: nil)
  }

  private mutating func take(while isPart: (Character) -> Bool) -> String {
    let start = offset
    while let next = peek(), isPart(next) { offset += 1 }
    return String(text[start..<offset])
  }

  private mutating func quoted(by quote: Character) throws(PredicateError) -> String {
    let start = offset
    offset += 1
    let content = take { $0 != quote }
    guard peek() == quote else {
      throw PredicateError(
        character: start + 1, message: "expected a closing \(quote), found the end", suggestion: nil
      )
    }
    offset += 1
    return content
  }

  /// `-`, digits, and a fraction and an exponent where wanted.
  private mutating func number() throws(PredicateError) -> Double {
    let start = offset
    offset += 1
    _ = take { $0.isASCIIDigit }
    if peek() == ".", peek(1)?.isASCIIDigit == true {
      offset += 1
      _ = take { $0.isASCIIDigit }
    }
    if peek() == "e" || peek() == "E" {
      offset += 1
      if peek() == "-" || peek() == "+" { offset += 1 }
      _ = take { $0.isASCIIDigit }
    }
    let written = String(text[start..<offset])
    let follows = peek().map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" } ?? false
    guard !follows, let value = Double(written), value.isFinite else {
      throw PredicateError(
        character: start + 1,
        message: "expected a decimal number, found '\(written)'"
          + (follows ? " and more" : ""), suggestion: nil)
    }
    return value
  }
}

extension Character {
  /// Whether this is one of 0 to 9.
  fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
