import Comparison
import Results
import Testing

@Suite struct FailClosedTests {
  /// The sound baseline with some metrics of int8 removed, approved anew or not.
  func baseline(
    without removed: String, hardware: Bool, approve: Bool = true
  ) throws -> Baseline {
    let good = try Fixture().baseline()
    var entries = good.entries
    let old = try #require(entries["mlp/int8"])
    let profile = try #require(old.hardware["one-core"])
    entries["mlp/int8"] = BaselineEntry(
      quality: old.quality, metrics: hardware ? old.metrics : old.metrics.removing(removed),
      hardware: [
        "one-core": HardwareBaseline(
          allocator: profile.allocator, compiler: profile.compiler, phases: profile.phases,
          metrics: hardware ? profile.metrics.removing(removed) : profile.metrics)
      ])
    let content = Baseline(scenario: "vision", entries: entries, approvals: good.approvals)
    guard approve else { return content }
    let approval = Approval(who: "eve", when: "now", why: "x", digest: content.contentDigest)
    return Baseline(
      scenario: "vision", entries: entries, approvals: good.approvals + [approval])
  }

  /// The metrics that the sound baseline has; others do not suit its data.
  static let stored: [String] = {
    let entry = (try? Fixture().baseline())?.entries["mlp/int8"]
    let ids = Set(entry?.metrics.keys.map(\.self) ?? [])
      .union(entry?.hardware["one-core"]?.metrics.keys.map(\.self) ?? [])
    return MetricCatalog.ids.filter(ids.contains)
  }()

  @Test func `the sound baseline has most metrics`() {
    #expect(Self.stored.count >= 20, "\(Self.stored)")
  }

  @Test(arguments: stored)
  func `a metric removed from the baseline is UNDECIDED, with 7, whatever the rules`(
    id: String
  ) throws {
    let home = MetricCatalog.declaration(id)?.home
    let verdict = try Fixture(rules: [:]).judged(
      by: baseline(without: id, hardware: home == .hardware))
    let found = verdict.verdict(id)
    #expect(found?.ruling == .undecided)
    #expect(found?.message == "the baseline has no value for it")
    #expect(found?.next == "quantgate baseline update vision --reason \"…\"")
    #expect(verdict.exitCode == .undecided)
  }

  @Test func `a baseline edited after its approval is UNDECIDED`() throws {
    let edited = try baseline(
      without: "memory.arena_bytes", hardware: true, approve: false)
    let verdict = try Fixture().judged(by: edited)
    let found = verdict.verdicts.first { $0.metric == "baseline" }
    #expect(found?.message == "the baseline was edited after it was approved")
    #expect(verdict.exitCode == .undecided)
  }

  @Test func `no baseline file is 5, and limits that need none are still judged`() throws {
    let run = Fixture(steadyAllocations: 1).run
    let verdict = Comparison.compare(
      results: Fixture().run, baselines: [:], timing: [:], options: ComparisonOptions())
    #expect(verdict.exitCode == .noBaseline)
    let outputs = verdict.verdict("outputs")
    #expect(outputs?.ruling == .undecided)
    #expect(outputs?.message == "no baseline for mlp/int8")
    #expect(outputs?.next == "quantgate baseline record vision --reason \"…\"")
    let broken = Comparison.compare(
      results: run, baselines: [:], timing: [:], options: ComparisonOptions())
    #expect(broken.exitCode == .regression)
  }

  @Test func `a new case has no baseline, and a new hardware profile none for memory`() throws {
    let old = try Fixture(schemes: ["fp32"]).baseline()
    #expect(try Fixture().judged(by: old).exitCode == .noBaseline)
    let full = try Fixture().baseline()
    let entry = try #require(full.entries["mlp/int8"])
    let other = BaselineEntry(
      quality: entry.quality, metrics: entry.metrics,
      hardware: ["two-cores": try #require(entry.hardware["one-core"])])
    let content = Baseline(
      scenario: "vision", entries: full.entries.merging(["mlp/int8": other]) { $1 },
      approvals: full.approvals)
    let verdict = try Fixture().judged(by: content)
    let missing = verdict.verdict("baseline")
    #expect(missing?.message == "no memory baseline for the hardware profile 'one-core'")
    #expect(missing?.exitCode == .noBaseline)
    let lost = verdict.verdicts.first { $0.subject == "mlp/int8/two-cores" }
    #expect(lost?.message == "the baseline has this case, the run does not")
  }

  @Test func `a case that was removed from the scenario is UNDECIDED`() throws {
    let verdict = try Fixture(schemes: ["fp32"]).judged()
    let lost = verdict.verdicts.first { $0.subject == "mlp/int8" }
    #expect(lost?.ruling == .undecided)
    #expect(lost?.message == "the baseline has this case, the run does not")
    #expect(verdict.exitCode == .undecided)
  }

  @Test func `nothing to judge is not a pass`() throws {
    #expect(try Fixture(schemes: []).judged(by: nil).exitCode == .undecided)
    let empty = RunResults(
      tool: "t", startedAt: "s", quick: false, fingerprint: Fixture.fingerprint, scenarios: [])
    let verdict = Comparison.compare(
      results: empty, baselines: [:], timing: [:], options: ComparisonOptions())
    #expect(verdict.exitCode == .undecided)
    #expect(verdict.verdicts.first?.message == "it holds no scenario, so nothing was judged")
  }

  @Test func `records that are missing make their gates UNDECIDED, never zero`() throws {
    let rules = [
      "latency.intrinsic_spikes": GateRule(atMost: 0.002), "latency.p50": GateRule(atMost: 1),
      "latency.random_tail": GateRule(atMost: 1), "latency.vs_control": GateRule(slower: 0.03),
      "memory.resident": GateRule(atMost: 1e9), "accuracy.top1": GateRule(againstFloat: -0.01),
    ]
    let verdict = try Fixture(rules: rules, timing: nil, hasQuality: false, hasMemory: false)
      .judged()
    for (id, rule) in rules {
      let found = verdict.verdict(id, rule.limits[0])
      #expect(found?.ruling == .undecided, "\(id)")
      #expect(found?.message.hasPrefix("not measured: ") == true, "\(id)")
    }
    #expect(verdict.verdict("memory.steady_allocations", .atMost)?.ruling == .undecided)
    #expect(verdict.verdict("outputs")?.message == "the outputs were not recorded")
    #expect(verdict.exitCode == .undecided)
    #expect(!verdict.verdicts.contains { $0.subject.contains("int8") && $0.ruling == .pass })
  }

  @Test func `an unknown metric and an unsuitable limit are UNDECIDED`() throws {
    let verdict = try Fixture(
      rules: ["accuracy.top2": GateRule(atMost: 1), "accuracy.top1": GateRule(slower: 0.1)]
    ).judged()
    #expect(verdict.verdict("accuracy.top2")?.message == "no metric has this name")
    let slower = verdict.verdict("accuracy.top1", .slower)
    #expect(slower?.message == "the limit 'slower' does not suit this metric")
    #expect(slower?.next == "use one of against_float, against_baseline")
    #expect(verdict.exitCode == .undecided)
  }

  @Test func `a baseline whose value was edited contradicts equal bits`() throws {
    let good = try Fixture().baseline()
    let old = try #require(good.entries["mlp/int8"])
    let edited = BaselineEntry(
      quality: old.quality, metrics: old.metrics.merging(["accuracy.top1": 0.5]) { $1 },
      hardware: old.hardware)
    let content = Baseline(
      scenario: "vision", entries: good.entries.merging(["mlp/int8": edited]) { $1 },
      approvals: good.approvals)
    let verdict = try Fixture(rules: ["accuracy.top1": GateRule(againstBaseline: 0)])
      .judged(by: content)
    #expect(
      verdict.verdict("accuracy.top1", .againstBaseline)?.message
        == "the output bits equal the baseline's, and yet its value differs: it was edited")
    #expect(verdict.exitCode == .undecided)
  }

  @Test(arguments: [
    (Failure.crashed(signal: 11), "crashed with signal 11 in phase steady: boom"),
    (.timedOut(seconds: 30), "was stopped after 30.0 s in phase steady: boom"),
    (
      .outOfMemory(limit: 1 << 20),
      "ran out of memory in phase steady: the profile allows 1.00 MiB: boom"
    ),
    (.refused, "stopped in phase steady: boom"),
  ])
  func `a failed workload is 3 with its cause`(failure: Failure, message: String) throws {
    let verdict = try Fixture(outcome: .failed(failure, phase: "steady", message: "boom")).judged()
    let found = verdict.verdict("case")
    #expect(found?.ruling == .fail)
    #expect(found?.message == message)
    #expect(verdict.exitCode == .workloadFailed)
  }

  @Test func `a case that did not run is NOT RUN, and 7 only when all are required`() throws {
    let skipped = Fixture(outcome: .notRun(reason: "needs avx512"))
    let verdict = try skipped.judged()
    #expect(verdict.verdict("case")?.ruling == .notRun)
    #expect(verdict.verdict("case")?.message == "needs avx512")
    #expect(verdict.exitCode == .pass)
    let strict = try skipped.judged(options: ComparisonOptions(requireAll: true))
    #expect(strict.exitCode == .undecided)
  }

  @Test func `several codes at once: the first of 2, 3, 5, 7, 4`() {
    #expect(ExitCode.combined([.pass, .improvement, .undecided]) == .undecided)
    #expect(ExitCode.combined([.undecided, .noBaseline]) == .noBaseline)
    #expect(ExitCode.combined([.noBaseline, .workloadFailed]) == .workloadFailed)
    #expect(ExitCode.combined([.workloadFailed, .regression]) == .regression)
    #expect(ExitCode.combined([.improvement, .pass]) == .improvement)
    #expect(ExitCode.combined([]) == .pass)
  }
}

extension Dictionary {
  fileprivate func removing(_ key: Key) -> Self { filter { $0.key != key } }
}
