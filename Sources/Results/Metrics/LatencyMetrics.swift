/// Metrics of durations. All are statistics over processes.
enum LatencyMetrics {
  static let all = [
    p50, p99, versusControl, versusFloat, intrinsicSpikes, intrinsicTail, randomTail,
  ]

  static let p50 = MetricDeclaration(
    Metric("latency.p50", unit: .seconds, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "median duration of one inference, running alone",
    limits: [.atMost], home: .timing, reading: .timing)

  static let p99 = MetricDeclaration(
    Metric("latency.p99", unit: .seconds, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "99th percentile of the duration of one inference, running alone",
    limits: [.atMost], home: .timing, reading: .timing)

  static let versusControl = MetricDeclaration(
    Metric("latency.vs_control", unit: .ratio, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "duration in units of the interleaved control's",
    limits: [.slower], home: .timing, reading: .timing)

  static let versusFloat = MetricDeclaration(
    Metric("latency.vs_float", unit: .ratio, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "duration in units of the interleaved float run's; 0.5 is twice as fast",
    limits: [.atMost, .slower], home: .timing, reading: .timing)

  static let intrinsicSpikes = MetricDeclaration(
    Metric(
      "latency.intrinsic_spikes", unit: .share, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "share of iterations that take more than 1.10 × the median in every process",
    limits: [.atMost, .more], home: .timing, reading: .timing)

  static let intrinsicTail = MetricDeclaration(
    Metric(
      "latency.intrinsic_tail", unit: .ratio, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "p99 / p50 of the intrinsic profile",
    limits: [.atMost, .more], home: .timing, reading: .timing)

  static let randomTail = MetricDeclaration(
    Metric("latency.random_tail", unit: .share, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "share of iterations beyond 1.10 × p50 that do not repeat, less the control's share",
    limits: [.atMost, .more], home: .timing, reading: .timing)
}
