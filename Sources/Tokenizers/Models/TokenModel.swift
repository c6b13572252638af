/// The part of a tokenizer that turns one segment into ids.
enum TokenModel: Sendable {
  case bytePair(BytePairModel)
  case scoredPair(ScoredPairModel)
  case wordPiece(WordPieceModel)
  case unigram(UnigramModel)

  /// The model's pieces.
  var vocabulary: Vocabulary {
    switch self {
    case .bytePair(let model): model.vocabulary
    case .scoredPair(let model): model.vocabulary
    case .wordPiece(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    }
  }

  /// The id for what the vocabulary lacks.
  var unknown: Int? {
    switch self {
    case .bytePair(let model): model.unknown.map { Int($0) }
    case .scoredPair(let model): model.unknown
    case .wordPiece(let model): model.unknown
    case .unigram(let model): model.unknown.map { Int($0) }
    }
  }

  /// Appends the ids of one segment, given as UTF-8.
  func encode(
    _ segment: [UInt8], into ids: inout [Int], scratch: inout MergeQueue
  ) throws(TokenizerError) {
    switch self {
    case .bytePair(let model): model.encode(segment, into: &ids, queue: &scratch)
    case .scoredPair(let model): try model.encode(segment, into: &ids, queue: &scratch)
    case .wordPiece(let model): model.encode(segment, into: &ids)
    case .unigram(let model): try model.encode(segment, into: &ids)
    }
  }

  /// Appends everything that decides the ids.
  func appendCanonicalForm(to form: inout [UInt8]) {
    vocabulary.appendCanonicalForm(to: &form)
    switch self {
    case .bytePair(let model): model.appendCanonicalForm(to: &form)
    case .scoredPair(let model): model.appendCanonicalForm(to: &form)
    case .wordPiece(let model): model.appendCanonicalForm(to: &form)
    case .unigram(let model): model.appendCanonicalForm(to: &form)
    }
  }
}

/// The length in bytes of the UTF-8 sequence that `byte` begins.
@inline(__always)
func sequenceLength(_ byte: UInt8) -> Int {
  byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
}
