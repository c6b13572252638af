/// A tokenizer made of steps: added tokens are found, the rest is normalized, cut into segments,
/// encoded by a model, and put into a template.
///
/// `tokenizer.json` files and the vocabularies of GGUF files both become this.
public struct PipelineTokenizer: Tokenizer {
  /// The steps, checked and ready.
  struct Parts: Sendable {
    var normalizers: [Normalizer] = []
    var preTokenizers: [PreTokenizer] = []
    var model: TokenModel
    var added: AddedTokens
    var template = SequenceTemplate()
    /// No decoders put a space between pieces.
    var decoders: [Decoder] = []
    var specialTokens = SpecialTokens()
    /// Everything about the steps but the model and the added tokens, as bytes.
    var configuration: [UInt8] = []
  }

  private let parts: Parts

  /// One more than the largest id of a piece or added token.
  public let vocabularyCount: Int

  init(_ parts: Parts) {
    self.parts = parts
    vocabularyCount = max(
      parts.model.vocabulary.count, (parts.added.tokens.last?.id ?? -1) + 1)
  }

  /// The ids with a role.
  public var specialTokens: SpecialTokens { parts.specialTokens }

  /// The model with its pieces, the added tokens, the template and the configuration of all steps.
  public var canonicalForm: [UInt8] {
    var form = Array("pipeline 1\n".utf8)
    parts.model.appendCanonicalForm(to: &form)
    parts.added.appendCanonicalForm(to: &form)
    form.append(contentsOf: "template \(parts.template.before) \(parts.template.after)\n".utf8)
    form.append(contentsOf: parts.configuration)
    return form
  }

  /// The id of a piece or added token spelt exactly so, or `nil`.
  public func id(of piece: String) -> Int? {
    let bytes = Array(piece.utf8)
    return parts.added.tokens.first { $0.content == bytes }?.id
      ?? parts.model.vocabulary.id(of: bytes)
  }

  /// The ids of a text; see `Tokenizer`.
  public func encode(_ text: String, addSpecialTokens: Bool) throws(TokenizerError) -> [Int] {
    guard text.utf8.count <= TokenizerLimits.textBytes else {
      throw .tooLarge(
        file: "text", place: "length in bytes", limit: TokenizerLimits.textBytes,
        found: text.utf8.count)
    }
    var encoder = Encoder(parts)
    if addSpecialTokens { encoder.ids = parts.template.before }
    let scalars = Array(text.unicodeScalars)
    for part in parts.added.parts(of: scalars, normalized: false) {
      switch part {
      case .token(let id): encoder.ids.append(id)
      case .text(let range): try encoder.encode(scalars[range], isAtStart: range.lowerBound == 0)
      }
    }
    return addSpecialTokens ? encoder.ids + parts.template.after : encoder.ids
  }

  /// The text of ids; see `Tokenizer`.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool) throws(TokenizerError) -> String {
    var pieces: [[Unicode.Scalar]] = []
    pieces.reserveCapacity(ids.count)
    for (position, id) in ids.enumerated() {
      if let token = parts.added[id] {
        guard !(skipSpecialTokens && token.isSpecial) else { continue }
        pieces.append(Array(String(decoding: token.spelling, as: UTF8.self).unicodeScalars))
      } else if let piece = parts.model.vocabulary.piece(id) {
        pieces.append(Array(String(decoding: piece, as: UTF8.self).unicodeScalars))
      } else {
        throw .identifier(
          position: position, expected: "the id of a piece in 0..<\(vocabularyCount)", found: id)
      }
    }
    let limit = TokenizerLimits.rewritten(pieces.reduce(0) { $0 + $1.count })
    for decoder in parts.decoders { pieces = try decoder.apply(to: pieces, limit: limit) }
    var text = ""
    let separator: [Unicode.Scalar] = parts.decoders.isEmpty ? [" "] : []
    text.unicodeScalars.append(contentsOf: pieces.joined(separator: separator))
    return text
  }
}

extension PipelineTokenizer {
  /// What encoding one text keeps: the ids so far, and the words it has met.
  private struct Encoder {
    private let parts: Parts
    var ids: [Int] = []
    private var queue = MergeQueue()
    private var bytes: [UInt8] = []
    /// The range in `remembered` of the ids of each short segment met before.
    private var words: [[UInt8]: Range<Int>] = [:]
    private var remembered: [Int] = []

    /// Longer segments hardly ever come again.
    private static let longestRemembered = 64
    private static let mostRemembered = 1 << 16

    init(_ parts: Parts) {
      self.parts = parts
    }

    /// Appends the ids of a stretch without raw added tokens.
    mutating func encode(
      _ stretch: ArraySlice<Unicode.Scalar>, isAtStart: Bool
    ) throws(TokenizerError) {
      var text = Array(stretch)
      let limit = TokenizerLimits.rewritten(text.count)
      for normalizer in parts.normalizers { text = try normalizer.apply(to: text, limit: limit) }
      for part in parts.added.parts(of: text, normalized: true) {
        switch part {
        case .token(let id): ids.append(id)
        case .text(let range):
          try encode(
            Segments(Array(text[range]), isAtStart: isAtStart && range.lowerBound == 0),
            limit: limit)
        }
      }
    }

    private mutating func encode(_ whole: Segments, limit: Int) throws(TokenizerError) {
      var segments = whole
      for step in parts.preTokenizers {
        segments = try step.apply(to: segments)
        try checkLength(segments.scalars.count, limit)
      }
      for range in segments.ranges { try encode(utf8(segments.scalars[range])) }
    }

    private mutating func encode(_ segment: [UInt8]) throws(TokenizerError) {
      guard segment.count <= Self.longestRemembered else {
        return try parts.model.encode(segment, into: &ids, scratch: &queue)
      }
      if let known = words[segment] {
        ids.append(contentsOf: remembered[known])
        return
      }
      let mark = ids.count
      try parts.model.encode(segment, into: &ids, scratch: &queue)
      guard words.count < Self.mostRemembered else { return }
      words[segment] = remembered.count..<remembered.count + ids.count - mark
      remembered.append(contentsOf: ids[mark...])
    }
  }
}
