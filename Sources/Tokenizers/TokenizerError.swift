/// Why a tokenizer cannot be read or used.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file's content is not what a tokenizer needs; `place` is a byte offset or a path of keys.
  case malformed(file: String, place: String, expected: String, found: String)
  /// The file is sound and asks for something that is not implemented.
  case unsupported(file: String, place: String, feature: String)
  /// Something is larger than `TokenizerLimits` allows.
  case tooLarge(file: String, place: String, limit: Int, found: Int)
  /// A text holds characters that the vocabulary cannot express, and there is no unknown token.
  case inexpressible(text: String)
  /// An id that no piece has; `position` is its index in the ids handed over.
  case identifier(position: Int, expected: String, found: Int)
  /// A model has fewer rows than the tokenizer has ids.
  case vocabularyMismatch(model: String, expected: Int, found: Int)

  /// One sentence that names the file, the place, what was expected and what was found.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .malformed(let file, let place, let expected, let found):
      "\(file): \(place): expected \(expected), found \(found)"
    case .unsupported(let file, let place, let feature):
      "\(file): \(place): \(feature) is not supported"
    case .tooLarge(let file, let place, let limit, let found):
      "\(file): \(place): expected at most \(limit), found \(found)"
    case .inexpressible(let text):
      "the text '\(text)' has no pieces in the vocabulary, and there is no unknown token"
    case .identifier(let position, let expected, let found):
      "token \(position): expected \(expected), found \(found)"
    case .vocabularyMismatch(let model, let expected, let found):
      "\(model): expected a vocabulary of at least \(expected) rows, as many as the tokenizer has "
        + "ids, found \(found)"
    }
  }
}
