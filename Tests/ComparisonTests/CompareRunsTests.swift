import Comparison
import Results
import Testing

@Suite struct CompareRunsTests {
  func compare(_ base: Fixture, _ head: Fixture) -> JobVerdict {
    Comparison.compare(base: base.run, head: head.run, options: ComparisonOptions())
  }

  @Test func `two equal result files pass without any baseline folder`() {
    let rules = ["latency.vs_control": GateRule(slower: 0.03)]
    let verdict = compare(Fixture(), Fixture(rules: rules))
    #expect(verdict.exitCode == .pass)
    let speed = verdict.verdict("latency.vs_control", .slower)
    #expect(speed?.message == "±0.00 %; 1 session is too thin to gate, 3 are needed")
  }

  @Test func `the head's regression is found, and a case that it lacks`() {
    #expect(compare(Fixture(), Fixture(outputDigest: "x")).exitCode == .regression)
    #expect(compare(Fixture(), Fixture(schemes: ["fp32"])).exitCode == .undecided)
    #expect(compare(Fixture(schemes: ["fp32"]), Fixture()).exitCode == .noBaseline)
  }

  @Test func `a scenario that the head lacks is UNDECIDED`() {
    let head = RunResults(
      tool: "t", startedAt: "s", quick: false, fingerprint: Fixture.fingerprint, scenarios: [])
    let verdict = Comparison.compare(
      base: Fixture().run, head: head, options: ComparisonOptions())
    #expect(
      verdict.verdicts.first?.message
        == "the base run has this scenario, the other run does not")
    #expect(verdict.exitCode == .undecided)
  }

  @Test func `a planted fault in the head is judged, and cannot be recorded`() throws {
    let head = Fixture(fault: "leak", live: Array(0..<100))
    #expect(compare(Fixture(), head).exitCode == .regression)
    #expect(throws: RecordingError.plantedFault("leak")) { try head.baseline() }
  }

  @Test func `the table says what quantization cost and bought, and what changed`() throws {
    let verdict = try Fixture(
      wrong: [1, 2, 3], outputDigest: "sha256:other", modelBytes: 250, peak: 4096
    ).judged()
    #expect(verdict.table.map(\.scheme) == ["fp32", "int8"])
    let row = try #require(verdict.table.last)
    #expect(row.modelBytes == 250)
    #expect(row.accuracy == 357.0 / 400)
    #expect(row.accuracyChange == 357.0 / 400 - 0.9)
    #expect(row.worstSlice == "writer=left")
    #expect(row.worstSliceAccuracy == 69.0 / 80)
    #expect(row.p50 == 50e-6)
    #expect(row.intrinsicTail == 1)
    #expect(abs((row.speedUp ?? 0) - 2) < 1e-9)
    #expect(row.peakBytes == 4096)
    #expect(row.loadAllocations == 12)
    #expect(row.steadyAllocations == 0)
    #expect(
      row.before.keys.sorted() == [
        "accuracy.top1", "accuracy.worst_slice", "memory.model_bytes", "memory.peak_allocated",
      ])
    let unmeasured = try Fixture(timing: nil).judged().table.last
    #expect(unmeasured?.p50 == nil)
    #expect(unmeasured?.speedUp == nil)
  }

  @Test func `an update lists what changes, metric by metric`() throws {
    let old = try Fixture().baseline()
    let new = try Fixture(wrong: [1, 2, 3], outputDigest: "sha256:other", peak: 8200).baseline()
    let changes = BaselineChange.between(old, new)
    #expect(
      changes.map(\.what) == [
        "outputs", "accuracy.top1", "accuracy.worst_slice", "accuracy.worst_slice_gap",
        "accuracy.worst_slice_fall", "accuracy.flips", "accuracy of writer=left",
        "memory.peak_allocated",
      ])
    #expect(changes.allSatisfy { $0.isWorse == ($0.unit != nil) })
    #expect(changes.last?.before == "8,192 B")
    #expect(changes.last?.change == 8)
    #expect(BaselineChange.between(old, old).isEmpty)
    #expect(BaselineChange.between(nil, old).map(\.what) == ["entry", "entry"])
  }
}
