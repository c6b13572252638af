/// Looks for the scale and zero point of least squared error in one group.
///
/// 1. The range is shrunk to k / 64 of itself, k = 63…1. Asymmetric codes then shrink the low end alone in
///    the same way, and then the high end alone.
/// 2. The range is scaled by k / 2048 around the best, less than 1 / 64 up or down.
/// 3. At most 16 times, while the error falls: the codes are held, and the scale is replaced by the one of
///    least squared error for them, Σ x · (c − z) / Σ (c − z)², as it is stored; asymmetric codes also try the
///    zero points z − 1 and z + 1.
///
/// A candidate replaces the best one only if its error is less, and the first is what
/// `ScaleChoice.absoluteMaximum` gives; so the error is never above that one's. No step depends on
/// anything but the values and their order.
struct LeastSquaresSearch {
  /// Parts that the range is divided into, and parts of a part.
  private static let parts = 64
  private static let fineParts = 32
  /// Improvements of held codes at most.
  private static let rounds = 16

  let fitting: ScaleFitting
  let low: Float
  let high: Float

  /// A candidate and its error.
  private struct Candidate {
    var affine: AffineParameters
    var error: Double
  }

  /// The best parameters found, beginning with `first`.
  func best(from first: AffineParameters, for values: Span<Float>) -> AffineParameters {
    var best = Candidate(
      affine: first, error: fitting.squaredError(of: values, first, below: .infinity))
    let coarse = (1..<Self.parts).reversed().map { Float($0) / Float(Self.parts) }
    let both = shrink(&best, values, by: coarse) { (low * $0, high * $0) } ?? 1
    var lower = both
    var upper = both
    if !fitting.grouping.symmetric {
      lower = shrink(&best, values, by: coarse) { (low * $0, high * both) } ?? both
      upper = shrink(&best, values, by: coarse) { (low * lower, high * $0) } ?? both
    }
    let fine = (1 - Self.fineParts..<Self.fineParts).map {
      1 + Float($0) / Float(Self.parts * Self.fineParts)
    }
    _ = shrink(&best, values, by: fine) { (low * lower * $0, high * upper * $0) }
    refine(&best, values)
    return best.affine
  }

  /// Tries a range for every factor; returns the factor that improved `best` last.
  private func shrink(
    _ best: inout Candidate, _ values: Span<Float>, by factors: [Float],
    _ range: (Float) -> (Float, Float)
  ) -> Float? {
    var chosen: Float?
    var previous: AffineParameters?
    for factor in factors {
      let (low, high) = range(factor)
      // Wider than the extremes by less than 1 / 64, a range may overflow; then it is no candidate.
      guard low.isFinite, high.isFinite,
        let affine = try? fitting.parameters(low: low, high: high), affine != previous
      else { continue }
      previous = affine
      if consider(affine, &best, values) { chosen = factor }
    }
    return chosen
  }

  /// Fits the scale to the codes, and the codes to the scale, until nothing is gained.
  private func refine(_ best: inout Candidate, _ values: Span<Float>) {
    for _ in 0..<Self.rounds {
      let current = best.affine
      var improved = false
      let shifts: [Int32] = fitting.grouping.symmetric ? [0] : [0, -1, 1]
      for shift in shifts {
        let zero = current.zeroPoint + shift
        guard (fitting.codes.lower...fitting.codes.upper).contains(zero),
          let scale = scale(
            for: values, AffineParameters(scale: current.scale, zeroPoint: zero))
        else { continue }
        let affine = AffineParameters(scale: scale, zeroPoint: zero)
        if consider(affine, &best, values) { improved = true }
      }
      guard improved else { return }
    }
  }

  private func consider(
    _ affine: AffineParameters, _ best: inout Candidate, _ values: Span<Float>
  ) -> Bool {
    let error = fitting.squaredError(of: values, affine, below: best.error)
    guard error < best.error else { return false }
    best = Candidate(affine: affine, error: error)
    return true
  }

  /// The stored scale of least squared error for the codes that `affine` gives; `nil` where all of them
  /// stand for 0, or the scale is none.
  private func scale(for values: Span<Float>, _ affine: AffineParameters) -> Float? {
    var products = 0.0
    var squares = 0.0
    for index in values.indices {
      let steps = Double(fitting.codes.code(of: values[index], affine) - affine.zeroPoint)
      products += Double(values[index]) * steps
      squares += steps * steps
    }
    guard squares > 0 else { return nil }
    let scale = Float(products / squares)
    guard scale >= .leastNormalMagnitude, scale.isFinite else { return nil }
    return fitting.grouping.scaleType.stored(scale)
  }
}
