/// Reads the member `model` of a `tokenizer.json`.
struct ModelReader {
  /// The file's added tokens, among which an unknown token may be.
  let added: [AddedTokens.Token]

  /// The model; files from before the key `type` existed are told apart by their other keys.
  func model(_ node: JSONNode) throws(TokenizerError) -> TokenModel {
    switch try Self.type(node) {
    case "BPE": return .bytePair(try bytePair(node))
    case "WordPiece": return .wordPiece(try wordPiece(node))
    case "Unigram": return .unigram(try unigram(node))
    case let other: throw node.unsupported("the model '\(shown(Array(other.utf8)))'")
    }
  }

  private static func type(_ node: JSONNode) throws(TokenizerError) -> String {
    if let type = try node.optional("type") { return try type.string() }
    if try node.optional("merges") != nil { return "BPE" }
    if try node.optional("max_input_chars_per_word") != nil { return "WordPiece" }
    if case .array = try node.required("vocab").value { return "Unigram" }
    return "WordLevel"
  }

  private func vocabulary(_ node: JSONNode) throws(TokenizerError) -> Vocabulary {
    let list = try node.required("vocab")
    let members = try list.members()
    var pieces: [(bytes: [UInt8], id: Int)] = []
    pieces.reserveCapacity(members.count)
    for member in members {
      guard case .number(let text) = member.value, let id = Int(text),
        (0..<TokenizerLimits.vocabularyCount).contains(id)
      else {
        throw .malformed(
          file: list.file, place: "\(list.place), piece '\(shown(member.key))'",
          expected: "an id in 0..<\(TokenizerLimits.vocabularyCount)", found: member.value.kind)
      }
      pieces.append((member.key, id))
    }
    return try Vocabulary(pieces, at: VocabularyPlace(file: list.file, place: list.place))
  }

  /// The id of the token that `key` names, in the vocabulary or among the added tokens.
  private func token(
    _ key: String, _ node: JSONNode, _ vocabulary: Vocabulary
  ) throws(TokenizerError) -> Int? {
    guard let name = try node.optional(key) else { return nil }
    let bytes = try name.bytes()
    guard let id = vocabulary.id(of: bytes) ?? added.first(where: { $0.content == bytes })?.id
    else { throw name.failure(expected: "a token of the vocabulary") }
    return id
  }

  private func bytePair(_ node: JSONNode) throws(TokenizerError) -> BytePairModel {
    if let dropout = try node.optional("dropout"), try dropout.double() != 0 {
      throw dropout.unsupported("leaving merges out at random")
    }
    let vocabulary = try vocabulary(node)
    var options = BytePairModel.Options()
    options.continuingPrefix = try node.optional("continuing_subword_prefix")?.bytes() ?? []
    options.wordSuffix = try node.optional("end_of_word_suffix")?.bytes() ?? []
    options.byteFallback = try node.bool("byte_fallback", default: false)
    options.fusesUnknown = try node.bool("fuse_unk", default: false)
    options.ignoresMerges = try node.bool("ignore_merges", default: false)
    let list = try node.required("merges")
    var names = MergeNames(
      vocabulary: vocabulary, continuingPrefix: options.continuingPrefix, file: list.file,
      place: list.place)
    for item in try list.values() {
      switch item {
      case .string(let text): try names.append(text)
      case .array(let pair):
        guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1]
        else { throw names.failure(expected: "two pieces", found: "\(pair.count) items") }
        try names.append(left: left[...], right: right[...])
      default: throw names.failure(expected: "two pieces", found: item.kind)
      }
    }
    return BytePairModel(
      vocabulary: vocabulary, merges: names.merges,
      unknown: try token("unk_token", node, vocabulary).map { Int32($0) }, options: options)
  }

  private func wordPiece(_ node: JSONNode) throws(TokenizerError) -> WordPieceModel {
    let vocabulary = try vocabulary(node)
    guard let unknown = try token("unk_token", node, vocabulary) else {
      throw node.failure(expected: "the key 'unk_token'", found: "none, or null")
    }
    let prefix = try node.optional("continuing_subword_prefix")?.bytes() ?? Array("##".utf8)
    let longest = try node.optional("max_input_chars_per_word")?.integer(in: 0..<1 << 30) ?? 100
    return WordPieceModel(
      vocabulary: vocabulary, unknown: unknown, continuingPrefix: prefix, longestWord: longest)
  }

  private func unigram(_ node: JSONNode) throws(TokenizerError) -> UnigramModel {
    let list = try node.required("vocab")
    var pieces: [(bytes: [UInt8], id: Int)] = []
    var scores: [Double] = []
    for (id, item) in try list.values().enumerated() {
      guard case .array(let pair) = item, pair.count == 2, case .string(let bytes) = pair[0],
        case .number(let text) = pair[1], let score = Double(text), score.isFinite
      else {
        throw .malformed(
          file: list.file, place: "\(list.place)[\(id)]", expected: "a piece and a finite score",
          found: item.kind)
      }
      pieces.append((bytes, id))
      scores.append(score)
    }
    let vocabulary = try Vocabulary(
      pieces, at: VocabularyPlace(file: list.file, place: list.place))
    guard vocabulary.count > 0 else {
      throw list.failure(expected: "at least one piece", found: "none")
    }
    let unknown = try node.optional("unk_id")?.integer(in: 0..<vocabulary.count)
    return UnigramModel(
      vocabulary: vocabulary, scores: scores, unknown: unknown.map { Int32($0) },
      byteFallback: try node.bool("byte_fallback", default: false))
  }
}

/// Turns merges that are spelt as pieces into merges of ids.
struct MergeNames {
  private let vocabulary: Vocabulary
  private let continuingPrefix: [UInt8]
  private let file: String
  private let place: String
  /// The merges so far.
  private(set) var merges: [(left: Int32, right: Int32, result: Int32)] = []

  init(vocabulary: Vocabulary, continuingPrefix: [UInt8], file: String, place: String) {
    self.vocabulary = vocabulary
    self.continuingPrefix = continuingPrefix
    self.file = file
    self.place = place
  }

  /// An error about the merge that comes next.
  func failure(expected: String, found: String) -> TokenizerError {
    .malformed(
      file: file, place: "\(place)[\(merges.count)]", expected: expected, found: found)
  }

  /// Adds a merge spelt as two pieces with a space between.
  mutating func append(_ text: [UInt8]) throws(TokenizerError) {
    let parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw failure(expected: "two pieces with a space between", found: "'\(shown(text))'")
    }
    try append(left: parts[0], right: parts[1])
  }

  /// Adds a merge of two pieces, which must exist and make one that exists.
  mutating func append(
    left: ArraySlice<UInt8>, right: ArraySlice<UInt8>
  ) throws(TokenizerError) {
    let leftID = try id(left)
    let rightID = try id(right)
    let result = try id(left + right.dropFirst(continuingPrefix.count))
    merges.append((leftID, rightID, result))
  }

  private func id(_ piece: ArraySlice<UInt8>) throws(TokenizerError) -> Int32 {
    guard let id = vocabulary.trie.id(of: piece) else {
      throw failure(expected: "pieces of the vocabulary", found: "'\(shown(piece))'")
    }
    return id
  }
}
