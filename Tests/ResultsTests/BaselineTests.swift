import Foundation
import Histogram
import Results
import TestSupport
import Testing

@Suite struct BaselineTests {
  @Test func `a recorded baseline holds every metric that suits its data and approves itself`()
    throws
  {
    let baseline = try Fixture.baseline()
    #expect(baseline.entries.keys.sorted() == ["mlp/fp32", "mlp/int8"])
    let entry = try #require(baseline.entries["mlp/int8"])
    let result = Fixture.completed(Fixture.id("int8"), quality: Fixture.quality())
    let suiting = MetricCatalog.all.filter { $0.home == .model && $0.value(of: result) != nil }
    #expect(suiting.count >= 12)
    #expect(entry.metrics.keys.sorted() == suiting.map(\.id).sorted())
    #expect(
      entry.hardware["one-core"]?.metrics.keys.sorted()
        == MetricCatalog.required(in: .hardware).sorted())
    #expect(entry.quality.slices["writer"] == ["left": 1, "right": 2.0 / 3])
    #expect(baseline.isApproved)
  }

  @Test func `approvals are only appended to`() throws {
    let first = try Fixture.baseline()
    let second = try Fixture.baseline(replacing: first)
    #expect(second.approvals.count == 2)
    #expect(second.approvals.first == first.approvals.first)
  }

  @Test func `content that changed after its approval is not approved`() throws {
    let good = try Fixture.baseline()
    var entries = good.entries
    entries["mlp/int8"] = nil
    let edited = Baseline(scenario: "vision", entries: entries, approvals: good.approvals)
    #expect(!edited.isApproved)
  }

  @Test func `only the first 4,096 predictions are kept`() {
    let many = [Int](repeating: 1, count: 5000)
    let record = QualityRecord(
      modelDigest: "", dataDigest: "", calibrationDigest: nil, outputDigest: "", modelBytes: 0,
      labels: PackedIntegers(many), predictions: PackedIntegers(many),
      floatPredictions: PackedIntegers(many), slices: [:], nonFiniteOutputs: 0, outputSQNR: nil,
      calibrationCoverage: [:])
    let kept = QualityBaseline(record)
    #expect(kept.predictions.values.count == 4096)
    #expect(kept.examples == 5000)
  }

  @Test func `a run with a planted fault cannot become a baseline`() {
    #expect(throws: RecordingError.plantedFault("jitter")) {
      try Fixture.baseline(Fixture.run(fault: "jitter"))
    }
  }

  @Test func `a failed case, an unmeasured one and an empty reason are refused`() throws {
    let failed = CaseResult(
      id: Fixture.id("int8"), outcome: .failed(.refused, phase: "load", message: "no weights"),
      quality: nil, memory: nil, timing: nil)
    #expect(
      throws: RecordingError.unfinished(
        Fixture.id("int8"), why: "failed in phase load: no weights")
    ) { try Fixture.baseline(Fixture.run([failed])) }
    let noMemory = CaseResult(
      id: Fixture.id("int8"), outcome: .completed, quality: Fixture.quality(), memory: nil,
      timing: nil)
    #expect(throws: RecordingError.incomplete(Fixture.id("int8"), what: "memory")) {
      try Fixture.baseline(Fixture.run([noMemory]))
    }
    #expect(throws: RecordingError.nothingMeasured(scenario: "vision")) {
      try Fixture.baseline(Fixture.run([]))
    }
    let run = Fixture.run()
    #expect(throws: RecordingError.noReason) {
      try Baseline.recording(
        run.scenarios[0], of: run, replacing: nil, who: "a", when: "b", why: "  ")
    }
  }

  @Test func `two hardware profiles share an entry and must give the same bits`() throws {
    let one = Fixture.completed(Fixture.id("int8"))
    let two = Fixture.completed(Fixture.id("int8", "two-cores"))
    let both = try Fixture.baseline(Fixture.run([one, two]))
    #expect(both.entries["mlp/int8"]?.hardware.keys.sorted() == ["one-core", "two-cores"])
    let other = Fixture.completed(
      Fixture.id("int8", "two-cores"), quality: Fixture.quality(outputs: "sha256:other"))
    #expect(
      throws: RecordingError.disagreement(one.id, other.id, what: "the output bits")
    ) { try Fixture.baseline(Fixture.run([one, other])) }
  }

  @Test func `a case that was not run keeps its entry and a removed one loses it`() throws {
    let old = try Fixture.baseline()
    let skipped = CaseResult(
      id: Fixture.id("int8"), outcome: .notRun(reason: "filtered"), quality: nil, memory: nil,
      timing: nil)
    let kept = try Fixture.baseline(
      Fixture.run([Fixture.completed(Fixture.id("fp32")), skipped]), replacing: old)
    #expect(kept.entries["mlp/int8"] == old.entries["mlp/int8"])
    let dropped = try Fixture.baseline(
      Fixture.run([Fixture.completed(Fixture.id("fp32"))]), replacing: old)
    #expect(dropped.entries["mlp/int8"] == nil)
  }

  @Test func `a histogram keeps every count to three digits`() throws {
    var generator = SeededGenerator(seed: 11)
    let durations = (0..<5000).map { _ in UInt32.random(in: 100...5_000_000, using: &generator) }
    let stored = StoredHistogram(durations: durations)
    let histogram = try #require(stored.histogram)
    #expect(histogram.totalCount == 5000)
    let median = durations.sorted()[2500]
    #expect(abs(Double(histogram.valueAtPercentile(50)) / Double(median) - 1) < 0.002)
    let damaged = StoredHistogram(values: stored.values, counts: PackedIntegers([1]))
    #expect(damaged.histogram == nil)
  }
}
