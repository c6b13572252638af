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
  /// What tells this tokenizer from others, for example a digest; equal for equal ones.
  public let identity: String

  /// Creates an encoder.
  public init(
    vocabulary: Int, beginning: Int?, identity: String,
    tokenize: @escaping @Sendable (_ text: String, _ addBOS: Bool) throws -> [Int]
  ) {
    self.tokenize = tokenize
    self.vocabulary = vocabulary
    self.beginning = beginning
    self.identity = identity
  }
}
