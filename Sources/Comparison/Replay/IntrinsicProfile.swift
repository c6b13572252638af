/// The latency of each iteration with the machine's noise removed by index-aligned replay: every
/// process runs the same inputs from the same state, so what the program does itself happens at the
/// same index in all of them, and what the machine does, does not.
public struct IntrinsicProfile: Hashable, Sendable {
  /// A factor of its median beyond which an iteration counts as a spike.
  public static let spikeFactor = 1.10
  /// Fewer processes cannot tell alignment from chance.
  public static let fewestProcesses = 3
  /// Fewer iterations have no tail.
  public static let fewestIterations = 100

  /// Duration of each iteration as a factor of the profile's median.
  public let factors: [Double]
  /// Iterations beyond `spikeFactor`, ascending.
  public let spikes: [Int]
  /// p99 / p50.
  public let tail: Double
  /// Processes that went into it.
  public let processes: Int

  /// Share of iterations beyond `spikeFactor`.
  public var spikeShare: Double { Double(spikes.count) / Double(factors.count) }
  /// The largest factor.
  public var largest: Double { factors.max() ?? 1 }

  /// The profile of some aligned series of durations, cut to the shortest.
  ///
  /// - Parameter rank: which order statistic over the processes is taken at each index, from 1 for
  ///   the minimum.
  /// - Returns: `nil` with too few processes or iterations.
  package init?(series: [[Double]], rank: Int) {
    let length = series.map(\.count).min() ?? 0
    guard series.count >= Self.fewestProcesses, length >= Self.fewestIterations else { return nil }
    self.init(normalised: series.map { RollingQuartile.normalised(Array($0.prefix(length))) }, rank)
  }

  /// The profile of series that are normalised already and equally long.
  init(normalised series: [[Double]], _ rank: Int) {
    let aligned = Self.orderStatistic(
      series, shifts: [Int](repeating: 0, count: series.count), rank: rank)
    let sorted = aligned.sorted()
    let median = Quantiles.ofSorted(0.5, sorted) ?? 1
    let factors = aligned.map { $0 / median }
    self.factors = factors
    spikes = factors.indices.filter { factors[$0] > Self.spikeFactor }
    tail = Quantiles.ofSorted(0.99, sorted).map { $0 / median } ?? 1
    processes = series.count
  }

  /// The rank that suits a working set: the minimum, or the ⌈P/3⌉-th for work bound by memory, whose
  /// processes are never all undisturbed at once.
  static func rank(processes: Int, memoryBound: Bool) -> Int {
    memoryBound ? (processes + 2) / 3 : 1
  }

  /// At each index the `rank`-th smallest over the processes, each shifted circularly.
  static func orderStatistic(_ series: [[Double]], shifts: [Int], rank: Int) -> [Double] {
    let length = series.first?.count ?? 0
    guard rank > 1 else { return minimum(series, shifts: shifts, length: length) }
    var column = [Double](repeating: 0, count: series.count)
    return (0..<length).map { index in
      for process in series.indices {
        let shifted = index + shifts[process]
        column[process] = series[process][shifted < length ? shifted : shifted - length]
      }
      column.sort()
      return column[min(rank, column.count) - 1]
    }
  }

  private static func minimum(_ series: [[Double]], shifts: [Int], length: Int) -> [Double] {
    var smallest = [Double](repeating: .infinity, count: length)
    for (values, shift) in zip(series, shifts) {
      for index in 0..<(length - shift) {
        smallest[index] = min(smallest[index], values[index + shift])
      }
      for index in (length - shift)..<length {
        smallest[index] = min(smallest[index], values[index + shift - length])
      }
    }
    return smallest
  }
}
