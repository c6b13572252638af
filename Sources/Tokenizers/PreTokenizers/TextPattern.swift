import Foundation

/// What a text is searched for: fixed characters, one of the well-known word patterns, or any other
/// regular expression.
enum TextPattern: Sendable {
  case literal([Unicode.Scalar])
  case words(WordScanner)
  case expression(Expression)

  /// A compiled regular expression, in ICU's syntax.
  struct Expression: Sendable {
    let source: String
    let compiled: NSRegularExpression
  }

  /// Compiles a pattern. The patterns of GPT-2, Llama 3 and Qwen 2 are scanned by hand, in linear time;
  /// every other one runs in ICU, for a bounded number of steps.
  static func expression(_ source: String, at node: JSONNode) throws(TokenizerError) -> TextPattern
  {
    guard source.unicodeScalars.count <= TokenizerLimits.patternLength else {
      throw .tooLarge(
        file: node.file, place: node.place, limit: TokenizerLimits.patternLength,
        found: source.unicodeScalars.count)
    }
    if let scanner = WordScanner(pattern: source) { return .words(scanner) }
    do {
      return .expression(
        Expression(source: source, compiled: try NSRegularExpression(pattern: source)))
    } catch {
      throw node.failure(expected: "a regular expression", found: "'\(shown(Array(source.utf8)))'")
    }
  }

  /// The matches within a range, left to right, as if nothing stood around it. They may be empty.
  ///
  /// Throws when a regular expression takes too many steps.
  func matches(
    in scalars: [Unicode.Scalar], _ range: Range<Int>
  ) throws(TokenizerError) -> [Range<Int>] {
    switch self {
    case .literal(let pattern): return Self.matches(of: pattern, in: scalars, range)
    case .words(let scanner): return scanner.words(in: scalars, range)
    case .expression(let expression): return try expression.matches(in: scalars, range)
    }
  }

  private static func matches(
    of pattern: [Unicode.Scalar], in scalars: [Unicode.Scalar], _ range: Range<Int>
  ) -> [Range<Int>] {
    guard let first = pattern.first else { return [] }
    var found: [Range<Int>] = []
    var index = range.lowerBound
    while index + pattern.count <= range.upperBound {
      if scalars[index] == first,
        scalars[index..<index + pattern.count].elementsEqual(pattern)
      {
        found.append(index..<index + pattern.count)
        index += pattern.count
      } else {
        index += 1
      }
    }
    return found
  }
}

extension TextPattern.Expression {
  /// How often ICU may report that a search is still under way before it counts as endless, in a text
  /// of so many characters. ICU reports once for each place where it begins to look, and then after
  /// every 10,000 or so steps. Steps, unlike seconds, are the same on every machine.
  private static func patience(_ count: Int) -> Int { 100 + 2 * count }

  fileprivate func matches(
    in scalars: [Unicode.Scalar], _ range: Range<Int>
  ) throws(TokenizerError) -> [Range<Int>] {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars[range])
    var indexOfUnit: [Int] = []
    indexOfUnit.reserveCapacity(range.count + 1)
    for index in range {
      indexOfUnit.append(index)
      if scalars[index].value > 0xFFFF { indexOfUnit.append(index) }
    }
    indexOfUnit.append(range.upperBound)
    let whole = NSRange(location: 0, length: indexOfUnit.count - 1)
    var found: [Range<Int>] = []
    var reports = 0
    let patience = Self.patience(range.count)
    compiled.enumerateMatches(in: text, options: .reportProgress, range: whole) { match, _, stop in
      guard let match else {
        reports += 1
        if reports > patience { stop.pointee = true }
        return
      }
      let (lower, length) = (match.range.location, match.range.length)
      guard lower >= 0, length >= 0, lower + length < indexOfUnit.count else { return }
      found.append(indexOfUnit[lower]..<indexOfUnit[lower + length])
    }
    guard reports <= patience else {
      throw .tooLarge(
        file: "text", place: "progress reports of the pattern '\(shown(Array(source.utf8)))'",
        limit: patience, found: reports)
    }
    return found
  }
}
