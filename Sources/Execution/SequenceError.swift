/// Why tokens cannot be run.
public enum SequenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The graph's rows are tokens and no room for sequences was asked for.
  case roomMissing
  /// Room for sequences was asked for and the graph's rows are independent examples.
  case roomUnused
  /// Room for fewer than one sequence or token.
  case room(SequenceOptions)
  /// The context is longer than a table of positions.
  case positions(node: String, rows: Int, context: Int)
  /// A run over tokens was called as one over examples, or the other way round.
  case otherRun(isSequence: Bool)
  /// A part names a sequence that there is no room for.
  case unknownSequence(part: Int, found: Int, count: Int)
  /// Two parts of a call belong to one sequence.
  case repeatedSequence(part: Int, sequence: Int)
  /// A part has no token or a negative position.
  case emptyPart(part: Int)
  /// A sequence would become longer than its room.
  case contextOverflow(part: Int, end: Int, context: Int)
  /// A token id is not a row of the embedding that the node looks it up in.
  case token(node: String, index: Int, found: Float, vocabulary: Int)
  /// Attention over a whole sequence was given a part that does not begin at 0.
  case partOfWhole(part: Int, position: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .roomMissing: "the graph works on tokens, so it needs room for sequences; found none"
    case .roomUnused: "room for sequences: the graph works on independent examples"
    case .room(let found):
      "room for sequences: expected at least one sequence, a context of 1…1048576 and as many tokens "
        + "as the sequences hold, found \(found.count), \(found.context) and \(found.tokens)"
    case .positions(let node, let rows, let context):
      "\(node): has \(rows) positions, found a context of \(context) tokens"
    case .otherRun(let isSequence):
      isSequence
        ? "the graph works on tokens: name the parts of sequences"
        : "the graph works on independent examples, not on parts of sequences"
    case .unknownSequence(let part, let found, let count):
      "part \(part): expected a sequence in 0..<\(count), found \(found)"
    case .repeatedSequence(let part, let sequence):
      "part \(part): sequence \(sequence) has an earlier part in this call"
    case .emptyPart(let part): "part \(part): expected tokens from a position on, found none"
    case .contextOverflow(let part, let end, let context):
      "part \(part): the sequence would hold \(end) tokens, there is room for \(context)"
    case .token(let node, let index, let found, let vocabulary):
      "\(node): token \(index): expected an id in 0..<\(vocabulary), found \(found)"
    case .partOfWhole(let part, let position):
      "part \(part): attention over whole sequences needs all tokens in one call, found a part that "
        + "begins at \(position)"
    }
  }
}
