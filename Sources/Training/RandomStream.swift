import CMath

/// The random numbers of training: SplitMix64, one stream per purpose and index.
///
/// Nothing here uses the standard library's distributions, whose algorithms may change between versions.
package struct RandomStream: Sendable {
  /// What the numbers are for; equal seeds give unrelated streams for different purposes.
  package enum Purpose: UInt64, Sendable {
    case weights = 1
    case order = 2
    case shifts = 3
  }

  private var state: UInt64

  /// Creates the stream of `seed` for one purpose and index (a parameter, an epoch).
  package init(seed: UInt64, purpose: Purpose, index: Int) {
    let branch = Self.mixed(purpose.rawValue << 56 ^ UInt64(truncatingIfNeeded: index))
    state = Self.mixed(seed) ^ branch
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    let bits = Self.mixed(state)
    state &+= 0x9E37_79B9_7F4A_7C15
    return bits
  }

  /// A whole number in `0..<bound`: the upper half of `bound` times 64 random bits, whose bias is below
  /// `bound / 2^64`.
  package mutating func below(_ bound: Int) -> Int {
    Int(UInt64(bound).multipliedFullWidth(by: next()).high)
  }

  /// A number in (0, 1], a multiple of 2⁻⁵³.
  private mutating func unit() -> Double { Double(next() >> 11 + 1) * 0x1p-53 }

  /// A number from the standard normal distribution (Box and Muller's first).
  package mutating func normal() -> Double {
    let radius = (-2 * cm_log(unit())).squareRoot()
    return radius * cm_cos(2 * .pi * unit())
  }

  /// `0..<count` in random order (Fisher and Yates, from the end).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}
