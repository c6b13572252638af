/// Finds the ids with a role, which `tokenizer.json` itself does not name.
enum SpecialTokenNames {
  private static let beginnings = ["<s>", "<|begin_of_text|>", "<|startoftext|>", "<bos>", "[CLS]"]
  private static let ends = [
    "</s>", "<|end_of_text|>", "<|endoftext|>", "<eos>", "<|im_end|>", "[SEP]",
  ]
  private static let paddings = ["<pad>", "[PAD]", "<|pad|>", "<|finetune_right_pad_id|>"]

  /// Takes the names of `tokenizer_config.json`, or the first usual name that is a special token.
  static func find(
    in parts: PipelineTokenizer.Parts, configuration: JSONNode?
  ) throws(TokenizerError) -> SpecialTokens {
    var roles = SpecialTokens(unknown: parts.model.unknown)
    if let configuration {
      roles.beginning = try named(["bos_token", "cls_token"], configuration, parts)
      roles.end = try named(["eos_token", "sep_token"], configuration, parts)
      roles.padding = try named(["pad_token"], configuration, parts)
      if roles.unknown == nil { roles.unknown = try named(["unk_token"], configuration, parts) }
    } else {
      let specials = parts.added.tokens.filter(\.isSpecial)
      func usual(_ names: [String]) -> Int? {
        for name in names {
          if let token = specials.first(where: { $0.content.elementsEqual(name.utf8) }) {
            return token.id
          }
        }
        return nil
      }
      roles.beginning = usual(beginnings)
      roles.end = usual(ends)
      roles.padding = usual(paddings)
    }
    return roles
  }

  /// The id under the first key that is there: a string or an object with `content`.
  private static func named(
    _ keys: [String], _ configuration: JSONNode, _ parts: PipelineTokenizer.Parts
  ) throws(TokenizerError) -> Int? {
    var first: JSONNode?
    for key in keys where first == nil { first = try configuration.optional(key) }
    guard let node = first else { return nil }
    let bytes: [UInt8]
    if case .object = node.value {
      bytes = try node.required("content").bytes()
    } else {
      bytes = try node.bytes()
    }
    if let token = parts.added.tokens.first(where: { $0.content == bytes }) { return token.id }
    guard let id = parts.model.vocabulary.id(of: bytes) else {
      throw node.failure(expected: "a token of the vocabulary")
    }
    return id
  }
}
