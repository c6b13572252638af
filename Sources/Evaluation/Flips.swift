public import Results

/// The examples that a scheme classifies differently than the float run, by direction.
public struct Flips: Hashable, Sendable {
  /// Float right, scheme wrong.
  public let broken: Int
  /// Float wrong, scheme right.
  public let repaired: Int
  /// Both wrong, with different classes.
  public let moved: Int

  /// Counts the flips of a record.
  ///
  /// - Returns: `nil` when the record contradicts itself.
  public init?(of record: QualityRecord) {
    guard let count = record.exampleCount else { return nil }
    var (broken, repaired, moved) = (0, 0, 0)
    for index in 0..<count {
      let label = record.labels.values[index]
      let (now, float) = (
        record.predictions.values[index], record.floatPredictions.values[index]
      )
      if now == float { continue }
      if float == label { broken += 1 } else if now == label { repaired += 1 } else { moved += 1 }
    }
    self.broken = broken
    self.repaired = repaired
    self.moved = moved
  }

  /// All of them.
  public var total: Int { broken + repaired + moved }
}
