/// SentencePiece's byte-pair encoding: of all neighbours whose union is a piece, the pair whose union
/// has the highest score is merged first, the leftmost among equals. There is no list of merges.
///
/// Source: Kudo and Richardson, "SentencePiece" (2018).
struct ScoredPairModel: Sendable {
  let vocabulary: Vocabulary
  let unknown: Int?
  /// For each id the place of its score among all scores, best first; equal scores share a place.
  private let ranks: [UInt32]
  private let byteIDs: [Int32?]

  /// Makes a model of pieces with one finite score each.
  init(vocabulary: Vocabulary, scores: [Float], unknown: Int?) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    let order = Set(scores).sorted(by: >)
    let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt32($0)) })
    ranks = scores.map { places[$0] ?? 0 }
    byteIDs = vocabulary.byteFallback
  }

  /// Appends the ids of one segment; characters that no piece has become their bytes, and bytes that
  /// have no piece the unknown token.
  func encode(
    _ segment: [UInt8], into ids: inout [Int], queue: inout MergeQueue
  ) throws(TokenizerError) {
    var (starts, lengths) = Self.characters(of: segment)
    let count = starts.count
    var previous = (0..<count).map { Int32($0 - 1) }
    var next = (0..<count).map { Int32($0 + 1 < count ? $0 + 1 : -1) }
    queue.removeAll()
    func offer(_ left: Int, _ right: Int32) {
      guard right >= 0 else { return }
      let length = lengths[left] + lengths[Int(right)]
      let start = Int(starts[left])
      guard let id = vocabulary.trie.id(of: segment[start..<start + Int(length)]) else { return }
      queue.insert(.init(rank: ranks[Int(id)], position: Int32(left), stamp: length))
    }
    for index in 0..<max(0, count - 1) { offer(index, Int32(index + 1)) }
    while let candidate = queue.removeFirst() {
      let left = Int(candidate.position)
      let right = Int(next[left])
      guard lengths[left] > 0, right >= 0, lengths[left] + lengths[right] == candidate.stamp
      else { continue }
      lengths[left] += lengths[right]
      lengths[right] = 0
      let after = next[right]
      next[left] = after
      if after >= 0 { previous[Int(after)] = Int32(left) }
      if previous[left] >= 0 { offer(Int(previous[left]), Int32(left)) }
      offer(left, after)
    }
    for index in 0..<count where lengths[index] > 0 {
      let start = Int(starts[index])
      try append(segment[start..<start + Int(lengths[index])], to: &ids)
    }
  }

  private static func characters(of segment: [UInt8]) -> (starts: [Int32], lengths: [Int32]) {
    var starts: [Int32] = []
    var lengths: [Int32] = []
    var start = 0
    while start < segment.count {
      let length = min(segment.count - start, sequenceLength(segment[start]))
      starts.append(Int32(start))
      lengths.append(Int32(length))
      start += length
    }
    return (starts, lengths)
  }

  private func append(_ symbol: ArraySlice<UInt8>, to ids: inout [Int]) throws(TokenizerError) {
    if let id = vocabulary.id(of: symbol) {
      ids.append(id)
      return
    }
    for byte in symbol {
      guard let id = byteIDs[Int(byte)].map({ Int($0) }) ?? unknown else {
        throw .inexpressible(text: shown(symbol))
      }
      ids.append(id)
    }
  }

  /// Appends the order of the scores, which is all that matters of them.
  func appendCanonicalForm(to form: inout [UInt8]) {
    form.append(contentsOf: "scored bpe \(unknown ?? -1) \(ranks)\n".utf8)
  }
}
