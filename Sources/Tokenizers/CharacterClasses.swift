/// The character classes that tokenizers cut by.
///
/// They are those of the Unicode version that Swift's library knows. Hugging Face's `tokenizers` asks
/// tables of several ages; of the punctuation and the marks that Unicode added since (a few hundred
/// characters of rare scripts) some are therefore treated differently by BERT's steps and StripAccents.
extension Unicode.Scalar {
  /// Unicode's property White_Space.
  var isWhiteSpace: Bool {
    value < 0x80 ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
  }

  /// Any category L (`\p{L}`).
  var isLetter: Bool {
    if value < 0x80 { return (0x61...0x7A).contains(value | 0x20) }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return true
    default: return false
    }
  }

  /// Any category N (`\p{N}`).
  var isNumeric: Bool {
    if value < 0x80 { return (0x30...0x39).contains(value) }
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }

  /// ASCII punctuation (which includes symbols such as `$`) or any category P.
  var isPunctuation: Bool {
    if value < 0x80 {
      return (0x21...0x7E).contains(value) && !isLetter && !isNumeric
    }
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// A letter, mark, digit, connector or joiner (`\w` of Unicode's regular expressions).
  var isWordCharacter: Bool {
    if value < 0x80 { return isLetter || isNumeric || value == 0x5F }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default:
      return properties.isAlphabetic || value == 0x200C || value == 0x200D
    }
  }
}
