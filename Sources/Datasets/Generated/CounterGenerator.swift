import CMath

/// Random numbers as a function of (seed, stream, index, position) and nothing else: example 7 has the
/// same bits whether or not examples 0 to 6 were made before it, on every machine.
///
/// The bits are Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2,
/// 3", SC 2011). The key is the seed, low word first. The counter's words are: block number, stream,
/// index low, index high. Each block gives four words, used in order.
package struct CounterGenerator: Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var block = SIMD4<UInt32>()
  private var used = 4
  private var spareNormal: Double?

  /// The generator of one example. `stream` tells datasets and splits apart.
  package init(seed: UInt64, stream: UInt32, index: UInt64) {
    key = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
    counter = [
      0, stream, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
    ]
  }

  /// The next 32 random bits.
  package mutating func bits() -> UInt32 {
    if used == 4 {
      block = CounterGenerator.philox(counter: counter, key: key)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// A multiple of 2^-32 plus 2^-33, evenly spread in the open interval (0, 1).
  package mutating func uniform() -> Double {
    (Double(bits()) + 0.5) * 0x1p-32
  }

  /// Evenly spread in the open interval between two bounds.
  package mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Each of 0…count − 1 with exactly the same probability: words that would favour some are skipped.
  package mutating func below(_ count: UInt32) -> Int {
    let limit = UInt32.max - (UInt32.max % count + 1) % count
    while true {
      let word = bits()
      if word <= limit { return Int(word % count) }
    }
  }

  /// True with exactly probability `numerator` / 2^32.
  package mutating func chance(_ numerator: UInt32) -> Bool {
    bits() < numerator
  }

  /// The index of the part that a uniform number falls in; `shares` add up to 1.
  package mutating func part(of shares: [Double]) -> Int {
    var rest = uniform()
    for (index, share) in shares.enumerated().dropLast() {
      if rest < share { return index }
      rest -= share
    }
    return shares.count - 1
  }

  /// Normal with mean 0 and variance 1, by Box and Muller: √(−2 ln u) cos 2πv, then the same with
  /// sin.
  package mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * cm_log(uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spareNormal = radius * cm_sin(angle)
    return radius * cm_cos(angle)
  }

  /// Mean 0, variance 1, nearly normal and within ±3.46: the scaled sum of the four 16-bit halves of
  /// two words. The sum is an integer, so this is cheap and exact; for the noise of pixels.
  package mutating func softNoise() -> Float {
    let (a, b) = (bits(), bits())
    let sum = (a & 0xFFFF) + (a >> 16) + (b & 0xFFFF) + (b >> 16)
    // Four uniform integers in 0…65535: mean 131070, variance 4 (65536² − 1) / 12.
    return (Float(sum) - 131_070) * (1 / 37_837.227)
  }

  /// Ten rounds of Philox on one counter.
  package static func philox(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> SIMD4<UInt32> {
    var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
    var (k0, k1) = (key[0], key[1])
    for _ in 0..<10 {
      let first = UInt64(c0) * 0xD251_1F53
      let second = UInt64(c2) * 0xCD9E_8D57
      c0 = UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0
      c1 = UInt32(truncatingIfNeeded: second)
      c2 = UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1
      c3 = UInt32(truncatingIfNeeded: first)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return [c0, c1, c2, c3]
  }
}

extension Split {
  /// The part's number in a ``CounterGenerator``'s stream; fixed for ever.
  package var streamNumber: UInt32 {
    switch self {
    case .train: 0
    case .calibrate: 1
    case .evaluate: 2
    }
  }
}
