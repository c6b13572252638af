/// Metrics of the answers that need more than right or wrong; each over all examples and as the distance of
/// the worst slice from that.
enum ScoreMetrics {
  static let all = kinds.flatMap { [$0.overall, $0.worstSliceGap] } + [amplification]

  private static let kinds = [
    Kind(
      "f1", .share, .higherIsBetter,
      "mean over classes of the harmonic mean of precision and recall",
      all: { record in pair(record.f1, record.floatF1) },
      slice: { record, key, value in
        let scores = record.f1(key: key, value: value)
        return pair(scores.own, scores.float)
      }),
    Kind(
      "top5", .share, .higherIsBetter,
      "share of evaluation examples whose label is among the five highest scores",
      scores: \.top5),
    Kind(
      "auc", .share, .higherIsBetter,
      "mean over classes of the area under the receiver operating characteristic", scores: \.auc),
    Kind(
      "brier", .number, .lowerIsBetter,
      "mean over examples of the squared distance of probabilities from the label",
      scores: { $0.brier }),
    Kind(
      "calibration_error", .share, .lowerIsBetter,
      "mean distance of the accuracy from the probability that was claimed, in fifteen bins",
      scores: { $0.calibrationError }),
    Kind(
      "mse", .number, .lowerIsBetter, "mean squared distance from the targets",
      all: { $0.meanSquaredError }, slice: { $0.meanSquaredError(key: $1, value: $2) }),
  ]

  static let amplification = MetricDeclaration(
    Metric(
      "accuracy.amplification", unit: .ratio, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "the largest fall of a slice's accuracy divided by the fall over all examples",
    limits: [.atMost], home: .nowhere,
    reading: .quality(value: { $0.amplification }, float: { _ in nil }))

  private static func pair(_ own: Double?, _ float: Double?) -> (own: Double, float: Double)? {
    if let own, let float { (own, float) } else { nil }
  }

  /// A quantity that exists over all examples and over each slice value.
  private struct Kind: Sendable {
    typealias Pair = (own: Double, float: Double)

    let name: String
    let unit: Metric.Unit
    let direction: Metric.Direction
    let meaning: String
    let all: @Sendable (QualityRecord) -> Pair?
    let slice: @Sendable (QualityRecord, _ key: String, _ value: String) -> Pair?

    init(
      _ name: String, _ unit: Metric.Unit, _ direction: Metric.Direction, _ meaning: String,
      all: @escaping @Sendable (QualityRecord) -> Pair?,
      slice: @escaping @Sendable (QualityRecord, _ key: String, _ value: String) -> Pair?
    ) {
      self.name = name
      self.unit = unit
      self.direction = direction
      self.meaning = meaning
      self.all = all
      self.slice = slice
    }

    init(
      _ name: String, _ unit: Metric.Unit, _ direction: Metric.Direction, _ meaning: String,
      scores: @escaping @Sendable (ClassScores) -> Double?
    ) {
      @Sendable func pair(_ comparison: ScoreComparison?) -> Pair? {
        comparison.flatMap { ScoreMetrics.pair(scores($0.own), scores($0.float)) }
      }
      self.init(
        name, unit, direction, meaning, all: { pair($0.scores?.all) },
        slice: { pair($0.scores?.slices[$1]?[$2]) })
    }

    var overall: MetricDeclaration {
      MetricDeclaration(
        Metric("accuracy.\(name)", unit: unit, direction: direction, repeatability: .exact),
        meaning: meaning, limits: [.atMost, .more, .againstFloat, .againstBaseline], home: .model,
        reading: .quality(value: { all($0)?.own }, float: { all($0)?.float }))
    }

    var worstSliceGap: MetricDeclaration {
      MetricDeclaration(
        Metric(
          "accuracy.\(name)_worst_slice_gap", unit: unit, direction: .lowerIsBetter,
          repeatability: .exact),
        meaning: "how much worse accuracy.\(name) is on its worst slice than over all examples",
        limits: [.atMost, .more, .againstFloat, .againstBaseline], home: .model,
        reading: .quality(value: { gap($0, \.own) }, float: { gap($0, \.float) }))
    }

    private func gap(_ record: QualityRecord, _ side: (Pair) -> Double) -> Double? {
      guard let all = all(record) else { return nil }
      let overall = side(all)
      return record.judgedSlices.compactMap { slice(record, $0.key, $0.value) }.map { pair in
        direction == .higherIsBetter ? overall - side(pair) : side(pair) - overall
      }.max()
    }
  }
}
