/// The ids around a sequence: what a post-processor adds to a single text.
struct SequenceTemplate: Equatable, Sendable {
  /// Ids before the text's own.
  var before: [Int] = []
  /// Ids after them.
  var after: [Int] = []
}
