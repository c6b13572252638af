/// Turns text into token ids and back.
///
/// Values are immutable and may be used from several threads. Equal canonical forms give equal ids
/// for every text.
public protocol Tokenizer: Sendable {
  /// How many ids there are: every id is in `0..<vocabularyCount`. Ids that no piece holds (gaps of a
  /// vocabulary file) count.
  var vocabularyCount: Int { get }

  /// The ids with a role.
  var specialTokens: SpecialTokens { get }

  /// Everything that decides which ids a text gets, as bytes to be digested. It names no file.
  var canonicalForm: [UInt8] { get }

  /// The ids of `text`; `addSpecialTokens` puts the ids around it that the tokenizer's own template
  /// asks for (a beginning of sequence, `[CLS]` and `[SEP]` and so on). Nothing is truncated or padded.
  ///
  /// Throws when the text is longer than `TokenizerLimits.textBytes`, or holds what the vocabulary
  /// cannot express and no unknown token stands for.
  func encode(_ text: String, addSpecialTokens: Bool) throws(TokenizerError) -> [Int]

  /// The text of `ids`, special tokens left out if `skipSpecialTokens`. Bytes that are not UTF-8
  /// become U+FFFD. Throws for an id outside `0..<vocabularyCount` or without a piece.
  func decode(_ ids: [Int], skipSpecialTokens: Bool) throws(TokenizerError) -> String
}

extension Tokenizer {
  /// The text of `ids` without special tokens.
  public func decode(_ ids: [Int]) throws(TokenizerError) -> String {
    try decode(ids, skipSpecialTokens: true)
  }

  /// Throws unless the model that takes the ids has room for all of them.
  ///
  /// A model may have more rows than the tokenizer has ids (embeddings are often padded to a round
  /// number); it must not have fewer.
  public func expects(vocabularyCount rows: Int, of model: String) throws(TokenizerError) {
    guard vocabularyCount <= rows else {
      throw .vocabularyMismatch(model: model, expected: vocabularyCount, found: rows)
    }
  }
}

/// The ids that have a role in sequences; `nil` where the tokenizer has none.
public struct SpecialTokens: Equatable, Sendable {
  /// Begins a sequence (BERT's `[CLS]`).
  public var beginning: Int?
  /// Ends a sequence (BERT's `[SEP]`).
  public var end: Int?
  /// Stands for what the vocabulary cannot express.
  public var unknown: Int?
  /// Fills a batch up; never scored.
  public var padding: Int?

  /// Names the ids.
  public init(
    beginning: Int? = nil, end: Int? = nil, unknown: Int? = nil, padding: Int? = nil
  ) {
    self.beginning = beginning
    self.end = end
    self.unknown = unknown
    self.padding = padding
  }
}

/// What a tokenizer file or a text may demand at most; more is refused before memory is spent on it.
public enum TokenizerLimits {
  /// Bytes of a `tokenizer.json`.
  public static let fileBytes = 256 << 20
  /// Levels of nested arrays and objects in it.
  public static let nesting = 32
  /// Normalizers, pre-tokenizers, post-processors or decoders in all sequences together.
  public static let stages = 256
  /// Ids of a vocabulary.
  public static let vocabularyCount = 1 << 22
  /// UTF-8 bytes of one piece.
  public static let pieceBytes = 1 << 12
  /// Added tokens.
  public static let addedTokens = 1 << 17
  /// Characters of a regular expression.
  public static let patternLength = 4096
  /// UTF-8 bytes of a text to encode, before and after normalization.
  public static let textBytes = 1 << 27

  /// Characters that steps may make of a text of `count`: a small file must not make a short text long.
  /// Compatibility forms make 18 of one at most.
  static func rewritten(_ count: Int) -> Int { min(textBytes, 1 << 16 + 64 * count) }
}
