/// What one inference of a transformer is.
public struct SequenceWork: Hashable, Sendable, Codable {
  /// A part of a sequence's life that is measured for itself.
  public enum Phase: String, Hashable, Sendable, Codable, CaseIterable {
    /// All tokens of an example at once, with an output for each: how a text is scored.
    case score
    /// All tokens of an example at once, with an output for the last: the time to the first token.
    case prefill
    /// The last token of an example, behind as many as came before it: the time per output token.
    case decode
  }

  /// Which part.
  public let phase: Phase
  /// Sequences that run side by side.
  public let batch: Int

  /// Creates work.
  public init(_ phase: Phase, batch: Int = 1) {
    self.phase = phase
    self.batch = batch
  }
}
