import Comparison
import Results
import TestSupport
import Testing

@Suite struct MedianEstimateTests {
  @Test func `ranks are those of the table for the sign test`() throws {
    // Largest rank with P(outside) ≤ 0.05: 6 values 1st and 6th, 9 values 2nd and 8th, 20 values 6th and
    // 15th, 100 values 40th and 61st (Conover, "Practical Nonparametric Statistics", table A3).
    for (count, first) in [(6, 1), (9, 2), (20, 6), (100, 40)] {
      let sample = (1...count).map(Double.init).shuffled()
      let estimate = try #require(MedianEstimate(of: sample))
      #expect(estimate.lower == Double(first), "\(count)")
      #expect(estimate.upper == Double(count + 1 - first), "\(count)")
      #expect(estimate.median == Double(count + 1) / 2)
      #expect(estimate.samples == count)
    }
    let six = try #require(MedianEstimate(of: [1, 2, 3, 4, 5, 6]))
    #expect(abs(six.confidence - (1 - 2.0 / 64)) < 1e-9)
  }

  @Test func `five values promise nothing at 95 percent`() {
    #expect(MedianEstimate(of: [1, 2, 3, 4, 5]) == nil)
    #expect(MedianEstimate(of: []) == nil)
    #expect(MedianEstimate(of: [1, 2, 3, 4, 5], confidence: 0.9) != nil)
  }

  @Test func `the interval holds the median of a skewed distribution as often as it says`() throws {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    var held = 0
    for _ in 0..<2000 {
      // A cube has its median at ½³.
      let sample = (0..<25).map { _ in
        let value = Double.random(in: 0..<1, using: &random)
        return value * value * value
      }
      let estimate = try #require(MedianEstimate(of: sample))
      if estimate.lower <= 0.125, 0.125 <= estimate.upper { held += 1 }
    }
    // 0.957 is exact for 25 values; four standard errors are 0.018.
    #expect((1878...1950).contains(held), "seed \(seed): \(held)")
  }
}
