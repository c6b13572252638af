/// Turns the JSON of a `tokenizer.json` into the steps of a tokenizer.
struct PipelineReader {
  private let file: String
  private var stages = 0

  init(file: String) {
    self.file = file
  }

  /// All parts of the file.
  mutating func parts(_ root: JSONNode) throws(TokenizerError) -> PipelineTokenizer.Parts {
    let tokens = try Self.addedTokens(root.optional("added_tokens"))
    let model = try ModelReader(added: tokens).model(root.required("model"))
    try Self.check(tokens, against: model.vocabulary, at: root)
    var normalizers: [Normalizer] = []
    var preTokenizers: [PreTokenizer] = []
    var decoders: [Decoder] = []
    var template = SequenceTemplate()
    if let node = try root.optional("normalizer") { try read(node, into: &normalizers) }
    if let node = try root.optional("pre_tokenizer") { try read(node, into: &preTokenizers) }
    if let node = try root.optional("decoder") { try read(node, into: &decoders) }
    let count = max(model.vocabulary.count, (tokens.map(\.id).max() ?? -1) + 1)
    if let node = try root.optional("post_processor") {
      try read(node, into: &template, vocabularyCount: count)
    }
    let added = try AddedTokens(tokens) { text throws(TokenizerError) in
      var text = text
      let limit = TokenizerLimits.pieceBytes
      for normalizer in normalizers { text = try normalizer.apply(to: text, limit: limit) }
      return text
    }
    var configuration: [UInt8] = []
    for key in ["normalizer", "pre_tokenizer", "decoder"] {
      let value = try root.optional(key)?.value ?? .null
      value.appendCanonicalForm(to: &configuration)
    }
    return PipelineTokenizer.Parts(
      normalizers: normalizers, preTokenizers: preTokenizers, model: model, added: added,
      template: template, decoders: decoders, configuration: configuration)
  }

  /// Counts a step; sequences in sequences could otherwise hold any number of them.
  private mutating func count(_ node: JSONNode) throws(TokenizerError) {
    stages += 1
    guard stages <= TokenizerLimits.stages else {
      throw .tooLarge(
        file: file, place: "\(node.place), number of steps", limit: TokenizerLimits.stages,
        found: stages)
    }
  }

  private mutating func read(
    _ node: JSONNode, into steps: inout [Normalizer]
  ) throws(TokenizerError) {
    try count(node)
    if try node.type() == "Sequence" {
      for item in try node.required("normalizers").items() { try read(item, into: &steps) }
    } else {
      steps.append(try StepReader.normalizer(node))
    }
  }

  private mutating func read(
    _ node: JSONNode, into steps: inout [PreTokenizer]
  ) throws(TokenizerError) {
    try count(node)
    if try node.type() == "Sequence" {
      for item in try node.required("pretokenizers").items() { try read(item, into: &steps) }
    } else {
      steps.append(try StepReader.preTokenizer(node))
    }
  }

  private mutating func read(
    _ node: JSONNode, into steps: inout [Decoder]
  ) throws(TokenizerError) {
    try count(node)
    if try node.type() == "Sequence" {
      for item in try node.required("decoders").items() { try read(item, into: &steps) }
    } else {
      steps.append(try StepReader.decoder(node))
    }
  }

  private mutating func read(
    _ node: JSONNode, into template: inout SequenceTemplate, vocabularyCount: Int
  ) throws(TokenizerError) {
    try count(node)
    if try node.type() == "Sequence" {
      for item in try node.required("processors").items() {
        try read(item, into: &template, vocabularyCount: vocabularyCount)
      }
    } else {
      let next = try StepReader.template(node, vocabularyCount: vocabularyCount)
      guard template == SequenceTemplate() || next == SequenceTemplate() else {
        throw node.unsupported("a template inside another")
      }
      if next != SequenceTemplate() { template = next }
    }
  }

  private static func addedTokens(_ list: JSONNode?) throws(TokenizerError) -> [AddedTokens.Token] {
    guard let list else { return [] }
    let items = try list.items()
    guard items.count <= TokenizerLimits.addedTokens else {
      throw .tooLarge(
        file: list.file, place: list.place, limit: TokenizerLimits.addedTokens,
        found: items.count)
    }
    var tokens: [AddedTokens.Token] = []
    var ids: Set<Int> = []
    var contents: Set<[UInt8]> = []
    for item in items {
      let token = AddedTokens.Token(
        id: try item.required("id").integer(in: 0..<TokenizerLimits.vocabularyCount),
        content: try item.required("content").bytes(),
        isSpecial: try item.bool("special", default: false),
        isNormalized: try item.bool("normalized", default: true),
        stripsLeft: try item.bool("lstrip", default: false),
        stripsRight: try item.bool("rstrip", default: false),
        isSingleWord: try item.bool("single_word", default: false))
      guard token.content.count <= TokenizerLimits.pieceBytes else {
        throw .tooLarge(
          file: item.file, place: "\(item.place).content", limit: TokenizerLimits.pieceBytes,
          found: token.content.count)
      }
      guard ids.insert(token.id).inserted else {
        throw item.failure(expected: "every id once", found: "id \(token.id) twice")
      }
      guard contents.insert(token.content).inserted else {
        throw item.failure(
          expected: "every content once", found: "'\(shown(token.content))' twice")
      }
      tokens.append(token)
    }
    return tokens
  }

  /// An added token and the model must agree on who holds an id.
  private static func check(
    _ tokens: [AddedTokens.Token], against vocabulary: Vocabulary, at root: JSONNode
  ) throws(TokenizerError) {
    for (index, token) in tokens.enumerated() {
      let place = "added_tokens[\(index)]"
      if let id = vocabulary.id(of: token.content), id != token.id {
        throw .malformed(
          file: root.file, place: place,
          expected: "the model's id \(id) for "
            + "'\(shown(token.content))'", found: "\(token.id)")
      }
      if let piece = vocabulary.piece(token.id), !piece.elementsEqual(token.content) {
        throw .malformed(
          file: root.file, place: place,
          expected: "the model's piece '\(shown(piece))' for id "
            + "\(token.id)", found: "'\(shown(token.content))'")
      }
    }
  }
}
