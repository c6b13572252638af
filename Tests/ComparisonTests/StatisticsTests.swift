import Comparison
import Results
import TestSupport
import Testing

@Suite struct StatisticsTests {
  /// Values from the table of NIST/SEMATECH e-Handbook 1.3.6.7.2, to its three decimals.
  @Test(arguments: [
    (0.95, 1, 6.314), (0.975, 5, 2.571), (0.99, 5, 3.365), (0.999, 5, 5.893), (0.99, 2, 6.965),
    (0.999, 2, 22.327), (0.95, 30, 1.697), (0.999, 100, 3.174), (0.9, 10, 1.372),
  ])
  func `t quantiles agree with the published table`(
    confidence: Double, freedom: Int, expected: Double
  ) {
    let quantile = StudentT.quantile(confidence, degreesOfFreedom: freedom)
    #expect(abs(quantile - expected) < 0.00051, "\(quantile)")
  }

  @Test func `quantiles interpolate between neighbours`() {
    #expect(Quantiles.median([3, 1, 2, 4]) == 2.5)
    #expect(Quantiles.quantile(0.99, of: (0...100).map { Double($0) }) == 99)
    #expect(Quantiles.median([]) == nil)
  }

  @Test func `intervals over six processes cover the truth as often as they say`() throws {
    let seed: UInt64 = 5
    var generator = SeededGenerator(seed: seed)
    var missedAbove = 0
    let trials = 4000
    for _ in 0..<trials {
      let means = (0..<6).map { _ in
        (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
      }
      let estimate = try #require(Estimate(processMeans: means))
      if estimate.interval(0.99).lower > 0 { missedAbove += 1 }
    }
    let rate = Double(missedAbove) / Double(trials)
    #expect(rate > 0.004 && rate < 0.017, "seed \(seed): \(rate)")
  }

  @Test func `one process gives no estimate`() {
    #expect(Estimate(processMeans: [1]) == nil)
  }

  @Test func `McNemar's exact test counts the tail of the changed sides`() {
    #expect(
      abs(PairedChange(lost: 5, won: 0, examples: 100).worseByChance - 1.0 / 32) < 1e-12)
    #expect(
      abs(PairedChange(lost: 3, won: 1, examples: 100).worseByChance - 5.0 / 16) < 1e-12)
    #expect(PairedChange(lost: 0, won: 0, examples: 100).worseByChance == 1)
    let balanced = PairedChange(lost: 2, won: 2, examples: 1000)
    #expect(balanced.difference == 0)
    #expect(balanced.notExcludedFall > 0.003 && balanced.notExcludedFall < 0.01)
  }

  @Test func `numbers carry their unit and their sign`() {
    #expect(Quantity.text(0.97345, .share) == "97.34 %")
    #expect(Quantity.text(0.0005, .share) == "0.050 %")
    #expect(Quantity.text(0, .share) == "0.00 %")
    #expect(Quantity.text(1.0344, .ratio) == "1.034")
    #expect(Quantity.text(12.345e-6, .seconds) == "12.3 µs")
    #expect(Quantity.text(1.5e-3, .seconds) == "1.50 ms")
    #expect(Quantity.text(2.5e-10, .seconds) == "0.25 ns")
    #expect(Quantity.text(8193, .bytes) == "8,193 B")
    #expect(Quantity.text(0.25, .bytes) == "0.250 B")
    #expect(Quantity.text(1_234_567, .count) == "1,234,567")
    #expect(Quantity.change(-0.0125, .share) == "−1.25 pp")
    #expect(Quantity.change(0.031, .ratio) == "+3.10 %")
    #expect(Quantity.change(1, .bytes) == "+1 B")
    #expect(Quantity.change(0, .count) == "±0")
    #expect(Quantity.size(512) == "512 B")
    #expect(Quantity.size(12_800) == "12.5 KiB")
    #expect(Quantity.size(2_044_723) == "1.95 MiB")
    #expect(Quantity.fixed(-0.0001, 2) == "0.00")
    #expect(Quantity.fixed(.infinity, 2) == "inf")
  }
}
