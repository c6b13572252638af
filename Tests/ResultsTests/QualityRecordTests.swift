import Results
import Testing

@Suite struct QualityRecordTests {
  @Test func `accuracy is counted over all examples and per slice`() {
    let record = Fixture.quality()
    #expect(record.top1 == 5.0 / 6)
    #expect(record.floatTop1 == 1)
    #expect(record.flips == 1.0 / 6)
    #expect(record.worstSlice?.name == "writer=right")
    #expect(record.worstSlice?.accuracy == 2.0 / 3)
    #expect(record.mostFallenSlice?.fall == 1 - 2.0 / 3)
    let gap = MetricCatalog.declaration("accuracy.worst_slice_gap")
    let result = Fixture.completed(Fixture.id("int8"), quality: record)
    #expect(gap?.value(of: result) == 5.0 / 6 - 2.0 / 3)
    #expect(gap?.floatValue(of: result) == 0)
  }

  @Test func `amplification says how much more the worst slice lost`() {
    let record = Fixture.quality()
    // One of six answers was lost, in a slice of three.
    #expect(record.amplification.map { abs($0 - 2) < 1e-12 } == true)
    #expect(Fixture.quality(predictions: [0, 1, 2, 0, 1, 2]).amplification == 0)
    let result = Fixture.completed(Fixture.id("int8"), quality: record)
    #expect(MetricCatalog.declaration("outputs.saturation")?.value(of: result) == 1.0 / 40)
    let changed = record.changedExamples
    #expect(changed.map(\.index) == [5])
    #expect(changed.map(\.label) == [2])
    #expect(changed.map(\.float) == [2])
    #expect(changed.map(\.now) == [1])
    #expect(changed.map(\.slices) == [["writer": "right"]])
  }

  @Test func `scores are told over all examples and by their worst slice`() throws {
    func scores(_ brier: Double) -> ClassScores {
      ClassScores(top5: nil, auc: 0.9, brier: brier, calibrationError: 0.1)
    }
    func pair(_ own: Double, _ float: Double) -> ScoreComparison {
      ScoreComparison(examples: 3, own: scores(own), float: scores(float))
    }
    let record = QualityRecord(
      modelDigest: "", dataDigest: "", calibrationDigest: nil, outputDigest: "", modelBytes: 0,
      labels: PackedIntegers([0, 1, 0, 1]), predictions: PackedIntegers([0, 1, 1, 1]),
      floatPredictions: PackedIntegers([0, 1, 0, 1]),
      slices: ["g": SliceColumn(values: ["a", "b"], members: PackedIntegers([0, 0, 1, 1]))],
      nonFiniteOutputs: 0, outputSQNR: nil, calibrationCoverage: [:],
      scores: ScoreRecord(
        all: pair(0.5, 0.25), slices: ["g": ["a": pair(0.25, 0.25), "b": pair(0.75, 0.375)]]))
    let result = Fixture.completed(Fixture.id("int8"), quality: record)
    func metric(_ id: String) throws -> MetricDeclaration {
      try #require(MetricCatalog.declaration(id))
    }
    #expect(try metric("accuracy.brier").value(of: result) == 0.5)
    #expect(try metric("accuracy.brier").floatValue(of: result) == 0.25)
    #expect(try metric("accuracy.brier_worst_slice_gap").value(of: result) == 0.25)
    #expect(try metric("accuracy.brier_worst_slice_gap").floatValue(of: result) == 0.125)
    #expect(try metric("accuracy.auc_worst_slice_gap").value(of: result) == 0)
    #expect(try metric("accuracy.top5").value(of: result) == nil)
    // Class 0: 2·1 / (1 + 2); class 1: 2·2 / (3 + 2). Slice b: 0 and 2/3.
    let f1 = try #require(try metric("accuracy.f1").value(of: result))
    #expect(abs(f1 - (2.0 / 3 + 0.8) / 2) < 1e-15)
    let gap = try #require(try metric("accuracy.f1_worst_slice_gap").value(of: result))
    #expect(abs(gap - (f1 - 1.0 / 3)) < 1e-15)
  }

  @Test func `errors are means over examples and slices`() throws {
    let record = QualityRecord(
      modelDigest: "", dataDigest: "", calibrationDigest: nil, outputDigest: "", modelBytes: 0,
      labels: PackedIntegers([0, 0]), predictions: PackedIntegers([0, 0]),
      floatPredictions: PackedIntegers([0, 0]),
      slices: ["g": SliceColumn(values: ["a", "b"], members: PackedIntegers([0, 1]))],
      nonFiniteOutputs: 0, outputSQNR: nil, calibrationCoverage: [:],
      targets: TargetRecord(errors: [1, 4], floatErrors: [1, 2]))
    let result = Fixture.completed(Fixture.id("int8"), quality: record)
    #expect(MetricCatalog.declaration("accuracy.mse")?.value(of: result) == 2.5)
    #expect(MetricCatalog.declaration("accuracy.mse")?.floatValue(of: result) == 1.5)
    #expect(MetricCatalog.declaration("accuracy.mse_worst_slice_gap")?.value(of: result) == 1.5)
    #expect(record.f1 == nil)
  }

  @Test func `a record whose columns do not match has no accuracy, not a wrong one`() {
    let record = Fixture.quality(predictions: [0, 1, 2])
    #expect(record.exampleCount == nil)
    #expect(record.top1 == nil)
    #expect(record.sliceAccuracies.isEmpty)
  }

  @Test func `no examples give no accuracy, not zero`() {
    let none = PackedIntegers([Int]())
    let record = QualityRecord(
      modelDigest: "", dataDigest: "", calibrationDigest: nil, outputDigest: "", modelBytes: 0,
      labels: none, predictions: none, floatPredictions: none, slices: [:], nonFiniteOutputs: 0,
      outputSQNR: nil, calibrationCoverage: [:])
    #expect(record.top1 == nil)
  }

  @Test(
    arguments: [
      ([0, 0, 0, 0, 0], 0.0), ([0, 1, 2, 3, 4], 1), ([7, 8, 9, 10, 11], 1), ([0, 64, 0, 64, 0], 0),
      ([0, 64, 3, 67, 3], 1), ([5, 5, 0, 0, 0], 0), ([0, 64, 0, 64], 0),
    ] as [([Int], Double)])
  func `a leak is what no iteration gives back`(live: [Int], slope: Double) {
    #expect(Fixture.memory(live: live).leakPerIteration == slope)
  }
}
