/// What turns texts into token ids. Datasets know tokenizers only by this.
public protocol TextEncoder: Sendable {
  /// Decides what a text's ids are, beside the text: equal identities give equal ids. It enters the
  /// digests of examples.
  var identity: String { get }
  /// Every id is below this.
  var vocabularyCount: Int { get }
  /// The id that begins a sequence; `nil` where there is none.
  var beginning: Int? { get }
  /// The id that fills a window up; `nil` where there is none.
  var padding: Int? { get }
  /// The ids of `text`, with those around it that the tokenizer's own template asks for if
  /// `addingSpecialTokens`.
  func encode(_ text: String, addingSpecialTokens: Bool) throws -> [Int]
}
