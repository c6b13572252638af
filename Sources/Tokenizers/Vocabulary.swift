/// The pieces of a model by id and the other way round.
struct Vocabulary: Sendable {
  /// The bytes of all pieces, in order of their ids.
  private var bytes: [UInt8] = []
  /// Where each piece begins; one more than there are ids.
  private var starts: [Int] = [0]
  /// Which ids have a piece.
  private var isHeld: [Bool] = []
  /// Finds ids by bytes.
  let trie: PieceTrie

  /// Makes a vocabulary of pieces; ids may have gaps. Throws for two pieces with one id, and for
  /// counts or lengths beyond the limits. Of equal pieces with different ids the larger id is found.
  init(_ pieces: [(bytes: [UInt8], id: Int)], at node: VocabularyPlace) throws(TokenizerError) {
    let sorted = pieces.sorted { $0.id < $1.id }
    let count = (sorted.last?.id ?? -1) + 1
    guard count <= TokenizerLimits.vocabularyCount else {
      throw .tooLarge(
        file: node.file, place: node.place, limit: TokenizerLimits.vocabularyCount, found: count)
    }
    var total = 0
    for (index, piece) in sorted.enumerated() {
      guard piece.bytes.count <= TokenizerLimits.pieceBytes else {
        throw .tooLarge(
          file: node.file, place: "\(node.place), id \(piece.id)",
          limit: TokenizerLimits.pieceBytes, found: piece.bytes.count)
      }
      guard index == 0 || sorted[index - 1].id != piece.id else {
        throw .malformed(
          file: node.file, place: node.place, expected: "every id once",
          found: "id \(piece.id) for '\(shown(sorted[index - 1].bytes))' and "
            + "'\(shown(piece.bytes))'")
      }
      total += piece.bytes.count
    }
    guard total <= TokenizerLimits.fileBytes else {
      throw .tooLarge(
        file: node.file, place: node.place, limit: TokenizerLimits.fileBytes, found: total)
    }
    isHeld = Array(repeating: false, count: count)
    starts.reserveCapacity(count + 1)
    bytes.reserveCapacity(total)
    for piece in sorted {
      while starts.count <= piece.id { starts.append(bytes.count) }
      bytes.append(contentsOf: piece.bytes)
      starts.append(bytes.count)
      isHeld[piece.id] = true
    }
    trie = PieceTrie(sorted.map { ($0.bytes, Int32($0.id)) })
  }

  /// One more than the largest id.
  var count: Int { isHeld.count }

  /// The bytes of a piece, or `nil` when no piece has the id.
  func piece(_ id: Int) -> ArraySlice<UInt8>? {
    guard isHeld.indices.contains(id), isHeld[id] else { return nil }
    return bytes[starts[id]..<starts[id + 1]]
  }

  /// The id of exactly these bytes.
  func id(of bytes: some Sequence<UInt8>) -> Int? {
    trie.id(of: bytes).map { Int($0) }
  }

  /// The ids of `<0x00>` … `<0xFF>`, or `nil` for those that are missing.
  var byteFallback: [Int32?] {
    (0..<256).map { trie.id(of: byteName(UInt8($0)).utf8) }
  }

  /// Appends every id and piece.
  func appendCanonicalForm(to form: inout [UInt8]) {
    form.append(contentsOf: "vocabulary \(count)\n".utf8)
    for id in 0..<count {
      guard let piece = piece(id) else { continue }
      form.append(contentsOf: "\(id) \(piece.count):".utf8)
      form.append(contentsOf: piece)
    }
  }
}

/// Where a vocabulary stands, for messages.
struct VocabularyPlace {
  let file: String
  let place: String
}

/// How a vocabulary spells a single byte, for example `<0x0A>`.
func byteName(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "<0x\(byte < 16 ? "0" : "")\(digits)>"
}
