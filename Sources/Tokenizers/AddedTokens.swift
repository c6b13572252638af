/// Tokens that are found in a text before anything else happens to it, and are never cut.
struct AddedTokens: Sendable {
  /// One added token.
  struct Token: Sendable {
    var id: Int
    var content: [UInt8]
    /// Left out of decoded text.
    var isSpecial: Bool
    /// Looked for in texts.
    var isFound: Bool
    /// Found in normalized text instead of the text as it was given.
    var isNormalized: Bool
    /// Takes the white space before it.
    var stripsLeft: Bool
    /// Takes the white space after it.
    var stripsRight: Bool
    /// Found only where no word character touches it.
    var isSingleWord: Bool
    /// What it decodes to: its content, normalized if it is found in normalized text.
    fileprivate(set) var spelling: [UInt8] = []

    init(
      id: Int, content: [UInt8], isSpecial: Bool = true, isFound: Bool = true,
      isNormalized: Bool = false, stripsLeft: Bool = false, stripsRight: Bool = false,
      isSingleWord: Bool = false
    ) {
      self.id = id
      self.content = content
      self.isSpecial = isSpecial
      self.isFound = isFound
      self.isNormalized = isNormalized
      self.stripsLeft = stripsLeft
      self.stripsRight = stripsRight
      self.isSingleWord = isSingleWord
    }
  }

  /// A stretch of text, or a token in its place.
  enum Part {
    case text(Range<Int>)
    case token(Int)
  }

  /// All tokens, in order of their ids.
  let tokens: [Token]
  private let indexOfID: [Int: Int]
  private let raw: PieceTrie?
  private let normalized: PieceTrie?

  /// Prepares the search; `normalize` rewrites what is looked for in normalized text. Ids differ.
  init(
    _ tokens: [Token],
    normalize: ([Unicode.Scalar]) throws(TokenizerError) -> [Unicode.Scalar]
  ) throws(TokenizerError) {
    var sorted = tokens.sorted { $0.id < $1.id }
    for index in sorted.indices { sorted[index].spelling = sorted[index].content }
    indexOfID = Dictionary(
      sorted.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var rawPieces: [(bytes: [UInt8], id: Int32)] = []
    var normalizedPieces: [(bytes: [UInt8], id: Int32)] = []
    for (index, token) in sorted.enumerated() where token.isFound && !token.content.isEmpty {
      if token.isNormalized {
        let text = String(decoding: token.content, as: UTF8.self)
        let content = utf8(try normalize(Array(text.unicodeScalars))[...])
        sorted[index].spelling = content
        if !content.isEmpty { normalizedPieces.append((content, Int32(token.id))) }
      } else {
        rawPieces.append((token.content, Int32(token.id)))
      }
    }
    self.tokens = sorted
    raw = rawPieces.isEmpty ? nil : PieceTrie(rawPieces)
    normalized = normalizedPieces.isEmpty ? nil : PieceTrie(normalizedPieces)
  }

  /// The token of an id, or `nil`.
  subscript(id: Int) -> Token? {
    indexOfID[id].map { tokens[$0] }
  }

  /// Cuts `text` at the tokens to be found in raw or in normalized text: the leftmost first, the
  /// longest of those that begin at one place.
  func parts(of text: [Unicode.Scalar], normalized isNormalized: Bool) -> [Part] {
    guard !text.isEmpty else { return [] }
    guard let trie = isNormalized ? normalized : raw else { return [.text(0..<text.count)] }
    var parts: [Part] = []
    var done = 0
    var spacesEnd = 0
    var index = 0
    while index < text.count {
      guard let (id, end) = Self.longest(trie, in: text, from: index), let token = self[id] else {
        index += 1
        continue
      }
      defer { index = end }
      if token.isSingleWord,
        index > 0 && text[index - 1].isWordCharacter
          || end < text.count && text[end].isWordCharacter
      {
        continue
      }
      var lower = index
      var upper = end
      if token.stripsLeft {
        while lower > done, text[lower - 1].isWhiteSpace { lower -= 1 }
      }
      if token.stripsRight {
        if upper < spacesEnd { upper = spacesEnd }
        while upper < text.count, text[upper].isWhiteSpace { upper += 1 }
        spacesEnd = upper
      }
      if done < lower { parts.append(.text(done..<lower)) }
      parts.append(.token(id))
      done = max(done, upper)
    }
    if done < text.count { parts.append(.text(done..<text.count)) }
    return parts
  }

  private static func longest(
    _ trie: PieceTrie, in text: [Unicode.Scalar], from start: Int
  ) -> (id: Int, end: Int)? {
    var node = PieceTrie.root
    var found: (id: Int, end: Int)?
    var index = start
    while index < text.count {
      if text[index].isASCII {
        guard let child = trie.step(node, UInt8(text[index].value)) else { return found }
        node = child
      } else {
        for byte in UTF8.encode(text[index]) ?? UTF8.encodedReplacementCharacter {
          guard let child = trie.step(node, byte) else { return found }
          node = child
        }
      }
      index += 1
      if let id = trie.id(at: node) { found = (Int(id), index) }
    }
    return found
  }

  /// Appends every token.
  func appendCanonicalForm(to form: inout [UInt8]) {
    for token in tokens {
      let flags = [
        token.isSpecial, token.isFound, token.isNormalized, token.stripsLeft, token.stripsRight,
        token.isSingleWord,
      ]
      form.append(contentsOf: "added \(token.id) \(flags) \(token.content.count):".utf8)
      form.append(contentsOf: token.content)
    }
  }
}

/// The UTF-8 of some characters.
func utf8(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(scalars.count)
  for scalar in scalars {
    if scalar.isASCII {
      bytes.append(UInt8(scalar.value))
    } else {
      bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }
  return bytes
}
