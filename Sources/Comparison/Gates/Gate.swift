import Results

/// A rule over one metric. Each is one file in this folder and one line in `Gate.forLimit`.
protocol Gate: Sendable {
  /// Judges one metric of one case under one limit, `allowed` as the scenario writes it.
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict
}

/// Chooses and applies the gates of a case.
enum Gatekeeper {
  /// The gate for a limit on a metric; `nil` where the limit does not suit it.
  static func gate(for metric: MetricDeclaration, _ limit: GateLimit) -> (any Gate)? {
    guard metric.limits.contains(limit) else { return nil }
    switch (metric.id, limit) {
    case ("latency.intrinsic_spikes", _), ("latency.intrinsic_tail", _): return IntrinsicGate()
    case ("latency.random_tail", _): return RandomTailGate()
    case ("memory.leak_per_iteration", .atMost): return LeakGate()
    case (_, .slower): return StoredTimingGate()
    case (_, .atMost): return metric.home == .timing ? NoisyLimitGate() : AbsoluteLimitGate()
    case (_, .more): return GrowthGate()
    case (_, .againstFloat): return FloatGate()
    case (_, .againstBaseline): return DriftGate()
    }
  }

  /// Every verdict on one case.
  static func verdicts(on subject: GateSubject) -> [Verdict] {
    switch subject.result.outcome {
    case .notRun(let reason):
      return [
        subject.verdict(
          .notRun, "case", reason,
          next: "make available what it lacks, or leave it out with --skip '\(subject.id)'")
      ]
    case .notSelected:
      return []
    case .failed(let failure, let phase, let message):
      return [FailedCase.verdict(failure, phase: phase, message: message, in: subject)]
    case .completed:
      break
    }
    let rules = subject.scenario.gates.effectiveRules
    let known = MetricCatalog.all.flatMap { metric in
      (rules[metric.id]?.limits ?? []).compactMap { limit -> Verdict? in
        guard let allowed = rules[metric.id]?[limit] else { return nil }
        return judge(metric, limit, allowed: allowed, in: subject)
      }
    }
    let unknown = rules.keys.sorted().filter { MetricCatalog.declaration($0) == nil }.map { id in
      subject.undecided(
        id, nil, because: "no metric has this name",
        next: "correct the name in \(subject.scenario.file)")
    }
    return [OutputsGate.verdict(in: subject)] + OutputsGate.repeatability(in: subject)
      + BaselineCompleteness.verdicts(in: subject, rules: rules) + known + unknown
      + [CalibrationCoverage.verdict(in: subject)].compactMap(\.self)
  }

  /// `nil` where the missing baseline was reported for the case as a whole.
  private static func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict? {
    guard let gate = gate(for: metric, limit) else {
      return subject.undecided(
        metric.id, limit, because: "the limit '\(limit.rawValue)' does not suit this metric",
        next: "use one of \(metric.limits.sorted().map(\.rawValue).joined(separator: ", "))")
    }
    let needsBaseline = limit == .more || limit == .againstBaseline
    if needsBaseline, metric.home == .model, subject.entry == nil { return nil }
    if needsBaseline, metric.home == .hardware, subject.hardware == nil { return nil }
    return gate.judge(metric, limit, allowed: allowed, in: subject)
  }
}
