public import Documents

/// A kind of network: what its architectures say.
///
/// A new family is one file in `Families/` and one element of ``all``.
public struct ArchitectureFamily: Sendable {
  /// How a network of the family is described.
  public enum Description: Sendable {
    /// Layer by layer; each reader reads one entry of `layers:`. The input has so many extents;
    /// `[length, channels]` stands for an image of width 1.
    case layers(Reader<Layer>, inputRanks: ClosedRange<Int>)
    /// By its shape, which the reader reads; the input is a sequence of token ids.
    case shape(Reader<TransformerShape>)
  }

  /// The word after `family:`.
  public let name: String
  /// What its networks are, in one sentence.
  public let summary: String
  /// How one is described.
  public let description: Description

  /// Every family.
  public static let all: [ArchitectureFamily] = [.mlp, .convnet, .recurrent, .decoder, .encoder]

  /// The family called `name`, or `nil`.
  public static func named(_ name: String) -> ArchitectureFamily? {
    all.first { $0.name == name }
  }
}
