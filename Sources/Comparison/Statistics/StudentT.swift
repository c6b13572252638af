import RealModule

/// Student's t distribution.
package enum StudentT {
  /// The value that a t variable stays below with probability `confidence`, for 0.5 ≤ confidence < 1;
  /// found by bisection to within 1e-9 of itself.
  package static func quantile(_ confidence: Double, degreesOfFreedom: Int) -> Double {
    precondition(confidence >= 0.5 && confidence < 1 && degreesOfFreedom > 0, "no such quantile")
    var low = 0.0
    var high = 1.0
    while cumulative(high, degreesOfFreedom: degreesOfFreedom) < confidence, high < 1e12 {
      low = high
      high *= 2
    }
    while high - low > 1e-10 * max(1, high) {
      let middle = (low + high) / 2
      if cumulative(middle, degreesOfFreedom: degreesOfFreedom) < confidence {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The probability that a t variable stays below `t`, for t ≥ 0: 1 − I_x(ν/2, 1/2) / 2 with
  /// x = ν / (ν + t²) (NIST DLMF 8.17).
  package static func cumulative(_ t: Double, degreesOfFreedom: Int) -> Double {
    let freedom = Double(degreesOfFreedom)
    return 1 - incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
  }

  /// The regularised incomplete beta function I_x(a, b), from its continued fraction (NIST DLMF
  /// 8.17.22) evaluated by Lentz's method; the symmetry I_x(a, b) = 1 − I_{1−x}(b, a) keeps it in
  /// the half where the fraction converges fast.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logBeta = Double.logGamma(a) + Double.logGamma(b) - Double.logGamma(a + b)
    let front = Double.exp(a * .log(x) + b * .log(1 - x) - logBeta) / a
    return front / continuedFraction(x, a, b)
  }

  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var fraction = 1.0
    var upper = 1.0
    var lower = 0.0
    for step in 1...500 {
      let m = Double(step / 2)
      let coefficient =
        step.isMultiple(of: 2)
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      lower = 1 + coefficient * lower
      lower = 1 / (abs(lower) < tiny ? tiny : lower)
      upper = 1 + coefficient / upper
      upper = abs(upper) < tiny ? tiny : upper
      fraction *= upper * lower
      if abs(upper * lower - 1) < 1e-14 { break }
    }
    return fraction
  }
}
