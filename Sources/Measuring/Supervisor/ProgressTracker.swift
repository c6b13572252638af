import Foundation

/// Turns places in a run into shares of its expected duration.
package struct ProgressTracker {
  private let cases: [MeasuredCase]
  private let expected: [Double]
  private let start = Date.timeIntervalSinceReferenceDate
  private var skipped = 0.0

  /// Seconds that a worker takes beside its budget, roughly: starting, reading data, quantizing.
  private static let overhead = 0.7

  /// Nothing has run yet.
  package init(_ cases: [MeasuredCase]) {
    self.cases = cases
    expected = cases.map { 3 * Self.overhead + Double($0.budget.processes) * Self.process($0) }
  }

  private static func process(_ item: MeasuredCase) -> Double {
    overhead + item.budget.seconds / Double(item.budget.processes)
  }

  /// A case that need not run makes the estimate no better.
  package mutating func skip(case index: Int) {
    skipped += expected[index]
  }

  /// Where a run is when a worker enters a phase.
  package func at(case index: Int, role: WorkerRole, number: Int, phase: String)
    -> MeasuringProgress
  {
    let within: Double =
      switch role {
      case .quality: 0
      case .memory: Self.overhead
      case .calibrate: 2 * Self.overhead
      case .time: 3 * Self.overhead + Double(number) * Self.process(cases[index])
      }
    let total = expected.reduce(0, +)
    let done = expected[..<index].reduce(0, +) + within
    let fresh = done - skipped
    let elapsed = Date.timeIntervalSinceReferenceDate - start
    return MeasuringProgress(
      id: cases[index].id, index: index, count: cases.count, role: role, phase: phase,
      fraction: total > 0 ? min(done / total, 1) : 0,
      secondsLeft: fresh > 1 ? elapsed / fresh * (total - done) : total - done)
  }
}
