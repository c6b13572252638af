import Comparison
import Results
import Testing

/// Runs at the sizes that `check` and `check --quick` really use: 6 processes of some 3,000 and some
/// 500 iterations, on a simulated machine at its worst.
@Suite struct QuickRunTests {
  static let quick = SimulatedTiming(iterations: 500, pairs: 150)
  static let full = SimulatedTiming(iterations: 3000, pairs: 600)
  static let rules = [
    "latency.vs_control": GateRule(slower: 0.03),
    "latency.vs_float": GateRule(slower: 0.05),
    "latency.intrinsic_spikes": GateRule(atMost: 0.002, more: 0.001),
    "latency.intrinsic_tail": GateRule(atMost: 1.10, more: 0.03),
    "latency.random_tail": GateRule(atMost: 0.05, more: 0.02),
  ]

  func judged(
    _ timing: SimulatedTiming, seed: UInt64, quick: Bool, stored: TimingBaseline? = nil
  ) throws -> JobVerdict {
    try Fixture(rules: Self.rules, quick: quick, timing: timing.record(seed: seed))
      .judged(timing: stored)
  }

  @Test(arguments: [0, 1, 3])
  func `forty quick runs in a row end with 0`(sessions: Int) throws {
    let stored = Fixture.timing((0..<sessions).map { Self.full.record(seed: 900 + UInt64($0)) })
    for seed in UInt64(0)..<40 {
      let verdict = try judged(Self.quick, seed: seed, quick: true, stored: stored)
      #expect(verdict.exitCode == .pass, "seed \(seed): \(verdict.notable)")
      #expect(
        verdict.notable.allSatisfy { [.notGated, .improved].contains($0.ruling) }, "seed \(seed)")
    }
  }

  @Test func `nothing planted is never a FAIL in a thousand quick runs`() throws {
    let baseline = try Fixture(schemes: ["int8"]).baseline()
    for seed in UInt64(0)..<1000 {
      let run = Fixture(
        rules: Self.rules, quick: true, schemes: ["int8"], timing: Self.quick.record(seed: seed))
      let verdict = Comparison.compare(
        results: run.run, baselines: ["vision": baseline], timing: [:],
        options: ComparisonOptions())
      #expect(verdict.exitCode == .pass, "seed \(seed): \(verdict.notable)")
    }
  }

  @Test func `nothing planted is no FAIL in full runs either`() throws {
    for seed in UInt64(0)..<60 {
      let verdict = try judged(Self.full, seed: seed, quick: false)
      #expect(verdict.count(.fail) == 0, "seed \(seed): \(verdict.notable)")
    }
  }

  @Test(arguments: [(500, 5), (3000, 30)])
  func `twenty per cent more at one per cent of the indices FAILs and is named`(
    iterations: Int, count: Int
  ) throws {
    let step = iterations / count
    let indices = Set(stride(from: step / 2, to: iterations, by: step))
    var named = 0
    let runs = 40
    for seed in UInt64(0)..<UInt64(runs) {
      let timing = SimulatedTiming(iterations: iterations, pairs: 150, planted: indices)
      let verdict = try judged(timing, seed: seed, quick: true)
        .verdict("latency.intrinsic_spikes", .atMost)
      #expect(verdict?.ruling == .fail, "seed \(seed): \(String(describing: verdict))")
      let found = Set(verdict?.figures.iterations ?? [])
      named += found.intersection(indices).count
      #expect(found.subtracting(indices).count <= 1, "seed \(seed)")
    }
    let share = Double(named) / Double(count * runs)
    #expect(share >= 0.99, "\(share) of the planted indices named")
  }

  @Test func `a neighbour that disturbs the subject twice as often as the control is no FAIL`()
    throws
  {
    for seed in UInt64(0)..<20 {
      let shared = SimulatedTiming(
        pairs: 2400, randomSpikes: 0.24, controlSpikes: 0.12, noisy: false)
      let verdict = try judged(shared, seed: seed, quick: false)
      let tail = verdict.verdict("latency.random_tail", .atMost)
      #expect(tail?.ruling == .undecided, "seed \(seed): \(String(describing: tail))")
      #expect(
        tail?.message.contains("; the machine disturbed the control itself in 1") == true,
        "seed \(seed)")
      let quick = try judged(shared, seed: seed, quick: true)
      #expect(quick.exitCode == .pass, "seed \(seed)")
    }
  }

  @Test func `jitter of the subject's own FAILs on a machine that is quiet or hardly disturbed`()
    throws
  {
    for disturbed in [0.0, 0.01] {
      let verdict = try judged(
        SimulatedTiming(
          pairs: 2400, randomSpikes: 0.15, controlSpikes: disturbed, noisy: false),
        seed: 5, quick: false)
      #expect(verdict.verdict("latency.random_tail", .atMost)?.ruling == .fail)
      #expect(verdict.exitCode == .regression)
    }
  }

  @Test func `a subject on two cores is not blamed by a control on one`() throws {
    let verdict = try judged(
      SimulatedTiming(pairs: 2400, randomSpikes: 0.3, cores: [0, 1], noisy: false), seed: 5,
      quick: false)
    let tail = verdict.verdict("latency.random_tail", .atMost)
    #expect(tail?.ruling == .undecided)
    #expect(tail?.message.hasSuffix("; the control runs on one core, this on 2") == true)
  }

  @Test func `a busy neighbour that the system counts turns jitter into UNDECIDED`() throws {
    for timing in [
      SimulatedTiming(pairs: 2400, randomSpikes: 0.3, noisy: false, switches: 2000),
      SimulatedTiming(pairs: 2400, randomSpikes: 0.3, noisy: false, steal: 0.03),
    ] {
      let verdict = try judged(timing, seed: 5, quick: false)
      #expect(verdict.verdict("latency.random_tail", .atMost)?.ruling == .undecided)
      #expect(verdict.count(.fail) == 0)
    }
  }
}
