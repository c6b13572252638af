extension StepReader {
  /// A post-processor that is no sequence, as the ids it puts around one text.
  static func template(
    _ node: JSONNode, vocabularyCount: Int
  ) throws(TokenizerError) -> SequenceTemplate {
    switch try node.type() {
    case "ByteLevel": return SequenceTemplate()
    case "BertProcessing", "RobertaProcessing":
      return SequenceTemplate(
        before: [try namedID(node.required("cls"), vocabularyCount)],
        after: [try namedID(node.required("sep"), vocabularyCount)])
    case "TemplateProcessing": return try listed(node, vocabularyCount)
    case let other: throw node.unsupported("the post-processor '\(shown(Array(other.utf8)))'")
    }
  }

  /// `["[CLS]", 101]`.
  private static func namedID(
    _ node: JSONNode, _ vocabularyCount: Int
  ) throws(TokenizerError) -> Int {
    let items = try node.items()
    guard items.count == 2 else {
      throw node.failure(expected: "a name and an id", found: "\(items.count) items")
    }
    return try items[1].integer(in: 0..<vocabularyCount)
  }

  private static func listed(
    _ node: JSONNode, _ vocabularyCount: Int
  ) throws(TokenizerError) -> SequenceTemplate {
    var template = SequenceTemplate()
    var hasText = false
    let single = try node.required("single")
    for item in try single.items() {
      if let sequence = try item.optional("Sequence") {
        let name = try sequence.required("id").string()
        guard !hasText, name == "A" else {
          throw sequence.failure(
            expected: "the sequence A once", found: "'\(name)' again or instead")
        }
        hasText = true
        continue
      }
      let name = try item.required("SpecialToken").required("id").string()
      let tokens = try node.required("special_tokens").required(name).required("ids").items()
      for token in tokens {
        let id = try token.integer(in: 0..<vocabularyCount)
        if hasText { template.after.append(id) } else { template.before.append(id) }
      }
      guard template.before.count + template.after.count <= TokenizerLimits.stages else {
        throw .tooLarge(
          file: single.file, place: single.place, limit: TokenizerLimits.stages,
          found: template.before.count + template.after.count)
      }
    }
    guard hasText else { throw single.failure(expected: "the sequence A once", found: "none") }
    return template
  }
}
