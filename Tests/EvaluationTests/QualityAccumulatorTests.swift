import Digests
import Evaluation
import Results
import TestSupport
import Testing

@Suite struct QualityAccumulatorTests {
  private static let context = QualityAccumulator.Context(
    model: Digest(of: "model"), data: Digest(of: "data"), calibration: Digest(of: "calibration"),
    modelBytes: 123, calibrationCoverage: ["writer": ["left": 0, "right": 2]])

  private func record(
    _ outputs: [Float], _ floats: [Float], labels: [Int], slices: [String: [String]] = [:],
    batch: Int = 1
  ) -> QualityRecord {
    let classes = outputs.count / labels.count
    var quality = QualityAccumulator(classCount: classes, expected: labels.count)
    for first in stride(from: 0, to: labels.count, by: batch) {
      let range = first * classes..<min(first + batch, labels.count) * classes
      let (part, floatPart) = (Array(outputs[range]), Array(floats[range]))
      quality.add(outputs: part.span, floatOutputs: floatPart.span, firstIndex: first)
    }
    return quality.finish(
      labels: labels, slices: slices, context: QualityAccumulatorTests.context)
  }

  @Test func `a hand-made case is recorded`() {
    let record = record(
      [1, 2] + [3, 0] + [.nan, 1] + [0, 5], [2, 1] + [3, 0] + [0, 1] + [4, 5],
      labels: [0, 0, 1, 0],
      slices: ["writer": ["right", "left", "right", "right"]])
    #expect(record.labels.integers == [0, 0, 1, 0])
    #expect(record.predictions.integers == [1, 0, 1, 1])
    #expect(record.floatPredictions.integers == [0, 0, 1, 1])
    #expect(record.slices["writer"]?.values == ["left", "right"])
    #expect(record.slices["writer"]?.members.integers == [1, 0, 1, 1])
    #expect(record.nonFiniteOutputs == 1)
    #expect(record.top1 == 0.5)
    #expect(record.floatTop1 == 0.75)
    #expect(record.flips == 0.25)
    #expect(record.modelDigest == Digest(of: "model").description)
    #expect(record.dataDigest == Digest(of: "data").description)
    #expect(record.calibrationDigest == Digest(of: "calibration").description)
    #expect(record.modelBytes == 123)
    #expect(record.calibrationCoverage == ["writer": ["left": 0, "right": 2]])
  }

  @Test func `the record does not depend on the batches`() {
    var random = SeededGenerator(seed: 5)
    let outputs = (0..<60).map { _ in Float.random(in: -1...1, using: &random) }
    let floats = outputs.map { $0 + Float.random(in: -0.1...0.1, using: &random) }
    let labels = (0..<20).map { _ in Int.random(in: 0..<3, using: &random) }
    let expected = record(outputs, floats, labels: labels, batch: 20)
    for batch in [1, 2, 3, 7, 19] {
      #expect(record(outputs, floats, labels: labels, batch: batch) == expected, "batch \(batch)")
    }
  }

  @Test func `the output digest is SHA-256 of the bit patterns in order`() {
    let outputs: [Float] = [1, -0.0, .infinity, 0.5]
    var bytes: [UInt8] = []
    for value in outputs {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    let record = record(outputs, outputs, labels: [0, 1])
    #expect(record.outputDigest == Digest(of: bytes).description)
    #expect(record.outputSQNR == nil)
  }

  @Test func `one flipped bit, the sign of zero and the order change the digest`() {
    let outputs: [Float] = [1, 0, 2, 3]
    let digest = record(outputs, outputs, labels: [0, 1]).outputDigest
    let changed: [[Float]] = [
      [Float(bitPattern: (1 as Float).bitPattern ^ 1), 0, 2, 3], [1, -0.0, 2, 3], [2, 3, 1, 0],
    ]
    for other in changed {
      #expect(record(other, outputs, labels: [0, 1]).outputDigest != digest, "\(other)")
    }
  }

  @Test func `flips are told apart by direction`() throws {
    // right→wrong, wrong→right, wrong→other wrong, unchanged right, unchanged wrong
    let outputs: [Float] = [0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1]
    let floats: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1]
    let record = record(outputs, floats, labels: [0, 0, 0, 0, 0])
    let flips = try #require(Flips(of: record))
    #expect(flips.broken == 1)
    #expect(flips.repaired == 1)
    #expect(flips.moved == 1)
    #expect(flips.total == 3)
    #expect(record.flips == 0.6)
  }

  @Test func `slices agree with counting by hand, for random records`() {
    for seed in UInt64(1)...40 {
      var random = SeededGenerator(seed: seed)
      let count = Int.random(in: 1...120, using: &random)
      let labels = (0..<count).map { _ in Int.random(in: 0..<3, using: &random) }
      let writers = (0..<count).map { _ in "w\(Int.random(in: 0..<4, using: &random))" }
      let outputs = (0..<3 * count).map { _ in Float.random(in: 0...1, using: &random) }
      let floats = (0..<3 * count).map { _ in Float.random(in: 0...1, using: &random) }
      let record = record(outputs, floats, labels: labels, slices: ["writer": writers], batch: 9)
      var expected: [String: (right: Int, all: Int)] = [:]
      for index in 0..<count {
        let vector = Array(outputs[3 * index..<3 * index + 3])
        let best = vector.firstIndex(of: vector.max() ?? 0) ?? 0
        expected[writers[index], default: (0, 0)].all += 1
        if best == labels[index] { expected[writers[index], default: (0, 0)].right += 1 }
      }
      #expect(record.sliceAccuracies.map(\.value) == expected.keys.sorted(), "seed \(seed)")
      for slice in record.sliceAccuracies {
        let (right, all) = expected[slice.value] ?? (0, 1)
        #expect(slice.accuracy == Double(right) / Double(all), "seed \(seed)")
        #expect(slice.examples == all, "seed \(seed)")
      }
      let judged = record.sliceAccuracies.filter { $0.examples >= 20 }
      let candidates = judged.isEmpty ? record.sliceAccuracies : judged
      #expect(
        record.worstSlice?.accuracy == candidates.map(\.accuracy).min(), "seed \(seed)")
    }
  }

  @Test func `a slice of 19 examples is reported but cannot be the worst`() {
    func worst(_ small: Int) -> String? {
      let labels = [Int](repeating: 0, count: 40 + small)
      let writers = (0..<40 + small).map { $0 < 40 ? "common" : "rare" }
      let outputs = writers.flatMap { $0 == "rare" ? [0, 1] : [1, 0] as [Float] }
      let record = record(outputs, outputs, labels: labels, slices: ["writer": writers])
      #expect(record.sliceAccuracies.map(\.value) == ["common", "rare"])
      return record.worstSlice?.value
    }
    #expect(worst(19) == "common")
    #expect(worst(20) == "rare")
  }
}
