import RealModule
package import Results

extension MedianEstimate {
  /// The median of a sample with the narrowest interval between two order statistics, equally far from
  /// both ends, that holds the true median with at least `confidence`. Nothing is assumed but
  /// independent draws: how many of them fall under the median is binomial with probability ½ (David
  /// and Nagaraja, "Order Statistics", 2003, §7.1).
  ///
  /// - Returns: `nil` when even the smallest and the largest value do not reach `confidence`: under six
  ///   values for 0.95.
  package init?(of sample: [Double], confidence: Double = 0.95) {
    let sorted = sample.sorted()
    guard let median = Quantiles.ofSorted(0.5, sorted),
      let (rank, reached) = Self.rank(count: sorted.count, confidence: confidence)
    else { return nil }
    self.init(
      median: median, lower: sorted[rank], upper: sorted[sorted.count - 1 - rank],
      confidence: reached, samples: sorted.count)
  }

  /// The largest number of values that may lie outside on either side, and the confidence that the
  /// others then have: 1 − 2 · P(at most `rank` of `count` fall under the median).
  private static func rank(count: Int, confidence: Double) -> (rank: Int, reached: Double)? {
    let logHalves = Double(count) * Double.log(2)
    var tail = 0.0
    var found: (rank: Int, reached: Double)?
    for below in 0..<(count + 1) / 2 {
      let logChoose =
        Double.logGamma(Double(count + 1)) - Double.logGamma(Double(below + 1))
        - Double.logGamma(Double(count - below + 1))
      tail += Double.exp(logChoose - logHalves)
      let reached = 1 - 2 * tail
      guard reached >= confidence else { break }
      found = (below, reached)
    }
    return found
  }
}
