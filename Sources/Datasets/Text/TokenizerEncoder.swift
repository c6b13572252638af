import Digests
import Foundation
public import Tokenizers

/// A tokenizer as datasets use it.
public struct TokenizerEncoder: TextEncoder {
  private let tokenizer: any Tokenizer

  /// The digest of the tokenizer's canonical form.
  public let identity: String

  /// Wraps a tokenizer.
  public init(_ tokenizer: any Tokenizer) {
    self.tokenizer = tokenizer
    identity = Digest(of: tokenizer.canonicalForm).description
  }

  /// How many ids the tokenizer has.
  public var vocabularyCount: Int { tokenizer.vocabularyCount }
  /// The tokenizer's beginning of a sequence.
  public var beginning: Int? { tokenizer.specialTokens.beginning }
  /// The tokenizer's padding.
  public var padding: Int? { tokenizer.specialTokens.padding }

  /// The tokenizer's ids.
  public func encode(_ text: String, addingSpecialTokens: Bool) throws -> [Int] {
    try tokenizer.encode(text, addSpecialTokens: addingSpecialTokens)
  }
}
