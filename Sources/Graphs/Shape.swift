/// The extents of one example's value, without the batch dimension.
///
/// Images are `[height, width, channels]` (channels last, so that kernels vectorise over channels);
/// feature vectors are `[features]`. Storage is row-major: the last extent varies fastest.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// Extents, outermost first. Every extent is at least 1.
  public let dimensions: [Int]

  /// Creates a shape from its extents, outermost first.
  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  /// Number of elements: the product of the extents.
  public var elementCount: Int { dimensions.reduce(1, *) }

  /// Number of extents.
  public var rank: Int { dimensions.count }

  /// Channels of an image, features of a vector: the innermost extent.
  public var channels: Int { dimensions.last ?? 1 }

  /// For example `28×28×1`.
  public var description: String { dimensions.map(String.init).joined(separator: "×") }
}
