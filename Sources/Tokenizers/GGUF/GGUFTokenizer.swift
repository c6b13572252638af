extension PipelineTokenizer {
  /// Makes the tokenizer of a GGUF file's vocabulary; `file` names it in messages.
  ///
  /// The models `llama` (SentencePiece byte-pair encoding), `gpt2` (byte-level byte-pair encoding, with
  /// `pre` one of `default`, `gpt-2`, `llama-bpe` and `qwen2`) and `bert` (WordPiece of uncased text) are
  /// known. Control pieces are not looked for in texts: a literal `</s>` is five characters.
  public init(vocabulary: GGUFVocabulary, file: String) throws(TokenizerError) {
    try self.init(GGUFReader(vocabulary: vocabulary, file: file).parts())
  }
}

/// Turns a GGUF file's vocabulary into the steps of a tokenizer.
struct GGUFReader {
  let vocabulary: GGUFVocabulary
  let file: String

  /// All parts.
  func parts() throws(TokenizerError) -> PipelineTokenizer.Parts {
    try checkCounts()
    var parts: PipelineTokenizer.Parts
    switch vocabulary.model {
    case "llama": parts = try scored()
    case "gpt2": parts = try byteLevel()
    case "bert": parts = try wordPiece()
    default:
      throw .unsupported(
        file: file, place: "tokenizer.ggml.model", feature: "'\(vocabulary.model)'")
    }
    parts.specialTokens = vocabulary.specialTokens
    parts.specialTokens.unknown = parts.specialTokens.unknown ?? parts.model.unknown
    if vocabulary.model == "bert" {
      parts.specialTokens.beginning = parts.template.before.first
      parts.specialTokens.end = parts.template.after.first
    }
    return parts
  }

  private func failure(_ key: String, expected: String, found: String) -> TokenizerError {
    .malformed(file: file, place: "tokenizer.ggml.\(key)", expected: expected, found: found)
  }

  private func checkCounts() throws(TokenizerError) {
    let count = vocabulary.tokens.count
    guard count > 0 else { throw failure("tokens", expected: "at least one", found: "none") }
    for (key, found) in [
      ("scores", vocabulary.scores.count), ("token_type", vocabulary.types.count),
    ] where found != 0 && found != count {
      throw failure(key, expected: "\(count) items, as many as tokens", found: "\(found)")
    }
    for (id, type) in vocabulary.types.enumerated()
    where GGUFVocabulary.PieceType(rawValue: type) == nil {
      throw failure("token_type[\(id)]", expected: "1 to 6", found: "\(type)")
    }
    let roles = [
      ("bos_token_id", vocabulary.specialTokens.beginning),
      ("eos_token_id", vocabulary.specialTokens.end),
      ("unknown_token_id", vocabulary.specialTokens.unknown),
      ("padding_token_id", vocabulary.specialTokens.padding),
      ("cls_token_id", vocabulary.classification),
      ("seperator_token_id", vocabulary.separator),
    ]
    for (key, id) in roles {
      if let id, !(0..<count).contains(id) {
        throw failure(key, expected: "an id in 0..<\(count)", found: "\(id)")
      }
    }
  }

  private func type(_ id: Int) -> GGUFVocabulary.PieceType {
    guard vocabulary.types.indices.contains(id) else { return .normal }
    return GGUFVocabulary.PieceType(rawValue: vocabulary.types[id]) ?? .normal
  }

  private func pieces(
    _ spelling: (Int, [UInt8]) -> [UInt8] = { $1 }
  ) throws(TokenizerError) -> Vocabulary {
    try Vocabulary(
      vocabulary.tokens.enumerated().map { (spelling($0, $1), $0) },
      at: VocabularyPlace(file: file, place: "tokenizer.ggml.tokens"))
  }

  /// User-defined pieces are found in texts; control pieces are only left out of decoded text.
  private func added() throws(TokenizerError) -> AddedTokens {
    var tokens: [AddedTokens.Token] = []
    for (id, content) in vocabulary.tokens.enumerated() {
      switch type(id) {
      case .userDefined: tokens.append(.init(id: id, content: content, isSpecial: false))
      case .control: tokens.append(.init(id: id, content: content, isFound: false))
      case .normal, .unknown, .unused, .byte: continue
      }
    }
    return try AddedTokens(tokens) { $0 }
  }

  private func template(addsBeginning: Bool) throws(TokenizerError) -> SequenceTemplate {
    var template = SequenceTemplate()
    if vocabulary.addsBeginning ?? addsBeginning {
      guard let id = vocabulary.specialTokens.beginning else {
        throw failure("bos_token_id", expected: "an id, as one is to be added", found: "none")
      }
      template.before = [id]
    }
    if vocabulary.addsEnd ?? false {
      guard let id = vocabulary.specialTokens.end else {
        throw failure("eos_token_id", expected: "an id, as one is to be added", found: "none")
      }
      template.after = [id]
    }
    return template
  }

  private func scored() throws(TokenizerError) -> PipelineTokenizer.Parts {
    guard vocabulary.scores.count == vocabulary.tokens.count else {
      throw failure(
        "scores", expected: "\(vocabulary.tokens.count) items, as many as tokens", found: "none")
    }
    if let id = vocabulary.scores.firstIndex(where: { !$0.isFinite }) {
      throw failure(
        "scores[\(id)]", expected: "a finite number", found: "\(vocabulary.scores[id])")
    }
    let hasPrefix = vocabulary.addsSpacePrefix ?? true
    let unknown =
      vocabulary.specialTokens.unknown
      ?? vocabulary.types.firstIndex(of: GGUFVocabulary.PieceType.unknown.rawValue)
    let space: [Unicode.Scalar] = ["▁"]
    var parts = PipelineTokenizer.Parts(
      model: .scoredPair(
        ScoredPairModel(vocabulary: try pieces(), scores: vocabulary.scores, unknown: unknown)),
      added: try added())
    parts.normalizers = (hasPrefix ? [.prepend(space)] : []) + [.replace(.literal([" "]), space)]
    parts.decoders = [.replace(.literal(space), [" "]), .byteFallback, .fuse]
    if hasPrefix { parts.decoders.append(.strip(" ", start: 1, end: 0)) }
    parts.template = try template(addsBeginning: true)
    parts.configuration = Array("gguf llama \(hasPrefix)".utf8)
    return parts
  }

  private func byteLevel() throws(TokenizerError) -> PipelineTokenizer.Parts {
    let pre = vocabulary.pre ?? "default"
    let node = JSONNode(value: .null, place: "tokenizer.ggml.pre", file: file)
    guard let patterns = GGUFWordPatterns.patterns[pre] else {
      throw node.unsupported("'\(shown(Array(pre.utf8)))'")
    }
    var steps: [PreTokenizer] = []
    for pattern in patterns {
      let compiled = try TextPattern.expression(pattern, at: node)
      steps.append(.split(compiled, .isolated, inverted: false))
    }
    steps.append(.byteLevel(addsPrefixSpace: false, cutsWords: false))
    let pieces = try pieces()
    var merges = MergeNames(
      vocabulary: pieces, continuingPrefix: [], file: file, place: "tokenizer.ggml.merges")
    for merge in vocabulary.merges { try merges.append(merge) }
    let isLlama3 = pre == "llama-bpe"
    var options = BytePairModel.Options()
    options.ignoresMerges = isLlama3
    var parts = PipelineTokenizer.Parts(
      model: .bytePair(
        BytePairModel(
          vocabulary: pieces, merges: merges.merges,
          unknown: vocabulary.specialTokens.unknown.map { Int32($0) }, options: options)),
      added: try added())
    if vocabulary.addsSpacePrefix == true { parts.normalizers = [.prepend([" "])] }
    parts.preTokenizers = steps
    parts.decoders = [.byteLevel]
    parts.template = try template(addsBeginning: isLlama3)
    parts.configuration = Array("gguf gpt2 \(pre) \(vocabulary.addsSpacePrefix == true)".utf8)
    return parts
  }

  /// GGUF marks the pieces that begin a word (by U+2581) where BERT marks those that continue one (by
  /// `##`); pieces in brackets are marked by neither.
  private func wordPiece() throws(TokenizerError) -> PipelineTokenizer.Parts {
    let mark = Array("▁".utf8)
    let continuing = Array("##".utf8)
    let marksBeginnings = vocabulary.tokens.contains { $0.starts(with: mark) }
    let pieces = try pieces { id, token in
      guard marksBeginnings, type(id) == .normal else { return token }
      if token.starts(with: mark) { return Array(token.dropFirst(mark.count)) }
      let isBracketed = token.first == UInt8(ascii: "[") && token.last == UInt8(ascii: "]")
      return isBracketed ? token : continuing + token
    }
    guard
      let unknown = vocabulary.specialTokens.unknown ?? pieces.id(of: "[UNK]".utf8)
    else { throw failure("unknown_token_id", expected: "an id", found: "none") }
    var parts = PipelineTokenizer.Parts(
      model: .wordPiece(
        WordPieceModel(
          vocabulary: pieces, unknown: unknown, continuingPrefix: continuing, longestWord: 100)),
      added: try added())
    parts.normalizers = [
      .bert(
        BertNormalizer(
          cleansText: true, isolatesIdeographs: true, stripsAccents: true, lowercases: true))
    ]
    parts.preTokenizers = [.bert]
    parts.decoders = [.wordPiece(prefix: ["#", "#"], cleansUp: true)]
    if let id = vocabulary.classification ?? vocabulary.specialTokens.beginning {
      parts.template.before = [id]
    }
    if let id = vocabulary.separator ?? vocabulary.specialTokens.end { parts.template.after = [id] }
    parts.configuration = Array("gguf bert".utf8)
    return parts
  }
}

/// How `gpt2` vocabularies cut texts, by `tokenizer.ggml.pre`; each pattern cuts what the one before left.
enum GGUFWordPatterns {
  static let patterns: [String: [String]] = [
    "gpt-2": [WordScanner.gpt2Pattern],
    "llama-bpe": [WordScanner.llama3Pattern],
    "qwen2": [WordScanner.qwen2Pattern],
    "default": [
      #"[\p{P}\$\+<=>\^~\|]+"#, WordScanner.gpt2Pattern, #"\p{N}+"#, "[0-9][0-9][0-9]",
    ],
  ]
}
