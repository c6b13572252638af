import Comparison
import Results
import Testing

@Suite struct NoisyGateTests {
  static let slower = ["latency.vs_control": GateRule(slower: 0.03)]

  func judge(
    _ rules: [String: GateRule], _ timing: SimulatedTiming, seed: UInt64 = 1,
    against stored: [TimingRecord] = [], options: ComparisonOptions = ComparisonOptions()
  ) throws -> JobVerdict {
    try Fixture(rules: rules, timing: timing.record(seed: seed)).judged(
      timing: Fixture.timing(stored), options: options)
  }

  func sessions(_ count: Int) -> [TimingRecord] {
    (0..<UInt64(count)).map { SimulatedTiming().record(seed: 100 + $0) }
  }

  @Test func `without a timing baseline speed is NOT GATED with the command, and 7 on demand`()
    throws
  {
    let verdict = try judge(Self.slower, SimulatedTiming())
    let found = verdict.verdict("latency.vs_control", .slower)
    #expect(found?.ruling == .notGated)
    #expect(found?.message == "no timing baseline for this machine")
    #expect(found?.next == "quantgate baseline record vision --timing")
    #expect(verdict.exitCode == .pass)
    let strict = try judge(
      Self.slower, SimulatedTiming(), options: ComparisonOptions(requireTiming: true))
    #expect(strict.exitCode == .undecided)
  }

  @Test func `one or two sessions are shown and said to be too thin`() throws {
    for count in 1...2 {
      let found = try judge(Self.slower, SimulatedTiming(), against: sessions(count))
        .verdict("latency.vs_control", .slower)
      #expect(found?.ruling == .notGated)
      let word = count == 1 ? "1 session is" : "2 sessions are"
      #expect(found?.message.contains("; \(word) too thin to gate, 3 are needed") == true)
      #expect(found?.figures.baseline != nil)
    }
  }

  @Test func `with enough sessions a slowdown of a half FAILs and no slowdown does not`() throws {
    let stored = sessions(8)
    let slow = try judge(Self.slower, SimulatedTiming(slowdown: 1.5), against: stored)
    let found = slow.verdict("latency.vs_control", .slower)
    #expect(found?.ruling == .fail, "\(String(describing: found))")
    #expect(found?.figures.intervalIsChange == true)
    #expect(found?.message.hasSuffix(" since the baseline, 3.00 % allowed") == true)
    #expect(slow.exitCode == .regression)
    for seed in UInt64(1)...20 {
      let same = try judge(Self.slower, SimulatedTiming(), seed: seed, against: stored)
      #expect(same.verdict("latency.vs_control", .slower)?.ruling != .fail, "seed \(seed)")
    }
  }

  @Test func `a steady machine passes with what it ruled out, and notices a gain`() throws {
    let stored = (0..<4).map { _ in SimulatedTiming(noisy: false).record(seed: 1) }
    let same = try judge(Self.slower, SimulatedTiming(noisy: false), against: stored)
      .verdict("latency.vs_control", .slower)
    #expect(same?.ruling == .pass)
    #expect(
      same?.message == "±0.00 %; a slowdown of 0.00 % or more is excluded at 99 %")
    let faster = try judge(
      Self.slower, SimulatedTiming(slowdown: 0.8, noisy: false), against: stored)
    #expect(faster.verdict("latency.vs_control", .slower)?.ruling == .improved)
    let slower = try judge(
      Self.slower, SimulatedTiming(slowdown: 1.05, noisy: false), against: stored)
    #expect(
      slower.verdict("latency.vs_control", .slower)?.message
        == "+5.00 % since the baseline, 3.00 % allowed")
  }

  @Test func `sessions that disagree cannot resolve the margin and say so`() throws {
    let stored = [1.0, 1.2, 0.9].map {
      SimulatedTiming(slowdown: $0, noisy: false).record(seed: 1)
    }
    let found = try judge(Self.slower, SimulatedTiming(noisy: false), against: stored)
      .verdict("latency.vs_control", .slower)
    #expect(found?.ruling == .notGated)
    #expect(found?.message.contains("the sessions so far cannot resolve 3.00 %") == true)
  }

  @Test func `a control that was refitted does not compare`() throws {
    let record = SimulatedTiming(noisy: false).record(seed: 1)
    let refitted = TimingRecord(
      processes: record.processes,
      blend: ControlBlend(controls: "c", computeUnits: 1, streamUnits: 1, workingSet: 1),
      batchedInferences: 1)
    let found = try Fixture(rules: Self.slower, timing: refitted).judged(
      timing: Fixture.timing([record, record, record])
    ).verdict("latency.vs_control", .slower)
    #expect(found?.ruling == .undecided)
    #expect(
      found?.message
        == "the control is not the one that the baseline ran, so ratios do not compare")
  }

  @Test func `recording adds a session under the same control and starts anew under another`() {
    let three = Fixture.timing(sessions(3))
    #expect(three?[Fixture.id("int8")]?.sessions.count == 3)
    #expect(three?.blends["mlp/int8/one-core"] == SimulatedTiming.blend)
    let session = three?[Fixture.id("int8")]?.sessions.first
    #expect(
      session?.metrics.keys.sorted() == MetricCatalog.required(in: .timing).sorted())
    #expect(session?.subject.counts.integers.reduce(0, +) == 12_000)
  }

  @Test func `too much other work turns a slowdown into UNDECIDED`() throws {
    let stored = (0..<4).map { _ in SimulatedTiming(noisy: false).record(seed: 1) }
    let found = try judge(
      Self.slower, SimulatedTiming(slowdown: 1.5, noisy: false, switches: 500), against: stored
    ).verdict("latency.vs_control", .slower)
    #expect(found?.ruling == .undecided)
    #expect(found?.message.contains("of the iterations were interrupted by other work") == true)
  }

  @Test func `an absolute latency holds, breaks or lies within the noise`() throws {
    func judge(_ limit: Double, noisy: Bool) throws -> Verdict? {
      try self.judge(
        ["latency.p50": GateRule(atMost: limit)], SimulatedTiming(noisy: noisy)
      ).verdict("latency.p50", .atMost)
    }
    #expect(try judge(1e-3, noisy: true)?.ruling == .pass)
    #expect(
      try judge(60e-6, noisy: false)?.message == "more than 50.0 µs is excluded at 99 %")
    #expect(try judge(1e-6, noisy: true)?.ruling == .fail)
    #expect(try judge(1e-6, noisy: false)?.message == "50.0 µs, at most 1.00 µs allowed")
    #expect(try judge(56e-6, noisy: true)?.ruling == .undecided)
  }

  @Test func `a scheme slower than float FAILs its limit, the float run itself passes`() throws {
    let rules = ["latency.vs_float": GateRule(atMost: 1)]
    #expect(try judge(rules, SimulatedTiming()).exitCode == .pass)
    let slow = try judge(rules, SimulatedTiming(floatFactor: 0.5, noisy: false))
    #expect(
      slow.verdict("latency.vs_float", .atMost)?.message == "2.000, at most 1.000 allowed")
    #expect(slow.verdicts.filter { $0.ruling == .fail }.count == 1)
    let none = try judge(rules, SimulatedTiming(floatFactor: 0))
    #expect(none.verdict("latency.vs_float", .atMost)?.ruling == .undecided)
  }

  @Test func `jitter beyond the control's FAILs, the machine's own does not`() throws {
    let rules = ["latency.random_tail": GateRule(atMost: 0.05)]
    for seed in UInt64(1)...30 {
      let same = try judge(rules, SimulatedTiming(), seed: seed)
      #expect(
        same.verdict("latency.random_tail", .atMost)?.ruling != .fail, "seed \(seed)")
    }
    let jitter = try judge(rules, SimulatedTiming(processes: 12, pairs: 1000, randomSpikes: 0.3))
    #expect(jitter.verdict("latency.random_tail", .atMost)?.ruling == .fail)
    let quiet = try judge(rules, SimulatedTiming(noisy: false))
    #expect(
      quiet.verdict("latency.random_tail", .atMost)?.message
        == "an excess over the control of more than 0.00 pp is excluded at 99 %")
  }

  @Test func `growth of the intrinsic tail is judged against stored sessions`() throws {
    let rules = ["latency.intrinsic_spikes": GateRule(more: 0.001)]
    let planted = Set(stride(from: 7, to: 2000, by: 100))
    let none = try judge(rules, SimulatedTiming(planted: planted))
    #expect(none.verdict("latency.intrinsic_spikes", .more)?.ruling == .notGated)
    let grown = try judge(rules, SimulatedTiming(planted: planted), against: sessions(1))
    #expect(grown.verdict("latency.intrinsic_spikes", .more)?.ruling == .fail)
    let known = [SimulatedTiming(planted: planted).record(seed: 50)]
    let same = try judge(rules, SimulatedTiming(planted: planted), against: known)
    #expect(same.verdict("latency.intrinsic_spikes", .more)?.ruling == .pass)
  }
}
