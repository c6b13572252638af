/// How one slice value did.
public struct SliceAccuracy: Hashable, Sendable {
  /// The slice key, for example `writer`.
  public let key: String
  /// The value, for example `left-handed`.
  public let value: String
  /// Examples in it; at least one.
  public let examples: Int
  /// Share of them classified correctly.
  public let accuracy: Double
  /// Share of them the float run classifies correctly.
  public let floatAccuracy: Double

  /// `key=value`.
  public var name: String { "\(key)=\(value)" }
  /// How far the accuracy lies below the float run's; negative where it is higher.
  public var fall: Double { floatAccuracy - accuracy }
}

extension QualityRecord {
  /// Number of examples; `nil` when the columns have different lengths or none has any.
  public var exampleCount: Int? {
    let count = labels.values.count
    guard count > 0, predictions.values.count == count, floatPredictions.values.count == count,
      slices.values.allSatisfy({ column in
        column.members.values.count == count
          && column.members.values.allSatisfy { $0 < column.values.count }
      })
    else { return nil }
    return count
  }

  /// Share of examples classified correctly.
  public var top1: Double? { share { labels.values[$0] == predictions.values[$0] } }

  /// Share of examples the float run classifies correctly.
  public var floatTop1: Double? { share { labels.values[$0] == floatPredictions.values[$0] } }

  /// Share of examples classified differently than by the float run.
  public var flips: Double? { share { predictions.values[$0] != floatPredictions.values[$0] } }

  /// Fewest examples with which a slice value can be the worst: below it a single example moves the
  /// accuracy by more than 5 percentage points.
  public static var smallestJudgedSlice: Int { 20 }

  /// The slice values that can be the worst: those with at least ``smallestJudgedSlice`` examples, or
  /// all of them when none has as many.
  public var judgedSlices: [SliceAccuracy] {
    let all = sliceAccuracies
    let large = all.filter { $0.examples >= QualityRecord.smallestJudgedSlice }
    return large.isEmpty ? all : large
  }

  /// The judged slice value with the lowest accuracy; the first in order of names among equals.
  public var worstSlice: SliceAccuracy? {
    judgedSlices.min { $0.accuracy < $1.accuracy }
  }

  /// The judged slice value on which the float run has its lowest accuracy.
  public var worstFloatSlice: SliceAccuracy? {
    judgedSlices.min { $0.floatAccuracy < $1.floatAccuracy }
  }

  /// The judged slice value whose accuracy fell most from the float run's.
  public var mostFallenSlice: SliceAccuracy? {
    judgedSlices.max { $0.fall < $1.fall }
  }

  /// Every slice value that has examples, ordered by key and then by value; empty when the record
  /// contradicts itself.
  public var sliceAccuracies: [SliceAccuracy] {
    guard let count = exampleCount else { return [] }
    return slices.sorted { $0.key < $1.key }.flatMap { key, column in
      var examples = [Int](repeating: 0, count: column.values.count)
      var correct = examples
      var floatCorrect = examples
      for index in 0..<count {
        let member = Int(column.members.values[index])
        let label = labels.values[index]
        examples[member] += 1
        correct[member] += label == predictions.values[index] ? 1 : 0
        floatCorrect[member] += label == floatPredictions.values[index] ? 1 : 0
      }
      return column.values.indices.filter { examples[$0] > 0 }.map { member in
        SliceAccuracy(
          key: key, value: column.values[member], examples: examples[member],
          accuracy: Double(correct[member]) / Double(examples[member]),
          floatAccuracy: Double(floatCorrect[member]) / Double(examples[member]))
      }
    }
  }

  private func share(where holds: (Int) -> Bool) -> Double? {
    guard let count = exampleCount else { return nil }
    return Double((0..<count).count(where: holds)) / Double(count)
  }
}
