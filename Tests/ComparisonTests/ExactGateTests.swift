import Comparison
import Results
import Testing

@Suite struct ExactGateTests {
  static let accuracyRules = [
    "accuracy.top1": GateRule(againstFloat: -0.01, againstBaseline: 0),
    "accuracy.worst_slice": GateRule(againstBaseline: 0),
    "accuracy.worst_slice_gap": GateRule(againstFloat: 0.02),
  ]

  @Test func `an unchanged run passes every gate with exit code 0`() throws {
    let verdict = try Fixture(rules: Self.accuracyRules).judged()
    #expect(verdict.notable.isEmpty, "\(verdict.notable)")
    #expect(verdict.exitCode == .pass)
    #expect(
      verdict.verdict("outputs")?.message
        == "every output bit equals the baseline's over 400 examples")
    #expect(
      verdict.verdict("accuracy.top1", .againstBaseline)?.message
        == "the output bits equal the baseline's")
  }

  @Test func `a wrong output digest is a regression and names the way to accept it`() throws {
    let verdict = try Fixture(outputDigest: "sha256:other").judged()
    let outputs = verdict.verdict("outputs")
    #expect(outputs?.ruling == .fail)
    #expect(outputs?.message == "the output bits differ from the baseline's")
    #expect(outputs?.evidence == ["outputs: baseline sha256:out, now sha256:other"])
    #expect(
      outputs?.next == "if this is meant: quantgate baseline update vision --reason \"…\"")
    #expect(verdict.exitCode == .regression)
  }

  @Test func `changed weights and data are named beside the outputs`() throws {
    let verdict = try Fixture(
      outputDigest: "sha256:other", dataDigest: "sha256:new", modelDigest: "sha256:retrained"
    ).judged()
    #expect(
      verdict.verdict("outputs")?.evidence == [
        "weights: baseline sha256:model, now sha256:retrained",
        "evaluation data: baseline sha256:data, now sha256:new",
        "outputs: baseline sha256:out, now sha256:other",
      ])
  }

  @Test func `accuracy that drifts from the baseline FAILs with the slices behind it`() throws {
    let verdict = try Fixture(
      rules: Self.accuracyRules, wrong: [1, 2, 3], outputDigest: "sha256:other"
    ).judged()
    let drift = verdict.verdict("accuracy.top1", .againstBaseline)
    #expect(drift?.ruling == .fail)
    #expect(drift?.message == "−0.75 pp since the baseline")
    #expect(
      drift?.evidence == [
        "writer=left: 86.25 %, baseline 90.00 %, float 90.00 %, 80 examples",
        "writer=right: 90.00 %, baseline 90.00 %, float 90.00 %, 320 examples",
      ])
    #expect(drift?.figures.baseline == 0.9)
    #expect(drift?.figures.bound == 0.9)
    #expect(verdict.verdict("accuracy.top1", .againstFloat)?.ruling == .pass)
    let gap = verdict.verdict("accuracy.worst_slice_gap", .againstFloat)
    #expect(gap?.ruling == .fail)
    #expect(gap?.message == "+3.00 pp from the float run's 0.00 %, +2.00 pp allowed")
    #expect(verdict.exitCode == .regression)
  }

  @Test func `a disaster that is in the baseline already still FAILs against float`() throws {
    let broken = Fixture(rules: Self.accuracyRules, wrong: Set(1...30))
    let verdict = try broken.judged(by: broken.baseline())
    #expect(verdict.verdict("outputs")?.ruling == .pass)
    #expect(verdict.verdict("accuracy.top1", .againstBaseline)?.ruling == .pass)
    let float = verdict.verdict("accuracy.top1", .againstFloat)
    #expect(float?.ruling == .fail)
    #expect(float?.message == "−6.75 pp from the float run's 90.00 %, −1.00 pp allowed")
    #expect(float?.next?.hasSuffix("no baseline excuses this") == true)
    #expect(verdict.exitCode == .regression)
  }

  @Test func `an allowance that is met exactly passes`() throws {
    let verdict = try Fixture(
      rules: ["accuracy.top1": GateRule(againstFloat: -0.01)], wrong: [1, 2, 3, 4],
      outputDigest: "sha256:other"
    ).judged()
    #expect(verdict.verdict("accuracy.top1", .againstFloat)?.ruling == .pass)
  }

  @Test func `better accuracy is IMPROVED, and a failure only when asked for`() throws {
    let better = Fixture(
      rules: ["accuracy.top1": GateRule(againstBaseline: 0)], outputs: .equivalent,
      right: [10, 20], outputDigest: "sha256:other")
    let verdict = try better.judged()
    #expect(verdict.verdict("accuracy.top1", .againstBaseline)?.ruling == .improved)
    #expect(verdict.exitCode == .pass)
    let strict = try better.judged(options: ComparisonOptions(failOnImprovement: true))
    #expect(strict.exitCode == .improvement)
  }

  @Test func `under equivalent a few lost examples pass and many FAIL by McNemar`() throws {
    func judge(_ wrong: Set<Int>) throws -> Verdict? {
      try Fixture(
        rules: ["accuracy.top1": GateRule(againstBaseline: 0)], outputs: .equivalent,
        wrong: wrong, outputDigest: "sha256:other"
      ).judged().verdict("accuracy.top1", .againstBaseline)
    }
    let few = try judge([1, 2])
    #expect(few?.ruling == .pass)
    #expect(
      few?.message == "−0.50 pp since the baseline: 2 examples lost, 0 won, p = 0.2500; "
        + "a fall of 1.51 pp or more is excluded at 99 %")
    let many = try judge([1, 2, 3, 4, 5, 6, 7])
    #expect(many?.ruling == .fail)
    #expect(abs((many?.figures.probability ?? 1) - 1.0 / 128) < 1e-12)
  }

  @Test func `under equivalent other data cannot be paired`() throws {
    let verdict = try Fixture(
      rules: ["accuracy.top1": GateRule(againstBaseline: 0)], outputs: .equivalent,
      outputDigest: "sha256:other", dataDigest: "sha256:new"
    ).judged()
    #expect(verdict.verdict("outputs")?.ruling == .undecided)
    #expect(verdict.verdict("accuracy.top1", .againstBaseline)?.ruling == .undecided)
    #expect(verdict.exitCode == .undecided)
  }

  @Test func `one steady allocation is a regression without any rule or baseline`() throws {
    let verdict = try Fixture(steadyAllocations: 1).judged()
    let steady = verdict.verdict("memory.steady_allocations", .atMost)
    #expect(steady?.ruling == .fail)
    #expect(steady?.message == "1, at most 0 allowed")
    #expect(
      steady?.next
        == "fix it, or raise the limit of memory.steady_allocations in Scenarios/vision.yaml")
    #expect(verdict.exitCode == .regression)
  }

  @Test func `a leak of one byte per iteration is a regression`() throws {
    let verdict = try Fixture(live: Array(0..<100)).judged()
    let leak = verdict.verdict("memory.leak_per_iteration", .atMost)
    #expect(leak?.ruling == .fail)
    #expect(
      leak?.message == "leaks 1 B per iteration: 88 B over 88 iterations never came back")
    #expect(verdict.exitCode == .regression)
    let rare = try Fixture(live: (0..<100).map { $0 / 50 }).judged()
    #expect(rare.exitCode == .regression)
  }

  @Test func `memory that comes and goes is no leak`() throws {
    let verdict = try Fixture(live: (0..<100).map { $0 % 2 == 0 ? 0 : 64 }).judged()
    #expect(verdict.verdict("memory.leak_per_iteration", .atMost)?.ruling == .pass)
  }

  @Test func `one byte more than allowed FAILs with the phases behind it, less is IMPROVED`() throws
  {
    let rules = [
      "memory.peak_allocated": GateRule(more: 0), "memory.load_allocations": GateRule(more: 2),
    ]
    let more = try Fixture(rules: rules, peak: 8193, loadAllocations: 15).judged()
    let peak = more.verdict("memory.peak_allocated", .more)
    #expect(peak?.ruling == .fail)
    #expect(peak?.message == "+1 B since the baseline")
    #expect(
      peak?.evidence == [
        "phase load: allocations +3, allocated +192 B, peak +1 B", "phase steady: peak +1 B",
      ])
    #expect(more.verdict("memory.load_allocations", .more)?.message == "+3 since the baseline")
    let within = try Fixture(rules: rules, peak: 8191, loadAllocations: 14).judged()
    #expect(within.verdict("memory.peak_allocated", .more)?.ruling == .improved)
    #expect(
      within.verdict("memory.load_allocations", .more)?.message
        == "+2 since the baseline, within the limit")
    #expect(within.exitCode == .pass)
  }

  @Test func `counts of another allocator are UNDECIDED, equal ones pass`() throws {
    let rules = ["memory.peak_allocated": GateRule(more: 0)]
    let other = try Fixture(rules: rules, peak: 8200, allocator: "jemalloc 5.2.1").judged()
    let peak = other.verdict("memory.peak_allocated", .more)
    #expect(peak?.ruling == .undecided)
    #expect(
      peak?.message == "+8 B, but the baseline was counted by jemalloc 5.3.0, "
        + "this run by jemalloc 5.2.1")
    #expect(other.exitCode == .undecided)
    let equal = try Fixture(rules: rules, allocator: "jemalloc 5.2.1").judged()
    #expect(equal.verdict("memory.peak_allocated", .more)?.ruling == .pass)
  }

  @Test func `non-finite outputs FAIL without any rule`() throws {
    let verdict = try Fixture(nonFinite: 3).judged()
    #expect(verdict.verdict("outputs.non_finite", .atMost)?.message == "3, at most 0 allowed")
    #expect(verdict.exitCode == .regression)
  }

  @Test func `a larger model FAILs without any rule`() throws {
    let verdict = try Fixture(modelBytes: 1004).judged()
    #expect(
      verdict.verdict("memory.model_bytes", .more)?.message == "+4 B since the baseline")
  }

  @Test func `processes that disagree about the outputs FAIL`() throws {
    let record = SimulatedTiming(noisy: false, outputs: ["sha256:a", "sha256:b"]).record(seed: 1)
    let verdict = try Fixture(timing: record).judged()
    let failure = verdict.notable.first { $0.metric == "outputs" }
    #expect(failure?.ruling == .fail)
    #expect(
      failure?.message == "6 processes gave 2 different outputs for the same inputs")
  }
}
