/// A text cut into segments: all characters in one array, and where each segment ends.
///
/// Cutting and rewriting work on the whole at once, so a text of many words costs no array a word.
struct Segments {
  /// The characters of all segments, in order.
  var scalars: [Unicode.Scalar]
  /// The index after the last character of each segment; no segment is empty.
  var ends: [Int]
  /// Whether the first segment is where the text itself begins.
  let isAtStart: Bool

  /// One segment, or none if there are no characters.
  init(_ scalars: [Unicode.Scalar], isAtStart: Bool) {
    self.scalars = scalars
    self.isAtStart = isAtStart
    ends = scalars.isEmpty ? [] : [scalars.count]
  }

  /// No segments; `append` and `close` make them.
  init(isAtStart: Bool) {
    scalars = []
    ends = []
    self.isAtStart = isAtStart
  }

  /// Ends the segment that was begun, if it has characters.
  mutating func close() {
    if scalars.count > (ends.last ?? 0) { ends.append(scalars.count) }
  }

  /// The range of each segment.
  var ranges: some Sequence<Range<Int>> {
    ends.indices.lazy.map { ($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0] }
  }

  /// Each segment cut anew: `cut` gets all characters and the segment's range and calls back for each
  /// piece to keep.
  func cut(
    _ cut: ([Unicode.Scalar], Range<Int>, (Range<Int>) -> Void) throws(TokenizerError) -> Void
  ) throws(TokenizerError) -> Segments {
    var result = Segments(isAtStart: isAtStart)
    result.scalars.reserveCapacity(scalars.count)
    result.ends.reserveCapacity(scalars.count / 4)
    for range in ranges {
      try cut(scalars, range) { piece in
        result.scalars.append(contentsOf: scalars[piece])
        result.close()
      }
    }
    return result
  }
}
