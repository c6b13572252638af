import Comparison
package import Results

/// The rates of a kernel and of its probe, slice by slice: probe, kernel, probe, …, kernel, probe.
///
/// What a noisy machine does to the clock or to a shared cache lasts longer than a slice of some
/// milliseconds, so it slows a kernel and its neighbours alike and their ratio stays.
package struct InterleavedSlices: Sendable {
  /// Fewer pairs than this have no interval of use.
  package static let fewestPairs = 9

  /// Rates of the probe; one more than there are pairs.
  package private(set) var probes: [Double]
  /// Rates of the kernel, in the probe's unit.
  package private(set) var kernels: [Double] = []

  /// Starts with the probe's first slice.
  package init(probe: Double) {
    probes = [probe]
  }

  /// Adds a slice of the kernel and the probe's slice behind it.
  package mutating func append(kernel: Double, probe: Double) {
    kernels.append(kernel)
    probes.append(probe)
  }

  /// The kernel's rate over the mean of the probe's before and behind it, pair by pair.
  package var shares: [Double] {
    kernels.indices.map { 2 * kernels[$0] / (probes[$0] + probes[$0 + 1]) }
  }

  /// The measurement of `row`; `nil` with fewer than `fewestPairs` pairs.
  ///
  /// - Parameters:
  ///   - row: What was run.
  ///   - amount: What one pass does, in units of the rates.
  package func measurement(of row: any Benchmark, amount: Double) -> KernelMeasurement? {
    guard kernels.count >= Self.fewestPairs,
      let seconds = MedianEstimate(of: kernels.map { amount / $0 }),
      let rate = MedianEstimate(of: kernels.map { $0 / 1e9 }),
      let share = MedianEstimate(of: shares)
    else { return nil }
    return KernelMeasurement(
      family: row.family.rawValue, name: row.name, shape: row.shape, operations: row.operations,
      bytes: row.bytes,
      seconds: seconds, rate: rate, unit: row.bound.unit, limit: row.bound.rawValue, share: share)
  }
}
