/// How text becomes token ids. Datasets know no tokenizer but bytes; whoever opens a dataset brings the
/// model's.
public struct TextEncoder: Sendable {
  /// The ids of a text; with `true`, beginning with ``beginning`` where there is one. Throws anything that
  /// describes itself in a sentence.
  public let tokenize: @Sendable (_ text: String, _ addBOS: Bool) throws -> [Int]
  /// Ids are below this.
  public let vocabulary: Int
  /// The id that marks the beginning of a text; `nil` where the tokenizer has none.
  public let beginning: Int?
  /// The id that fills a window up; `nil` where the tokenizer has none.
  public let padding: Int?
  /// What tells this tokenizer from others, for example a digest; equal for equal ones.
  public let identity: String

  /// Creates an encoder.
  public init(
    vocabulary: Int, beginning: Int?, padding: Int? = nil, identity: String,
    tokenize: @escaping @Sendable (_ text: String, _ addBOS: Bool) throws -> [Int]
  ) {
    self.tokenize = tokenize
    self.vocabulary = vocabulary
    self.beginning = beginning
    self.padding = padding
    self.identity = identity
  }
}

extension TextEncoder {
  /// The ids of a text of a file, each checked to be in the vocabulary.
  ///
  /// - Parameter addingMarks: Puts the ids around the text that the tokenizer asks for.
  func ids(
    of text: String, addingMarks: Bool, file: String, place: String
  ) throws(DatasetError) -> [Int] {
    let ids: [Int]
    do {
      ids = try tokenize(text, addingMarks)
    } catch {
      throw .unreadable(file: file, reason: "\(place): the tokenizer refuses it: \(error)")
    }
    if let token = ids.firstIndex(where: { !(0..<vocabulary).contains($0) }) {
      throw .malformed(
        file: file, place: "\(place), token \(token)",
        expected: "an id below \(vocabulary) from the tokenizer '\(identity)'",
        found: "\(ids[token])")
    }
    return ids
  }
}
