/// Decides when a workload runs as fast as it will: when the medians of consecutive windows agree.
package struct WarmUp: Sendable {
  /// Largest relative difference between the medians of windows that agree.
  package static let tolerance = 0.02
  /// Consecutive windows that must agree.
  package static let agreeing = 3

  private var medians: [Double] = []

  /// Creates a warm-up that has seen nothing.
  package init() {}

  /// Iterations of a window: enough for a median, about a hundredth of a second.
  package static func window(secondsPerIteration: Double) -> Int {
    max(8, min(500, Int(0.01 / max(secondsPerIteration, 1e-9))))
  }

  /// Takes in one window's durations.
  package mutating func add(window: some Collection<UInt32>) {
    medians.append(Median.of(window))
  }

  /// Whether the last windows agree.
  package var isStable: Bool {
    guard medians.count >= Self.agreeing else { return false }
    let last = medians.suffix(Self.agreeing)
    guard let low = last.min(), let high = last.max() else { return false }
    return high <= low * (1 + Self.tolerance)
  }

  /// The last window's median in nanoseconds; `nil` before the first.
  package var median: Double? { medians.last }
}

/// The middle of some numbers.
package enum Median {
  /// The element of rank ⌊n / 2⌋; 0 for none.
  package static func of(_ values: some Collection<UInt32>) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : Double(sorted[sorted.count / 2])
  }
}
