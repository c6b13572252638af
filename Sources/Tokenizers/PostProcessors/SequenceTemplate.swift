/// The ids around a sequence: what a post-processor adds to a single text.
struct SequenceTemplate: Equatable, Sendable {
  /// Ids before the text's own, outermost first.
  var before: [Int] = []
  /// Ids after them.
  var after: [Int] = []

  /// This template with `outer` around it.
  func inside(_ outer: SequenceTemplate) -> SequenceTemplate {
    SequenceTemplate(before: outer.before + before, after: after + outer.after)
  }
}
