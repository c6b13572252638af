public import Results

/// Evaluates the scores of classes; see ``ClassScores`` for what each number is.
public enum ScoreEvaluation {
  /// Bins of the calibration error.
  public static let bins = 15

  /// Both runs, over all examples and per slice value.
  ///
  /// - Parameters:
  ///   - labels: Class index per example.
  ///   - slices: Slice value per example, by key.
  public static func record(
    _ own: ClassProbabilities, float: ClassProbabilities, labels: [Int],
    slices: [String: [String]]
  ) -> ScoreRecord {
    let everything = Array(labels.indices)
    func compare(_ examples: [Int]) -> ScoreComparison {
      ScoreComparison(
        examples: examples.count, own: scores(own, labels: labels, examples),
        float: scores(float, labels: labels, examples))
    }
    return ScoreRecord(
      all: compare(everything),
      slices: slices.mapValues { column in
        Dictionary(grouping: everything) { column[$0] }.mapValues(compare)
      })
  }

  /// One run over some examples, at least one.
  static func scores(
    _ probabilities: ClassProbabilities, labels: [Int], _ examples: [Int]
  ) -> ClassScores {
    let count = Double(examples.count)
    let classes = probabilities.classes
    let squares = examples.reduce(0.0) {
      $0 + probabilities.squaredError(example: $1, label: labels[$1])
    }
    let among = examples.count {
      probabilities.isAmong(5, example: $0, label: labels[$0])
    }
    return ClassScores(
      top5: classes > 5 ? Double(among) / count : nil,
      auc: areaUnderCurve(probabilities, labels: labels, examples), brier: squares / count,
      calibrationError: calibrationError(probabilities, labels: labels, examples))
  }

  private static func calibrationError(
    _ probabilities: ClassProbabilities, labels: [Int], _ examples: [Int]
  ) -> Double {
    var claimed = [Double](repeating: 0, count: bins)
    var right = [Int](repeating: 0, count: bins)
    for example in examples {
      let answer = probabilities.answer(example: example)
      // Bins are closed above: (0, 1/15], (1/15, 2/15], …
      let place = Int((answer.probability * Double(bins)).rounded(.up)) - 1
      let bin = min(max(place, 0), bins - 1)
      claimed[bin] += answer.probability
      if answer.label == labels[example] { right[bin] += 1 }
    }
    return (0..<bins).reduce(0.0) { $0 + abs(Double(right[$1]) - claimed[$1]) }
      / Double(examples.count)
  }

  /// Mean over classes; `nil` where no class has examples within and without.
  private static func areaUnderCurve(
    _ probabilities: ClassProbabilities, labels: [Int], _ examples: [Int]
  ) -> Double? {
    var sum = 0.0
    var count = 0
    for label in 0..<probabilities.classes {
      let inside = examples.count { labels[$0] == label }
      guard inside > 0, inside < examples.count else { continue }
      sum += area(probabilities, of: label, inside: inside, labels: labels, examples)
      count += 1
    }
    return count == 0 ? nil : sum / Double(count)
  }

  /// (Sum of the ranks of the class's examples − n(n + 1)/2) / (n · m), ranks averaged among equals; twice
  /// the ranks are integers, so the sum is exact.
  private static func area(
    _ probabilities: ClassProbabilities, of label: Int, inside: Int, labels: [Int],
    _ examples: [Int]
  ) -> Double {
    let classes = probabilities.classes
    let ranked = examples.map { (probabilities.values[$0 * classes + label], labels[$0] == label) }
      .sorted { $0.0 < $1.0 }
    var doubledRanks = 0
    var first = 0
    while first < ranked.count {
      var end = first + 1
      while end < ranked.count, ranked[end].0 == ranked[first].0 { end += 1 }
      // Ranks first + 1 … end have the mean (first + 1 + end) / 2.
      doubledRanks += ranked[first..<end].count { $0.1 } * (first + 1 + end)
      first = end
    }
    let least = inside * (inside + 1)
    return Double(doubledRanks - least) / (2 * Double(inside) * Double(examples.count - inside))
  }
}
