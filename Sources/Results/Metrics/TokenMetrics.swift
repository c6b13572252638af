import CMath

/// Metrics of predictions of the next token; absent where examples are no tokens.
enum TokenMetrics {
  static let all = [
    perplexity, worstSlicePerplexity, lossChange, meanDivergence, divergenceP999, divergenceMax,
  ]

  static let perplexity = MetricDeclaration(
    Metric("tokens.perplexity", unit: .number, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "exp of the mean −ln p(right token)",
    limits: [.atMost, .more, .againstFloat, .againstBaseline], home: .model,
    reading: .quality(
      value: { $0.tokens?.loss.map { cm_exp($0.value) } },
      float: { $0.tokens?.floatLoss.map { cm_exp($0.value) } }))

  static let worstSlicePerplexity = MetricDeclaration(
    Metric(
      "tokens.worst_slice_perplexity", unit: .number, direction: .lowerIsBetter,
      repeatability: .exact),
    meaning: "perplexity of the slice value with the highest one",
    limits: [.atMost, .more, .againstFloat, .againstBaseline], home: .model,
    reading: .quality(
      value: { record in record.tokens.flatMap { $0.worstPerplexity($0.losses) } },
      float: { record in record.tokens.flatMap { $0.worstPerplexity($0.floatLosses) } }))

  static let lossChange = MetricDeclaration(
    Metric(
      "tokens.log_perplexity_change", unit: .number, direction: .lowerIsBetter,
      repeatability: .exact),
    meaning: "log perplexity less the float run's, on the same tokens, in nats",
    limits: [.atMost, .more, .againstBaseline], home: .model,
    reading: .quality(value: { $0.tokens?.lossChange?.value }, float: { _ in 0 }))

  static let meanDivergence = MetricDeclaration(
    Metric(
      "tokens.divergence", unit: .number, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "mean Kullback–Leibler divergence from the float run's predictions, in nats per token",
    limits: [.atMost, .more, .againstBaseline], home: .model,
    reading: .quality(value: { $0.tokens?.meanDivergence?.value }, float: { _ in 0 }))

  static let divergenceP999 = MetricDeclaration(
    Metric(
      "tokens.divergence_p999", unit: .number, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "divergence that 999 of 1,000 tokens stay below, in nats",
    limits: [.atMost, .more, .againstBaseline], home: .model,
    reading: .quality(value: { $0.tokens?.divergence.p999 }, float: { _ in 0 }))

  static let divergenceMax = MetricDeclaration(
    Metric(
      "tokens.divergence_max", unit: .number, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "the largest divergence of a token, in nats",
    limits: [.atMost, .more, .againstBaseline], home: .model,
    reading: .quality(value: { $0.tokens?.divergence.largest }, float: { _ in 0 }))
}

extension TokenRecord {
  /// Perplexity of the slice value with the highest one; `nil` without slices or right tokens.
  fileprivate func worstPerplexity(_ sums: [Double]) -> Double? {
    windowSlices.sorted { $0.key < $1.key }.flatMap { key, column in
      column.values.compactMap { mean(sums, key: key, value: $0)?.value }
    }.max().map { cm_exp($0) }
  }
}
