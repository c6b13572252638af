import Digests
public import Tokenizers

extension TextEncoder {
  /// A tokenizer as datasets use it. The identity is the digest of everything that decides its ids.
  public init(_ tokenizer: any Tokenizer) {
    var hasher = Hasher256()
    tokenizer.canonicalForm.withUnsafeBytes { hasher.update($0) }
    self.init(
      vocabulary: tokenizer.vocabularyCount, beginning: tokenizer.specialTokens.beginning,
      padding: tokenizer.specialTokens.padding, identity: hasher.finalize().description
    ) { text, addsMarks in
      try tokenizer.encode(text, addSpecialTokens: addsMarks)
    }
  }

  /// Every byte is its own id; 256 of them, none of which has a role.
  static let bytes = TextEncoder(ByteTokenizer())
}
