/// The search for a group's scale and minimum in Q2_K, Q4_K and Q5_K: value ≈ scale · code − minimum.
///
/// It tries steps + 1 divisors of the range around top, solves the weighted least squares for scale and
/// minimum of the codes that each gives, and keeps the one with the smallest weighted error. The minimum
/// is never negative, so that 0 stays within the codes' range.
struct MinimumSearch {
  /// The largest code.
  let top: Int
  /// The first trial divides the range by top + first, each next one by 0.1 more.
  let first: Float
  /// The number of the last trial.
  let steps: Int
  /// Whether errors count by their magnitude rather than their square.
  let absolute: Bool

  /// A group's scale, minimum and codes.
  struct Fit {
    var scale: Float
    var minimum: Float
    var codes: [UInt8]
  }

  /// Finds the fit.
  ///
  /// - Parameters:
  ///   - values: The group.
  ///   - weights: What an error of each counts.
  func fit(_ values: Span<Float>, weights: [Float]) -> Fit {
    var low = values[0]
    var high = values[0]
    var weightSum = weights[0]
    var valueSum = weightSum * values[0]
    for index in 1..<values.count {
      low = values[index] < low ? values[index] : low
      high = values[index] > high ? values[index] : high
      weightSum += weights[index]
      valueSum += weights[index] * values[index]
    }
    low = low > 0 ? 0 : low
    guard high != low else {
      return Fit(scale: 0, minimum: -low, codes: [UInt8](repeating: 0, count: values.count))
    }
    let divisor = Float(top) / (high - low)
    var best = Fit(scale: 1 / divisor, minimum: -low, codes: codes(values, low, divisor))
    var bestError = error(of: best, values, weights)
    for step in 0...steps {
      // The range begins at the best minimum so far, not at the smallest value.
      let low = -best.minimum
      let divisor = (first + 0.1 * Float(step) + Float(top)) / (high - low)
      let trial = codes(values, low, divisor)
      guard
        let fit = solve(
          trial, values, weights, weightSum: weightSum, valueSum: valueSum)
      else { continue }
      let trialError = error(of: fit, values, weights)
      if trialError < bestError {
        best = fit
        bestError = trialError
      }
    }
    return best
  }

  private func codes(_ values: Span<Float>, _ low: Float, _ divisor: Float) -> [UInt8] {
    values.indices.map { UInt8(GGUF.nearest(divisor * (values[$0] - low), in: 0...top)) }
  }

  /// Weighted least squares for scale and minimum; `nil` where the codes are all alike.
  private func solve(
    _ codes: [UInt8], _ values: Span<Float>, _ weights: [Float], weightSum: Float, valueSum: Float
  ) -> Fit? {
    var codeSum = Float(0)
    var squareSum = Float(0)
    var productSum = Float(0)
    for index in values.indices {
      let code = Float(codes[index])
      let weighted = weights[index] * code
      codeSum += weighted
      squareSum += weighted * code
      productSum += weighted * values[index]
    }
    let determinant = weightSum * squareSum - codeSum * codeSum
    guard determinant > 0 else { return nil }
    let low = (squareSum * valueSum - codeSum * productSum) / determinant
    if low > 0 {
      return Fit(scale: productSum / squareSum, minimum: 0, codes: codes)
    }
    let scale = (weightSum * productSum - valueSum * codeSum) / determinant
    return Fit(scale: scale, minimum: -low, codes: codes)
  }

  private func error(of fit: Fit, _ values: Span<Float>, _ weights: [Float]) -> Float {
    var sum = Float(0)
    for index in values.indices {
      let difference = fit.scale * Float(fit.codes[index]) - fit.minimum - values[index]
      sum += weights[index] * (absolute ? abs(difference) : difference * difference)
    }
    return sum
  }
}
