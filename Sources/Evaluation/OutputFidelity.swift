import CMath

/// How close outputs are to the float run's, as a signal-to-noise ratio.
///
/// The signal is the sum of the squares of the float outputs, the noise that of the differences; both in
/// Double, each a single chain of fused multiply-adds in the order of the elements.
public struct OutputFidelity: Equatable, Sendable {
  private var signal = 0.0
  private var noise = 0.0
  private var skipped = 0

  /// Creates one that has seen nothing.
  public init() {}

  /// Adds one element. A pair in which a value is not finite has no ratio: it is counted in
  /// ``skippedPairs`` and left out.
  public mutating func add(_ output: Float, float: Float) {
    guard output.isFinite, float.isFinite else {
      skipped += 1
      return
    }
    let (exact, difference) = (Double(float), Double(output) - Double(float))
    signal = signal.addingProduct(exact, exact)
    noise = noise.addingProduct(difference, difference)
  }

  /// Pairs that were left out.
  public var skippedPairs: Int { skipped }

  /// 10 log₁₀(signal / noise) in dB. `nil` where there is no noise (the outputs are identical) or no
  /// signal.
  public var decibel: Double? {
    guard signal > 0, noise > 0 else { return nil }
    return 10 * ((cm_log(signal) - cm_log(noise)) / cm_log(10))
  }
}
