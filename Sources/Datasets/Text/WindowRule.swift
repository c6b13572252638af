/// How a document's token ids become windows of equal length.
///
/// The windows begin every `stride` ids. An id that an earlier window already had as a target is context,
/// not a target, so that no token is scored twice.
package struct WindowRule: Sendable {
  /// Where the id that begins a sequence stands.
  package enum Beginning: String, CaseIterable, Sendable {
    /// Where the ids have it themselves.
    case none
    /// In place of the first id of every window.
    case replace
    /// In front of the ids of every window.
    case each
  }

  /// What becomes of ids that do not fill a window.
  package enum Rest: String, CaseIterable, Sendable {
    case drop
    /// The window is filled up; what fills it is no target.
    case pad
  }

  /// Tokens of a window, the beginning included.
  package let length: Int
  /// From the first id of a window to that of the next.
  package let stride: Int
  package let beginning: Beginning
  package let rest: Rest
  /// Most windows of a document.
  package let perDocument: Int
  /// Places before this one are context, not targets.
  package let firstTarget: Int

  /// Describes a rule. Without `stride` no id is in two windows.
  package init(
    length: Int, stride: Int? = nil, beginning: Beginning = .none, rest: Rest = .drop,
    perDocument: Int = .max, firstTarget: Int = 1
  ) {
    self.length = length
    self.beginning = beginning
    self.rest = rest
    self.perDocument = perDocument
    self.firstTarget = firstTarget
    self.stride = stride ?? WindowRule.span(length, beginning)
  }

  /// Ids of the document that a window holds.
  static func span(_ length: Int, _ beginning: Beginning) -> Int {
    beginning == .each ? length - 1 : length
  }

  /// A window, where its first id of the document stands, and what of it counts.
  package struct Cut: Equatable, Sendable {
    package let ids: [Int]
    package let start: Int
    package let window: TokenWindow
  }

  /// The windows of one document.
  ///
  /// - Parameters:
  ///   - begin: The id that begins a sequence; needed unless `beginning` is `none`.
  ///   - pad: The id that fills a window up.
  package func cut(_ ids: [Int], begin: Int?, pad: Int) -> [Cut] {
    let span = WindowRule.span(length, beginning)
    let lead = length - span
    var cuts: [Cut] = []
    var start = 0
    while start < ids.count, cuts.count < perDocument {
      let end = min(start + span, ids.count)
      let filled = lead + end - start
      if filled < length, rest == .drop { break }
      var window = Array(ids[start..<end])
      if lead == 1 { window.insert(begin ?? pad, at: 0) }
      if beginning == .replace, let begin { window[0] = begin }
      let known = start == 0 ? 0 : lead + span - stride
      let first = max(1, firstTarget, known)
      // A rest that the window before has scored, or a single token, says nothing.
      if first < filled {
        window.append(contentsOf: repeatElement(pad, count: length - filled))
        cuts.append(
          Cut(
            ids: window, start: start,
            window: TokenWindow(filled: filled, scored: first..<filled)))
      }
      if end == ids.count { break }
      start += stride
    }
    return cuts
  }
}
