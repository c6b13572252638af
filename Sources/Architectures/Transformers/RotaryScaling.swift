import CMath

/// How a model stretches rotary angles over more positions than it was first trained for.
enum RotaryScaling {
  /// Every position is divided by `factor`.
  case linear(factor: Double)
  /// Long waves are divided, short ones kept, with a ramp between: Llama 3.1.
  case llama3(factor: Double, low: Double, high: Double, original: Int)
  /// A ramp over the pairs, and larger cosines and sines: Peng et al., YaRN, arXiv 2309.00071.
  case yarn(Yarn)

  /// What YaRN needs.
  struct Yarn {
    var factor: Double
    var original: Int
    var fast = 32.0
    var slow = 1.0
    /// Factor of cosines and sines; `nil` for 0.1 ln(factor) + 1.
    var magnitude: Double?
    /// Whether the ramp begins and ends at whole pairs.
    var isTruncated = true
  }

  /// Changes plain angles of `rotary` elements.
  func apply(to angles: inout RotaryAngles, rotary: Int) {
    switch self {
    case .linear(let factor): angles.positionScale = 1 / factor
    case .llama3(let factor, let low, let high, let original):
      angles.frequencyDivisors = (0..<rotary / 2).map { pair in
        let wave = 2 * Double.pi * cm_pow(angles.base, Double(2 * pair) / Double(rotary))
        let turns = Double(original) / wave
        if turns < low { return factor }
        if turns > high { return 1 }
        let kept = (turns - low) / (high - low)
        return 1 / ((1 - kept) / factor + kept)
      }
    case .yarn(let yarn):
      angles.frequencyDivisors = yarn.divisors(base: angles.base, rotary: rotary)
      angles.magnitude = yarn.magnitude ?? Self.attentionFactor(yarn.factor, 1)
    }
  }

  /// YaRN's growth of cosines and sines.
  static func attentionFactor(_ factor: Double, _ weight: Double) -> Double {
    factor <= 1 ? 1 : 0.1 * weight * cm_log(factor) + 1
  }
}

extension RotaryScaling.Yarn {
  /// Pair i is divided by 1 / ((1 − kept) / factor + kept), where `kept` falls from 1 to 0 along the ramp.
  fileprivate func divisors(base: Double, rotary: Int) -> [Double] {
    func pair(turns: Double) -> Double {
      Double(rotary) * cm_log(Double(original) / (turns * 2 * Double.pi)) / (2 * cm_log(base))
    }
    var (low, high) = (pair(turns: fast), pair(turns: slow))
    if isTruncated { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    low = max(low, 0)
    high = min(high, Double(rotary - 1))
    if low == high { high += 0.001 }
    return (0..<rotary / 2).map { pair in
      let kept = 1 - min(max((Double(pair) - low) / (high - low), 0), 1)
      return 1 / ((1 - kept) / factor + kept)
    }
  }
}
