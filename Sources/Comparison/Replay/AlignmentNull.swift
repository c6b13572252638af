/// What the intrinsic profile would show if nothing were aligned: each process's series is shifted
/// circularly by a random amount, again and again. Noise keeps its structure and loses its alignment.
public struct AlignmentNull: Hashable, Sendable, Codable {
  /// Shifts tried. With none as extreme as what was observed, p is 1 in 2,000.
  public static let shifts = 1999

  /// Probability of at least the observed share of spikes without alignment.
  public let spikeProbability: Double
  /// Mean share of spikes without alignment.
  public let meanSpikeShare: Double
  /// Probability of at least the observed tail without alignment.
  public let tailProbability: Double
  /// Mean tail without alignment.
  public let meanTail: Double

  init(normalised series: [[Double]], rank: Int, observed: IntrinsicProfile, seed: UInt64) {
    let length = observed.factors.count
    var generator = SplitMix64(seed: seed)
    var atLeastSpikes = 0
    var atLeastTail = 0
    var spikeSum = 0.0
    var tailSum = 0.0
    let observedSpikes = observed.spikes.count
    for _ in 0..<Self.shifts {
      let shifts = series.map { _ in Int.random(in: 0..<length, using: &generator) }
      let summary = Self.summary(
        IntrinsicProfile.orderStatistic(series, shifts: shifts, rank: rank))
      atLeastSpikes += summary.spikes >= observedSpikes ? 1 : 0
      atLeastTail += summary.tail >= observed.tail ? 1 : 0
      spikeSum += Double(summary.spikes) / Double(length)
      tailSum += summary.tail
    }
    let count = Double(Self.shifts)
    spikeProbability = Double(atLeastSpikes + 1) / (count + 1)
    tailProbability = Double(atLeastTail + 1) / (count + 1)
    meanSpikeShare = spikeSum / count
    meanTail = tailSum / count
  }

  private static func summary(_ profile: [Double]) -> (spikes: Int, tail: Double) {
    let sorted = profile.sorted()
    let median = Quantiles.ofSorted(0.5, sorted) ?? 1
    let limit = IntrinsicProfile.spikeFactor * median
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] > limit { high = middle } else { low = middle + 1 }
    }
    return (sorted.count - low, (Quantiles.ofSorted(0.99, sorted) ?? median) / median)
  }
}
