/// The examples that a scheme classifies differently than the float run, by direction.
public struct Flips: Hashable, Sendable, Codable {
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

  /// Creates counts.
  public init(broken: Int, repaired: Int, moved: Int) {
    self.broken = broken
    self.repaired = repaired
    self.moved = moved
  }

  /// All of them.
  public var total: Int { broken + repaired + moved }
}

/// An example that a scheme classifies differently than the float run.
public struct ChangedExample: Hashable, Sendable, Codable {
  /// Its place among the evaluation examples, or among all scored tokens.
  public let index: Int
  /// Class index of the right answer.
  public let label: Int
  /// What the float run predicts.
  public let float: Int
  /// What the scheme predicts.
  public let now: Int
  /// Slice values by key.
  public let slices: [String: String]
}

extension QualityRecord {
  /// Every example whose prediction quantization changed, in order; empty when the record contradicts
  /// itself.
  public var changedExamples: [ChangedExample] {
    guard let count = exampleCount else { return [] }
    return (0..<count).filter { predictions.values[$0] != floatPredictions.values[$0] }.map {
      index in
      ChangedExample(
        index: index, label: Int(labels.values[index]),
        float: Int(floatPredictions.values[index]), now: Int(predictions.values[index]),
        slices: slices.mapValues { $0.values[Int($0.members.values[index])] })
    }
  }
}
