/// Byte-pair encoding by ranked merges: the earliest merge of the list that applies anywhere is made
/// first, the leftmost place first.
///
/// Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units"
/// (2016); the treatment of unknown characters follows Hugging Face's `tokenizers`.
struct BytePairModel: Sendable {
  /// How a model treats the edges of words and what it does not know.
  struct Options: Sendable {
    /// Put before every character but a word's first.
    var continuingPrefix: [UInt8] = []
    /// Put after a word's last character.
    var wordSuffix: [UInt8] = []
    /// Spells characters that no piece has as their bytes.
    var byteFallback = false
    /// Makes one unknown token of neighbouring unknown characters.
    var fusesUnknown = false
    /// A segment that is a piece is that piece, whatever the merges would make.
    var ignoresMerges = false
  }

  /// A merge's rank and what it makes.
  struct Merge: Sendable {
    let rank: UInt32
    let result: Int32
  }

  let vocabulary: Vocabulary
  let unknown: Int32?
  private let options: Options
  private let merges: [UInt64: Merge]
  private let byteIDs: [Int32?]

  /// Makes a model; `merges` are pairs of ids and the id they make, first merge first. A pair that
  /// comes twice keeps its later rank.
  init(
    vocabulary: Vocabulary, merges: [(left: Int32, right: Int32, result: Int32)],
    unknown: Int32?, options: Options
  ) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    self.options = options
    var ranks: [UInt64: Merge] = Dictionary(minimumCapacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      ranks[Self.key(merge.left, merge.right)] = Merge(rank: UInt32(rank), result: merge.result)
    }
    self.merges = ranks
    byteIDs = options.byteFallback ? vocabulary.byteFallback : []
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Appends the ids of one segment.
  func encode(_ segment: [UInt8], into ids: inout [Int], queue: inout MergeQueue) {
    if options.ignoresMerges, let id = vocabulary.id(of: segment) {
      ids.append(id)
      return
    }
    var symbols = symbols(of: segment)
    merge(&symbols, queue: &queue)
    for id in symbols where id >= 0 { ids.append(Int(id)) }
  }

  /// The ids of the single characters; what has neither piece nor unknown token is left out.
  private func symbols(of segment: [UInt8]) -> [Int32] {
    var symbols: [Int32] = []
    symbols.reserveCapacity(segment.count)
    var pendingUnknown = false
    var start = 0
    while start < segment.count {
      let end = min(segment.count, start + sequenceLength(segment[start]))
      let character = segment[start..<end]
      let id = id(of: character, isFirst: start == 0, isLast: end == segment.count)
      start = end
      if let id {
        if pendingUnknown, let unknown { symbols.append(unknown) }
        pendingUnknown = false
        symbols.append(id)
      } else if let bytes = fallback(character, segment.count) {
        symbols.append(contentsOf: bytes)
      } else if let unknown {
        if pendingUnknown, !options.fusesUnknown { symbols.append(unknown) }
        pendingUnknown = true
      }
    }
    if pendingUnknown, let unknown { symbols.append(unknown) }
    return symbols
  }

  private func dressed(_ character: ArraySlice<UInt8>, isFirst: Bool, isLast: Bool) -> [UInt8] {
    (isFirst ? [] : options.continuingPrefix) + character + (isLast ? options.wordSuffix : [])
  }

  private func id(of character: ArraySlice<UInt8>, isFirst: Bool, isLast: Bool) -> Int32? {
    if options.continuingPrefix.isEmpty, options.wordSuffix.isEmpty {
      return vocabulary.trie.id(of: character)
    }
    return vocabulary.trie.id(of: dressed(character, isFirst: isFirst, isLast: isLast))
  }

  private func fallback(_ character: ArraySlice<UInt8>, _ length: Int) -> [Int32]? {
    guard options.byteFallback else { return nil }
    var ids: [Int32] = []
    let isLast = character.endIndex == length
    for byte in dressed(character, isFirst: character.startIndex == 0, isLast: isLast) {
      guard let id = byteIDs[Int(byte)] else { return nil }
      ids.append(id)
    }
    return ids
  }

  /// Merges until nothing applies; a symbol that was merged into its left neighbour becomes -1.
  private func merge(_ symbols: inout [Int32], queue: inout MergeQueue) {
    guard symbols.count > 1, !merges.isEmpty else { return }
    let count = symbols.count
    var previous = (0..<count).map { Int32($0 - 1) }
    var next = (0..<count).map { Int32($0 + 1 < count ? $0 + 1 : -1) }
    queue.removeAll()
    for index in 0..<count - 1 {
      if let merge = merges[Self.key(symbols[index], symbols[index + 1])] {
        queue.insert(.init(rank: merge.rank, position: Int32(index), stamp: merge.result))
      }
    }
    while let candidate = queue.removeFirst() {
      let left = Int(candidate.position)
      let right = Int(next[left])
      guard symbols[left] >= 0, right >= 0,
        let merge = merges[Self.key(symbols[left], symbols[right])],
        merge.result == candidate.stamp
      else { continue }
      symbols[left] = merge.result
      symbols[right] = -1
      let after = next[right]
      next[left] = after
      if after >= 0 {
        previous[Int(after)] = Int32(left)
        if let merge = merges[Self.key(symbols[left], symbols[Int(after)])] {
          queue.insert(.init(rank: merge.rank, position: Int32(left), stamp: merge.result))
        }
      }
      let before = previous[left]
      if before >= 0, let merge = merges[Self.key(symbols[Int(before)], symbols[left])] {
        queue.insert(.init(rank: merge.rank, position: before, stamp: merge.result))
      }
    }
  }

  /// Appends the options and the merges in order of their ranks.
  func appendCanonicalForm(to form: inout [UInt8]) {
    let flags = [options.byteFallback, options.fusesUnknown, options.ignoresMerges]
    form.append(contentsOf: "bpe \(unknown ?? -1) \(flags)\n".utf8)
    for edge in [options.continuingPrefix, options.wordSuffix] {
      form.append(contentsOf: "\(edge.count):".utf8)
      form.append(contentsOf: edge)
    }
    for (key, merge) in merges.sorted(by: { $0.value.rank < $1.value.rank }) {
      form.append(contentsOf: "\(key >> 32) \(key & 0xFFFF_FFFF) \(merge.result)\n".utf8)
    }
  }
}
