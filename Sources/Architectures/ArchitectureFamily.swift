public import Documents

/// A kind of network: which layers its architectures may use.
///
/// A new family is one file in `Families/` and one element of ``all``.
public struct ArchitectureFamily: Sendable {
  /// The word after `family:`.
  public let name: String
  /// What its networks are, in one sentence.
  public let summary: String
  /// Reads one entry of `layers:`.
  public let layer: Reader<Layer>
  /// How many extents its input has, and their meaning.
  public let inputRank: Int

  /// Every family.
  public static let all: [ArchitectureFamily] = [.mlp, .convnet]

  /// The family called `name`, or `nil`.
  public static func named(_ name: String) -> ArchitectureFamily? {
    all.first { $0.name == name }
  }
}
