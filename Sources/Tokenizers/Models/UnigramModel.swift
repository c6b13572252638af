/// Unigram: of all ways to cover a segment by pieces, the one whose scores have the largest sum.
///
/// Source: Kudo, "Subword regularization" (2018); the score of an unknown character, 10 below the
/// worst piece, is SentencePiece's.
struct UnigramModel: Sendable {
  let vocabulary: Vocabulary
  let unknown: Int32?
  private let scores: [Double]
  private let unknownScore: Double
  private let byteIDs: [Int32?]?

  /// How far an unknown character lies below the worst piece.
  private static let unknownPenalty = 10.0

  /// Makes a model of pieces with one finite score (a natural logarithm of a probability) each.
  init(vocabulary: Vocabulary, scores: [Double], unknown: Int32?, byteFallback: Bool) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknown = unknown
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    let bytes = byteFallback ? vocabulary.byteFallback : []
    byteIDs = byteFallback ? bytes : nil
  }

  /// The best way to reach a byte of the segment.
  private struct Arrival {
    var start: Int32 = -1
    var id: Int32 = -1
    var score = 0.0
  }

  /// Appends the ids of one segment.
  func encode(_ segment: [UInt8], into ids: inout [Int]) throws(TokenizerError) {
    let arrivals = try bestArrivals(segment)
    var pieces: [Range<Int>] = []
    var end = segment.count
    var fused: Int?
    while end > 0 {
      let arrival = arrivals[end]
      let start = Int(arrival.start)
      if let unknown, arrival.id == unknown {
        fused = fused ?? end
      } else {
        if let last = fused { pieces.append(end..<last) }
        fused = nil
        pieces.append(start..<end)
      }
      end = start
    }
    if let last = fused { pieces.append(0..<last) }
    for piece in pieces.reversed() { try append(segment[piece], to: &ids) }
  }

  private func bestArrivals(_ segment: [UInt8]) throws(TokenizerError) -> [Arrival] {
    var arrivals = Array(repeating: Arrival(), count: segment.count + 1)
    var start = 0
    while start < segment.count {
      let length = min(segment.count - start, sequenceLength(segment[start]))
      let score = arrivals[start].score
      var node = PieceTrie.root
      var end = start
      var coversCharacter = false
      while end < segment.count, let child = vocabulary.trie.step(node, segment[end]) {
        node = child
        end += 1
        guard let id = vocabulary.trie.id(at: node) else { continue }
        let total = scores[Int(id)] + score
        if arrivals[end].start < 0 || total > arrivals[end].score {
          arrivals[end] = Arrival(start: Int32(start), id: id, score: total)
        }
        if end - start == length { coversCharacter = true }
      }
      if !coversCharacter {
        guard let unknown else {
          throw .inexpressible(text: shown(segment[start..<start + length]))
        }
        let total = unknownScore + score
        let target = start + length
        if arrivals[target].start < 0 || total > arrivals[target].score {
          arrivals[target] = Arrival(start: Int32(start), id: unknown, score: total)
        }
      }
      start += length
    }
    return arrivals
  }

  private func append(_ piece: ArraySlice<UInt8>, to ids: inout [Int]) throws(TokenizerError) {
    if let id = vocabulary.id(of: piece) {
      ids.append(id)
      return
    }
    if let byteIDs {
      let bytes = piece.compactMap { byteIDs[Int($0)] }
      if bytes.count == piece.count {
        ids.append(contentsOf: bytes.map { Int($0) })
        return
      }
    }
    guard let unknown else { throw .inexpressible(text: shown(piece)) }
    ids.append(Int(unknown))
  }

  /// Appends the exact scores.
  func appendCanonicalForm(to form: inout [UInt8]) {
    form.append(contentsOf: "unigram \(unknown ?? -1) \(byteIDs != nil)\n".utf8)
    for score in scores { form.append(contentsOf: "\(score.bitPattern) ".utf8) }
  }
}
