import Tokenizers

extension InputFormat {
  static let tokenizer = InputFormat("tokenizer") { bytes, _ in
    do throws(TokenizerError) {
      try use(try PipelineTokenizer(json: bytes, file: "tokenizer.json"))
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  /// Texts that reach the branches of every step: cases, accents, ligatures, ideographs, emoji, control
  /// characters, digits, long runs, and pieces that look like special tokens.
  private static let texts = [
    "", "Zoë's <keep> ﬁ 12 中🙂\u{301} \r\n\u{0} the quick fox [CLS] </s> <|endoftext|>",
    String(repeating: "a", count: 300) + String(repeating: " ", count: 40) + "ÅÉ1234567",
  ]

  /// Encodes and decodes with a tokenizer.
  ///
  /// - Throws: `TokenizerError` for what it cannot express.
  static func use(_ tokenizer: PipelineTokenizer) throws(TokenizerError) {
    precondition(!tokenizer.canonicalForm.isEmpty, "equal forms mean equal tokenizers")
    for text in texts {
      let ids = try tokenizer.encode(text, addSpecialTokens: true)
      let isKnown = ids.allSatisfy { (0..<tokenizer.vocabularyCount).contains($0) }
      precondition(isKnown, "an id is a row of the model's embedding")
      _ = try tokenizer.decode(ids, skipSpecialTokens: false)
    }
  }
}
