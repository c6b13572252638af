extension QualityRecord {
  /// Mean over classes of 2·TP / (2·TP + FP + FN), over the classes that occur as a label or a prediction;
  /// `nil` for tokens, whose classes are too many to mean anything.
  public var f1: Double? { exampleCount.flatMap { f1(of: predictions, over: Array(0..<$0)) } }

  /// The float run's.
  public var floatF1: Double? {
    exampleCount.flatMap { f1(of: floatPredictions, over: Array(0..<$0)) }
  }

  /// The same over the examples of one slice value.
  public func f1(key: String, value: String) -> (own: Double?, float: Double?) {
    let members = examples(key: key, value: value)
    return (f1(of: predictions, over: members), f1(of: floatPredictions, over: members))
  }

  /// Indexes of the examples of a slice value.
  public func examples(key: String, value: String) -> [Int] {
    guard let count = exampleCount, let column = slices[key],
      let member = column.values.firstIndex(of: value)
    else { return [] }
    return (0..<count).filter { column.members.values[$0] == member }
  }

  private func f1(of predictions: PackedIntegers, over examples: [Int]) -> Double? {
    guard tokens == nil, targets == nil, !examples.isEmpty else { return nil }
    var counts: [UInt32: (right: Int, seen: Int)] = [:]
    for index in examples {
      let (label, answer) = (labels.values[index], predictions.values[index])
      counts[label, default: (0, 0)].seen += 1
      counts[answer, default: (0, 0)].seen += 1
      if label == answer { counts[label, default: (0, 0)].right += 1 }
    }
    // In the order of classes: a sum of fractions depends on it.
    return counts.keys.sorted().reduce(0.0) { sum, label in
      let count = counts[label, default: (0, 0)]
      return sum + 2 * Double(count.right) / Double(count.seen)
    } / Double(counts.count)
  }

  /// Mean of the examples' errors; `nil` where there are no targets.
  public var meanSquaredError: (own: Double, float: Double)? { meanSquaredError(over: nil) }

  /// The same over the examples of one slice value.
  public func meanSquaredError(key: String, value: String) -> (own: Double, float: Double)? {
    meanSquaredError(over: examples(key: key, value: value))
  }

  private func meanSquaredError(over examples: [Int]?) -> (own: Double, float: Double)? {
    guard let targets, let count = exampleCount, targets.errors.count == count,
      targets.floatErrors.count == count
    else { return nil }
    let examples = examples ?? Array(0..<count)
    guard !examples.isEmpty else { return nil }
    let number = Double(examples.count)
    return (
      examples.reduce(0.0) { $0 + targets.errors[$1] } / number,
      examples.reduce(0.0) { $0 + targets.floatErrors[$1] } / number
    )
  }

  /// The largest fall of a judged slice's accuracy divided by the fall over all examples: 1 when all slices
  /// lose alike, 0 when none loses anything. `nil` where some slice lost and the accuracy over all examples
  /// did not fall: no number of times makes up for that.
  public var amplification: Double? {
    guard let top1, let floatTop1, let slice = mostFallenSlice else { return nil }
    if slice.fall <= 0 { return 0 }
    return floatTop1 > top1 ? slice.fall / (floatTop1 - top1) : nil
  }
}
