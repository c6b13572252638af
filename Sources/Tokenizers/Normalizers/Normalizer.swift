import Foundation

/// One step of rewriting a text before it is cut.
enum Normalizer: Sendable {
  /// One of Unicode's normalization forms.
  case form(UnicodeForm)
  /// Each character's own lower case, whatever stands around it.
  case lowercase
  /// Drops every combining mark.
  case stripAccents
  /// Puts characters before a text that is not empty.
  case prepend([Unicode.Scalar])
  case replace(TextPattern, [Unicode.Scalar])
  case bert(BertNormalizer)
  /// Drops white space at the ends.
  case strip(left: Bool, right: Bool)
  case precompiled(PrecompiledMap)
  /// GPT-2's bytes as characters.
  case byteLevel

  /// Unicode's normalization forms.
  enum UnicodeForm: String, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    /// The text in this form.
    func apply(to scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
      guard scalars.contains(where: { !$0.isASCII }) else { return scalars }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let result =
        switch self {
        case .nfc: text.precomposedStringWithCanonicalMapping
        case .nfd: text.decomposedStringWithCanonicalMapping
        case .nfkc: text.precomposedStringWithCompatibilityMapping
        case .nfkd: text.decomposedStringWithCompatibilityMapping
        }
      return Array(result.unicodeScalars)
    }
  }

  /// The rewritten text. Throws when it becomes longer than `limit` characters.
  func apply(
    to scalars: [Unicode.Scalar], limit: Int
  ) throws(TokenizerError) -> [Unicode.Scalar] {
    let result: [Unicode.Scalar]
    switch self {
    case .form(let form): result = form.apply(to: scalars)
    case .lowercase: result = Self.lowercased(scalars)
    case .stripAccents: result = scalars.filter { !$0.isMark }
    case .prepend(let prefix): result = scalars.isEmpty ? [] : prefix + scalars
    case .replace(let pattern, let content):
      result = try Self.replacing(pattern, content, in: scalars, limit: limit)
    case .bert(let normalizer): result = normalizer.apply(to: scalars)
    case .strip(let left, let right): result = Self.stripped(scalars, left: left, right: right)
    case .precompiled(let map): result = try map.apply(to: scalars, limit: limit)
    case .byteLevel:
      var bytes: [Unicode.Scalar] = []
      for scalar in scalars { ByteAlphabet.append(scalar, to: &bytes) }
      result = bytes
    }
    try checkLength(result.count, limit)
    return result
  }

  /// The text in which every match gave way to `content`. Throws when it becomes longer than `limit`.
  static func replacing(
    _ pattern: TextPattern, _ content: [Unicode.Scalar], in scalars: [Unicode.Scalar], limit: Int
  ) throws(TokenizerError) -> [Unicode.Scalar] {
    let matches = try pattern.matches(in: scalars, 0..<scalars.count)
    guard !matches.isEmpty else { return scalars }
    let (added, overflow) = content.count.multipliedReportingOverflow(by: matches.count)
    try checkLength(overflow ? Int.max : added, limit)
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    var end = 0
    for match in matches {
      result.append(contentsOf: scalars[end..<match.lowerBound])
      result.append(contentsOf: content)
      end = match.upperBound
    }
    result.append(contentsOf: scalars[end...])
    return result
  }

  static func lowercased(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    for scalar in scalars {
      if scalar.isASCII {
        let isUpper = (0x41...0x5A).contains(scalar.value)
        result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value | 0x20)) : scalar)
      } else {
        result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return result
  }

  private static func stripped(
    _ scalars: [Unicode.Scalar], left: Bool, right: Bool
  ) -> [Unicode.Scalar] {
    var range = scalars[...]
    if left { range = range.drop { $0.isWhiteSpace } }
    if right { while range.last?.isWhiteSpace == true { range.removeLast() } }
    return Array(range)
  }
}

/// Throws when a text has become longer than steps may make it.
func checkLength(_ count: Int, _ limit: Int) throws(TokenizerError) {
  guard count <= limit else {
    throw .tooLarge(
      file: "text", place: "length after rewriting", limit: limit, found: count)
  }
}
