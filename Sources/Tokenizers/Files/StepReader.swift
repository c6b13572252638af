import Foundation

/// Reads single steps of a `tokenizer.json`.
enum StepReader {
  /// A normalizer that is no sequence.
  static func normalizer(_ node: JSONNode) throws(TokenizerError) -> Normalizer {
    switch try node.type() {
    case "NFC": return .form(.nfc)
    case "NFD": return .form(.nfd)
    case "NFKC": return .form(.nfkc)
    case "NFKD": return .form(.nfkd)
    case "Lowercase": return .lowercase
    case "StripAccents": return .stripAccents
    case "ByteLevel": return .byteLevel
    case "Prepend": return .prepend(try node.required("prepend").scalars())
    case "Replace":
      return .replace(
        try pattern(node.required("pattern")), try node.required("content").scalars())
    case "Strip":
      return .strip(
        left: try node.bool("strip_left", default: true),
        right: try node.bool("strip_right", default: true))
    case "BertNormalizer":
      let lowercases = try node.bool("lowercase", default: true)
      return .bert(
        BertNormalizer(
          cleansText: try node.bool("clean_text", default: true),
          isolatesIdeographs: try node.bool("handle_chinese_chars", default: true),
          stripsAccents: try node.bool("strip_accents", default: lowercases),
          lowercases: lowercases))
    case "Precompiled":
      let text = try node.required("precompiled_charsmap")
      guard let blob = Data(base64Encoded: try text.string()) else {
        throw text.failure(expected: "base64", found: "something else")
      }
      return .precompiled(try PrecompiledMap(Array(blob), at: text))
    case let other: throw node.unsupported("the normalizer '\(shown(Array(other.utf8)))'")
    }
  }

  /// A pre-tokenizer that is no sequence.
  static func preTokenizer(_ node: JSONNode) throws(TokenizerError) -> PreTokenizer {
    switch try node.type() {
    case "ByteLevel":
      return .byteLevel(
        addsPrefixSpace: try node.bool("add_prefix_space", default: true),
        cutsWords: try node.bool("use_regex", default: true))
    case "Split":
      return .split(
        try pattern(node.required("pattern")), try behaviour(node.required("behavior")),
        inverted: try node.bool("invert", default: false))
    case "CharDelimiterSplit":
      return .split(.literal([try node.required("delimiter").scalar()]), .removed, inverted: false)
    case "Metaspace":
      return .metaspace(
        replacement: try node.optional("replacement")?.scalar() ?? "▁", try scheme(node),
        cuts: try node.bool("split", default: true))
    case "Whitespace": return .whitespace
    case "WhitespaceSplit": return .whitespaceSplit
    case "BertPreTokenizer": return .bert
    case "Digits": return .digits(individual: try node.bool("individual_digits", default: false))
    case "Punctuation":
      return .punctuation(try node.optional("behavior").map(behaviour) ?? .isolated)
    case let other: throw node.unsupported("the pre-tokenizer '\(shown(Array(other.utf8)))'")
    }
  }

  /// A decoder that is no sequence.
  static func decoder(_ node: JSONNode) throws(TokenizerError) -> Decoder {
    switch try node.type() {
    case "ByteLevel": return .byteLevel
    case "ByteFallback": return .byteFallback
    case "Fuse": return .fuse
    case "WordPiece":
      return .wordPiece(
        prefix: try node.optional("prefix")?.scalars() ?? ["#", "#"],
        cleansUp: try node.bool("cleanup", default: true))
    case "Metaspace":
      return .metaspace(
        replacement: try node.optional("replacement")?.scalar() ?? "▁",
        dropsFirst: try scheme(node) != .never)
    case "Strip":
      return .strip(
        try node.required("content").scalar(),
        start: try node.optional("start")?.integer(in: 0..<1 << 30) ?? 0,
        end: try node.optional("stop")?.integer(in: 0..<1 << 30) ?? 0)
    case "Replace":
      return .replace(
        try pattern(node.required("pattern")), try node.required("content").scalars())
    case "BPEDecoder":
      return .wordSuffix(try node.optional("suffix")?.scalars() ?? Array("</w>".unicodeScalars))
    case let other: throw node.unsupported("the decoder '\(shown(Array(other.utf8)))'")
    }
  }

  private static func pattern(_ node: JSONNode) throws(TokenizerError) -> TextPattern {
    if let text = try node.optional("String") { return .literal(try text.scalars()) }
    if let text = try node.optional("Regex") { return try .expression(text.string(), at: text) }
    throw node.failure(expected: "the key 'String' or 'Regex'", found: "neither")
  }

  private static func behaviour(_ node: JSONNode) throws(TokenizerError) -> SplitBehaviour {
    guard let behaviour = SplitBehaviour(rawValue: try node.string()) else {
      throw node.failure(
        expected: "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous")
    }
    return behaviour
  }

  /// `prepend_scheme`, or what `add_prefix_space` meant before it existed.
  private static func scheme(_ node: JSONNode) throws(TokenizerError) -> PreTokenizer.PrependScheme
  {
    guard let name = try node.optional("prepend_scheme") else {
      return try node.bool("add_prefix_space", default: true) ? .always : .never
    }
    guard let scheme = PreTokenizer.PrependScheme(rawValue: try name.string()) else {
      throw name.failure(expected: "always, first or never")
    }
    return scheme
  }
}
