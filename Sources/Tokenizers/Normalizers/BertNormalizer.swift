/// BERT's clean-up of a text.
///
/// Source: google-research/bert, `BasicTokenizer`; where the two differ, Hugging Face's `tokenizers`.
struct BertNormalizer: Sendable {
  /// Drops control characters and makes every white space a space.
  var cleansText: Bool
  /// Puts spaces around ideographs, so that each becomes a word.
  var isolatesIdeographs: Bool
  /// Decomposes and drops non-spacing marks.
  var stripsAccents: Bool
  /// Makes every character lower case.
  var lowercases: Bool

  /// The cleaned text.
  func apply(to scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = scalars
    if cleansText {
      text = text.compactMap { scalar in
        if scalar == "\0" || scalar == "\u{FFFD}" || Self.isControl(scalar) { return nil }
        return scalar.isWhiteSpace ? " " : scalar
      }
    }
    if isolatesIdeographs, text.contains(where: Self.isIdeograph) {
      text = text.flatMap { Self.isIdeograph($0) ? [" ", $0, " "] : [$0] }
    }
    if stripsAccents {
      text = Normalizer.UnicodeForm.nfd.apply(to: text).filter { !$0.isNonspacingMark }
    }
    return lowercases ? Normalizer.lowercased(text) : text
  }

  /// Categories Cc, Cf, Cn and Co, but for tab, line feed and carriage return.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return scalar.value < 0x20 && ![0x09, 0x0A, 0x0D].contains(scalar.value)
        || scalar.value == 0x7F
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse: return true
    default: return false
    }
  }

  /// The blocks that BERT calls Chinese characters.
  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
      0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}

extension Unicode.Scalar {
  /// Any category M.
  var isMark: Bool {
    if isASCII { return false }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: return false
    }
  }

  /// Category Mn.
  var isNonspacingMark: Bool {
    !isASCII && properties.generalCategory == .nonspacingMark
  }
}
