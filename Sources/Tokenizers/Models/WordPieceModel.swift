/// WordPiece: the longest piece that begins the word, then the longest continuing piece, and so on; a
/// word that cannot be covered to its end is one unknown token.
///
/// Source: Devlin et al., "BERT" (2019).
struct WordPieceModel: Sendable {
  let vocabulary: Vocabulary
  /// Stands for words that cannot be covered.
  let unknown: Int
  private let continuingPrefix: [UInt8]
  private let longestWord: Int
  /// Where in the trie continuing pieces begin; `nil` if there are none.
  private let continuing: PieceTrie.Node?

  /// Makes a model; words of more than `longestWord` characters are unknown without a look.
  init(vocabulary: Vocabulary, unknown: Int, continuingPrefix: [UInt8], longestWord: Int) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    self.continuingPrefix = continuingPrefix
    self.longestWord = longestWord
    continuing = vocabulary.trie.node(of: continuingPrefix)
  }

  /// Appends the ids of one word.
  func encode(_ word: [UInt8], into ids: inout [Int]) {
    let mark = ids.count
    guard characterCount(word, exceeds: longestWord) == false else {
      ids.append(unknown)
      return
    }
    var start = 0
    while start < word.count {
      var node: PieceTrie.Node? = start == 0 ? PieceTrie.root : continuing
      var best: (id: Int32, end: Int)?
      var end = start
      while end < word.count, let current = node {
        node = vocabulary.trie.step(current, word[end])
        end += 1
        if let node, let id = vocabulary.trie.id(at: node),
          end == word.count || word[end] & 0xC0 != 0x80
        {
          best = (id, end)
        }
      }
      guard let best else {
        ids.removeSubrange(mark...)
        ids.append(unknown)
        return
      }
      ids.append(Int(best.id))
      start = best.end
    }
  }

  private func characterCount(_ word: [UInt8], exceeds limit: Int) -> Bool {
    guard word.count > limit else { return false }
    return word.count { $0 & 0xC0 != 0x80 } > limit
  }

  /// Appends the options.
  func appendCanonicalForm(to form: inout [UInt8]) {
    form.append(contentsOf: "wordpiece \(unknown) \(longestWord) \(continuingPrefix)\n".utf8)
  }
}
