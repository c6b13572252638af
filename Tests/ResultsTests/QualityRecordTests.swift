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
