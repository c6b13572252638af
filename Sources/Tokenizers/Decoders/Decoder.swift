/// One step of turning pieces back into text.
enum Decoder: Sendable {
  /// GPT-2's characters back to bytes.
  case byteLevel
  /// Joins continuing pieces; `cleansUp` takes spaces before punctuation away.
  case wordPiece(prefix: [Unicode.Scalar], cleansUp: Bool)
  /// Replacements to spaces; `dropsFirst` drops those of the first piece.
  case metaspace(replacement: Unicode.Scalar, dropsFirst: Bool)
  /// Runs of `<0x41>` to characters.
  case byteFallback
  /// Makes one piece of all.
  case fuse
  /// Takes up to so many of a character off both ends of each piece.
  case strip(Unicode.Scalar, start: Int, end: Int)
  case replace(TextPattern, [Unicode.Scalar])
  /// Pieces that end a word become the word and a space.
  case wordSuffix([Unicode.Scalar])

  /// The rewritten pieces. Throws when they become longer than `limit` characters.
  func apply(
    to pieces: [[Unicode.Scalar]], limit: Int
  ) throws(TokenizerError) -> [[Unicode.Scalar]] {
    switch self {
    case .byteLevel: return [Self.bytes(pieces)]
    case .wordPiece(let prefix, let cleansUp):
      return try Self.wordPieces(pieces, prefix, cleansUp)
    case .metaspace(let replacement, let dropsFirst):
      return pieces.enumerated().map { index, piece in
        if index == 0, dropsFirst { return piece.filter { $0 != replacement } }
        return piece.map { $0 == replacement ? " " : $0 }
      }
    case .byteFallback: return Self.fallenBack(pieces)
    case .fuse: return [Array(pieces.joined())]
    case .strip(let scalar, let start, let end):
      return pieces.map { Self.stripped($0, scalar, start, end) }
    case .replace(let pattern, let content):
      var total = 0
      var result: [[Unicode.Scalar]] = []
      for piece in pieces {
        let replaced = try Normalizer.replacing(pattern, content, in: piece, limit: limit)
        total += replaced.count
        try checkLength(total, limit)
        result.append(replaced)
      }
      return result
    case .wordSuffix(let suffix):
      var total = 0
      var result: [[Unicode.Scalar]] = []
      for (index, piece) in pieces.enumerated() {
        let space: [Unicode.Scalar] = index + 1 < pieces.count ? [" "] : []
        let replaced = try Normalizer.replacing(.literal(suffix), space, in: piece, limit: limit)
        total += replaced.count
        try checkLength(total, limit)
        result.append(replaced)
      }
      return result
    }
  }

  private static func bytes(_ pieces: [[Unicode.Scalar]]) -> [Unicode.Scalar] {
    var bytes: [UInt8] = []
    for piece in pieces {
      let mapped = piece.compactMap { ByteAlphabet.byte(of: $0) }
      if mapped.count == piece.count {
        bytes.append(contentsOf: mapped)
      } else {
        for scalar in piece {
          bytes.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        }
      }
    }
    return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  /// What BERT's reader writes without the space in front.
  private static let cleaned: [([Unicode.Scalar], [Unicode.Scalar])] = [
    " .", " ?", " !", " ,", " ' ", " n't", " 'm", " do not", " 's", " 've", " 're",
  ].map { text in
    let plain =
      switch text {
      case " ' ": "'"
      case " do not": " don't"
      default: String(text.dropFirst())
      }
    return (Array(text.unicodeScalars), Array(plain.unicodeScalars))
  }

  private static func wordPieces(
    _ pieces: [[Unicode.Scalar]], _ prefix: [Unicode.Scalar], _ cleansUp: Bool
  ) throws(TokenizerError) -> [[Unicode.Scalar]] {
    var result: [[Unicode.Scalar]] = []
    result.reserveCapacity(pieces.count)
    for (index, piece) in pieces.enumerated() {
      var text = piece
      if index > 0 {
        text = piece.starts(with: prefix) ? Array(piece[prefix.count...]) : [" "] + piece
      }
      if cleansUp, text.contains(" ") {
        for (spaced, plain) in cleaned {
          text = try Normalizer.replacing(.literal(spaced), plain, in: text, limit: text.count)
        }
      }
      result.append(text)
    }
    return result
  }

  private static func fallenBack(_ pieces: [[Unicode.Scalar]]) -> [[Unicode.Scalar]] {
    var result: [[Unicode.Scalar]] = []
    var bytes: [UInt8] = []
    func flush() {
      guard !bytes.isEmpty else { return }
      if let text = String(validating: bytes, as: UTF8.self) {
        result.append(Array(text.unicodeScalars))
      } else {
        result.append(contentsOf: bytes.map { _ in ["\u{FFFD}"] })
      }
      bytes = []
    }
    for piece in pieces {
      if let byte = namedByte(piece) {
        bytes.append(byte)
      } else {
        flush()
        result.append(piece)
      }
    }
    flush()
    return result
  }

  private static func namedByte(_ piece: [Unicode.Scalar]) -> UInt8? {
    guard piece.count == 6, piece.starts(with: "<0x".unicodeScalars), piece[5] == ">" else {
      return nil
    }
    let digits = piece[3...4].compactMap { Character($0).hexDigitValue }
    guard digits.count == 2, piece.allSatisfy(\.isASCII) else { return nil }
    return UInt8(digits[0] << 4 | digits[1])
  }

  private static func stripped(
    _ piece: [Unicode.Scalar], _ scalar: Unicode.Scalar, _ start: Int, _ end: Int
  ) -> [Unicode.Scalar] {
    var lower = 0
    while lower < min(start, piece.count), piece[lower] == scalar { lower += 1 }
    var upper = piece.count
    while piece.count - upper < end, upper > lower, piece[upper - 1] == scalar { upper -= 1 }
    return Array(piece[lower..<upper])
  }
}
