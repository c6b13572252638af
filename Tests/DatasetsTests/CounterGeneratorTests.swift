import Datasets
import Testing

@Suite struct CounterGeneratorTests {
  // The known answers that the authors of Philox publish with Random123 (kat_vectors, philox4x32, 10
  // rounds).
  @Test(
    arguments: [
      ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
      (
        [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [0xFFFF_FFFF, 0xFFFF_FFFF],
        [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
      ),
      (
        [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
        [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
      ),
    ] as [([UInt32], [UInt32], [UInt32])])
  func `the bits are Philox4x32-10`(counter: [UInt32], key: [UInt32], expected: [UInt32]) {
    let block = CounterGenerator.philox(counter: SIMD4(counter), key: SIMD2(key))
    #expect(block == SIMD4(expected))
  }

  @Test func `words come from consecutive blocks of the documented counter`() {
    var lots = CounterGenerator(seed: 0x1122_3344_5566_7788, stream: 9, index: 0xAABB_CCDD_EEFF)
    let words = (0..<8).map { _ in lots.bits() }
    let blocks = (UInt32(0)..<2).flatMap { block in
      let words = CounterGenerator.philox(
        counter: [block, 9, 0xCCDD_EEFF, 0xAABB], key: [0x5566_7788, 0x1122_3344])
      return [words[0], words[1], words[2], words[3]]
    }
    #expect(words == blocks)
  }

  @Test func `seed, stream and index each change everything`() {
    let base = (seed: UInt64(1), stream: UInt32(2), index: UInt64(3))
    var others = [
      CounterGenerator(seed: base.seed, stream: base.stream, index: base.index),
      CounterGenerator(seed: 4, stream: base.stream, index: base.index),
      CounterGenerator(seed: base.seed, stream: 4, index: base.index),
      CounterGenerator(seed: base.seed, stream: base.stream, index: 4),
      CounterGenerator(seed: base.seed, stream: base.stream, index: base.index + 1 << 32),
    ]
    let first = others.indices.map { others[$0].bits() }
    #expect(Set(first).count == others.count)
  }

  private func moments(
    _ count: Int, _ draw: (inout CounterGenerator) -> Double
  ) -> (mean: Double, variance: Double, lowest: Double, highest: Double) {
    var lots = CounterGenerator(seed: 7, stream: 0, index: 0)
    let values = (0..<count).map { _ in draw(&lots) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    return (mean, variance, values.min() ?? 0, values.max() ?? 0)
  }

  @Test func `uniform numbers are even between 0 and 1 and never either`() {
    let found = moments(100_000) { $0.uniform() }
    #expect((found.mean - 0.5).magnitude < 0.004)
    #expect((found.variance - 1.0 / 12).magnitude < 0.001)
    #expect(found.lowest > 0 && found.highest < 1)
  }

  @Test func `normal numbers have mean 0, variance 1 and tails`() {
    let found = moments(100_000) { $0.normal() }
    #expect(found.mean.magnitude < 0.013)
    #expect((found.variance - 1).magnitude < 0.02)
    #expect(found.lowest < -3.5 && found.highest > 3.5)
    var lots = CounterGenerator(seed: 8, stream: 0, index: 0)
    let within = (0..<100_000).count { _ in lots.normal().magnitude < 1 }
    #expect((Double(within) / 100_000 - 0.6827).magnitude < 0.006)
  }

  @Test func `soft noise has mean 0, variance 1 and no tail`() {
    let found = moments(100_000) { Double($0.softNoise()) }
    #expect(found.mean.magnitude < 0.013)
    #expect((found.variance - 1).magnitude < 0.02)
    #expect(found.lowest >= -3.47 && found.highest <= 3.47)
  }

  @Test(arguments: [1, 2, 3, 10, 1000] as [UInt32])
  func `below reaches every value evenly and no other`(count: UInt32) {
    var lots = CounterGenerator(seed: 9, stream: 0, index: 0)
    var seen = [Int](repeating: 0, count: Int(count))
    let draws = Int(count) * 400
    for _ in 0..<draws { seen[lots.below(count)] += 1 }
    for (value, times) in seen.enumerated() {
      #expect(abs(times - 400) < 100, "\(value) came \(times) times")
    }
  }

  @Test func `parts have their shares`() {
    var lots = CounterGenerator(seed: 10, stream: 0, index: 0)
    var seen = [0, 0, 0]
    for _ in 0..<20_000 { seen[lots.part(of: [0.7, 0.2, 0.1])] += 1 }
    #expect(abs(seen[0] - 14_000) < 260)
    #expect(abs(seen[1] - 4_000) < 230)
    #expect(abs(seen[2] - 2_000) < 170)
  }
}
