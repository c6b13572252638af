package import Results

/// Which rows to measure, how and for how long.
package struct BenchmarkRun: Sendable {
  /// How far a run has come.
  package struct Progress: Sendable {
    /// The limit or the row that is being measured.
    package let activity: String
    /// 0…1 of the whole run.
    package let fraction: Double
    /// Seconds left, as planned.
    package let secondsLeft: Double
  }

  /// A limit is simpler than a kernel and needs less time.
  private static let limitShare = 0.4

  private let set: KernelSet
  private let caches: CacheSizes
  private let cores: [Int]
  private let rows: [any Benchmark]
  private let seconds: Double

  /// Plans a run.
  ///
  /// - Parameters:
  ///   - rows: What to measure, in order.
  ///   - set: The instruction set.
  ///   - caches: The machine's caches.
  ///   - cores: One core per thread, at least one.
  ///   - seconds: The length of the whole run, without the packing of operands.
  package init(
    _ rows: [any Benchmark], set: KernelSet, caches: CacheSizes, cores: [Int], seconds: Double
  ) {
    self.rows = rows
    self.set = set
    self.caches = caches
    self.cores = cores
    self.seconds = seconds
  }

  /// Measures limits and rows.
  package func measure(
    tool: String, fingerprint: Fingerprint, progress: (Progress) -> Void
  ) throws(BenchmarkError) -> KernelReport {
    let session = try BenchmarkSession(set, caches: caches, cores: cores)
    let bounds = Bound.allCases
    let share = seconds / (Double(rows.count) + Self.limitShare * Double(bounds.count))
    var spent = 0.0
    func report(_ activity: String) {
      progress(
        Progress(
          activity: activity, fraction: spent / seconds, secondsLeft: max(0, seconds - spent)))
    }
    var limits: [MachineLimit] = []
    for bound in bounds {
      report(bound.rawValue)
      limits.append(session.limit(bound, seconds: share * Self.limitShare))
      spent += share * Self.limitShare
    }
    var kernels: [KernelMeasurement] = []
    for row in rows {
      report(row.label)
      kernels.append(session.measure(row, seconds: share))
      spent += share
    }
    return KernelReport(
      tool: tool, fingerprint: fingerprint, instructionSet: set.name, cores: cores,
      limits: limits, kernels: kernels)
  }
}
