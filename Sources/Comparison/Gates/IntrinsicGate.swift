import Results

/// Spikes and tail of the intrinsic profile. What the machine does only ever adds time, so a profile
/// within the limit passes on any machine; one beyond it FAILs only when chance alignment does not
/// explain it.
struct IntrinsicGate: Gate {
  /// Largest probability of a finding by chance that still FAILs.
  private static let significance = 0.001

  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    guard let timing = subject.timing else { return missing(metric, limit, in: subject) }
    if timing.intrinsicProblem == .differentInputs {
      return subject.undecided(
        metric.id, limit, figures: Figures(unit: unit),
        because: "\(IntrinsicProblem.differentInputs)",
        next: "quantgate check \(subject.id.scenario)")
    }
    guard let profile = timing.intrinsic, let now = timing.value(metric.id) else {
      let problem = timing.intrinsicProblem.map { ": \($0)" } ?? ""
      return subject.hiddenByNoise(
        metric.id, limit, figures: Figures(unit: unit),
        because: "no intrinsic profile\(problem)")
    }
    var figures = Figures(unit: unit, now: now, bound: allowed)
    if limit == .more {
      guard let before = stored(metric, in: subject) else {
        return StoredTimingGate.notGated(
          metric, limit, figures: figures, "no timing baseline for this machine", in: subject)
      }
      figures.baseline = before
      figures.bound = unit == .share ? before + allowed : before * (1 + allowed)
    }
    let bound = figures.bound ?? allowed
    guard now > bound else {
      return subject.verdict(
        .pass, metric.id, limit, figures: figures,
        "\(Quantity.text(now, unit)) over \(profile.factors.count) iterations in "
          + "\(profile.processes) processes")
    }
    return beyond(
      bound, metric, limit, figures: figures, profile: profile, timing: timing, in: subject)
  }

  private func beyond(
    _ bound: Double, _ metric: MetricDeclaration, _ limit: GateLimit, figures: Figures,
    profile: IntrinsicProfile, timing: TimingAnalysis, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    let now = figures.now ?? 0
    guard let null = timing.alignmentNull() else { return missing(metric, limit, in: subject) }
    let isTail = metric.id == "latency.intrinsic_tail"
    let probability = isTail ? null.tailProbability : null.spikeProbability
    let byChance = isTail ? null.meanTail - 1 : null.meanSpikeShare
    var figures = figures
    figures.probability = probability
    let summary =
      "\(Quantity.text(now, unit)), at most \(Quantity.text(bound, unit)) allowed, "
      + Quantity.probability(probability)
    if let noise = timing.noise.tooMuchForAlignment {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures, because: "\(summary); \(noise)")
    }
    guard probability <= Self.significance, now - byChance > bound else {
      return subject.hiddenByNoise(
        metric.id, limit, figures: figures,
        because: "\(summary): noise alone gives "
          + Quantity.text(isTail ? null.meanTail : byChance, unit))
    }
    let found = Findings(profile, inputs: timing.inputs, tail: isTail)
    figures.iterations = found.iterations
    figures.inputs = found.inputs
    return subject.verdict(
      .fail, metric.id, limit, figures: figures, summary,
      evidence: found.lines(batch: timing.batchedInferences),
      next: "look at what the program does at these iterations and inputs")
  }

  /// The largest value of any session: a session on a noisy day reads high, never low.
  private func stored(_ metric: MetricDeclaration, in subject: GateSubject) -> Double? {
    subject.stored?.sessions.compactMap { $0.metrics[metric.id] }.max()
  }
}

/// Which iterations an intrinsic finding names.
struct Findings: Hashable, Sendable {
  let iterations: [Int]
  let inputs: [Int]
  private let worst: Int
  private let factor: Double
  private let worstInput: Int?

  /// The spikes; for a tail without any, the slowest hundredth.
  init(_ profile: IntrinsicProfile, inputs: [Int], tail: Bool) {
    let factors = profile.factors
    let slowest = factors.indices.max { factors[$0] < factors[$1] } ?? 0
    let limit = Quantiles.quantile(0.99, of: factors) ?? .infinity
    iterations =
      tail && profile.spikes.isEmpty
      ? factors.indices.filter { factors[$0] > limit } : profile.spikes
    self.inputs = Set(iterations.compactMap { $0 < inputs.count ? inputs[$0] : nil }).sorted()
    worst = slowest
    factor = factors.isEmpty ? 1 : factors[slowest]
    worstInput = slowest < inputs.count ? inputs[slowest] : nil
  }

  func lines(batch: Int) -> [String] {
    let unit = batch > 1 ? "time stamps of \(batch) inferences" : "iterations"
    let at = worstInput.map { " (input \($0))" } ?? ""
    return [
      "slow in every process: \(unit) \(Self.list(iterations))", "inputs \(Self.list(inputs))",
      "slowest: \(Quantity.fixed(factor, 2)) × the median at \(worst)\(at)",
    ]
  }

  private static func list(_ numbers: [Int]) -> String {
    let most = 12
    let shown = numbers.prefix(most).map(String.init).joined(separator: ", ")
    return numbers.count > most ? "\(shown)… (\(numbers.count) in all)" : shown
  }
}
