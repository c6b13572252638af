/// A named quantity that a gate can watch. Declared beside the code that reads it.
public struct Metric: Hashable, Sendable, Codable {
  /// Whether a larger value is better.
  public enum Direction: String, Hashable, Sendable, Codable {
    case lowerIsBetter
    case higherIsBetter
  }

  /// Whether repeating the measurement gives the same value.
  public enum Repeatability: String, Hashable, Sendable, Codable {
    case exact
    case noisy
  }

  /// What the number counts.
  public enum Unit: String, Hashable, Sendable, Codable {
    /// A share of 1; printed as per cent.
    case share
    /// A quotient of two like quantities.
    case ratio
    case seconds
    case bytes
    case count
    /// A plain number, such as a perplexity or nats.
    case number
  }

  /// For example `accuracy.top1`.
  public let id: String
  /// The unit of its values.
  public let unit: Unit
  /// Which way is worse.
  public let direction: Direction
  /// Whether it is gated exactly or with statistics.
  public let repeatability: Repeatability

  /// Declares a metric.
  public init(
    _ id: String, unit: Unit, direction: Direction, repeatability: Repeatability
  ) {
    self.id = id
    self.unit = unit
    self.direction = direction
    self.repeatability = repeatability
  }
}
