/// How much of a window of token ids is text, and which of its tokens are to be predicted.
public struct TokenWindow: Hashable, Sendable {
  /// Tokens that are text; those behind them fill the window up.
  public let filled: Int
  /// Places of the window whose tokens are targets, counted from 0. Place 0 has nothing before it and is
  /// never one; the token at place p is predicted by the output at place p − 1.
  public let scored: Range<Int>

  /// Describes a window; `scored` lies within `1..<filled`.
  public init(filled: Int, scored: Range<Int>) {
    precondition(filled > 0 && scored.upperBound <= filled, "what is scored is text")
    precondition(scored.isEmpty || scored.lowerBound > 0, "the first token has nothing before it")
    self.filled = filled
    self.scored = scored
  }

  /// A window of `length` tokens of text, of which every one but the first is a target.
  public static func full(_ length: Int) -> TokenWindow {
    TokenWindow(filled: length, scored: length > 1 ? 1..<length : 0..<0)
  }
}
