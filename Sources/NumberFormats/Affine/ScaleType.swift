/// The number type that stores a scale beside its codes.
///
/// Codes are always computed with the scale as it is stored, so rounding the scale costs range or
/// resolution, never consistency.
public enum ScaleType: String, Hashable, Sendable, CaseIterable {
  /// IEEE binary32.
  case float32 = "fp32"
  /// IEEE binary16; the largest is 65,504.
  case float16 = "fp16"
  /// The upper half of a binary32.
  case bfloat16 = "bf16"
  /// A power of two, 2⁻¹²⁷…2¹²⁷ (OCP Microscaling Formats v1.0, E8M0).
  case powerOfTwo = "e8m0"

  /// Bits of one stored scale.
  public var bits: Int {
    switch self {
    case .float32: 32
    case .float16, .bfloat16: 16
    case .powerOfTwo: 8
    }
  }

  /// The largest scale that can be stored.
  public var largest: Float {
    switch self {
    case .float32: .greatestFiniteMagnitude
    case .float16: Minifloat.f16.largest
    case .bfloat16: Minifloat.bf16.largest
    case .powerOfTwo: Minifloat.e8m0.largest
    }
  }

  /// Half the distance between neighbouring scales, relative to the scale: how far rounding to the
  /// nearest may move one. 0 where scales are exact or rounded up.
  public var relativeRounding: Float {
    switch self {
    case .float32, .powerOfTwo: 0
    case .float16: 0x1p-11
    case .bfloat16: 0x1p-8
    }
  }

  /// The scale as it is stored, or `nil` where it overflows.
  ///
  /// fp16 and bf16 round to nearest, ties to even. Below fp16's smallest normal number, where few bits
  /// are left, and for e8m0, whose neighbours are a factor of 2 apart, scales are rounded up: rounding
  /// down would cut the group's extremes off by more than half a step.
  ///
  /// - Parameter scale: A positive, finite, normal number.
  public func stored(_ scale: Float) -> Float? {
    switch self {
    case .float32: return scale
    case .float16:
      if scale < Float(Float16.leastNormalMagnitude) {
        // Multiples of 2⁻²⁴; the product with 2²⁴ is exact.
        return (scale * 0x1p24).rounded(.up) * 0x1p-24
      }
      return Minifloat.f16.encode(inRange: scale).map(Minifloat.f16.decode)
    case .bfloat16:
      return Minifloat.bf16.encode(inRange: scale).map(Minifloat.bf16.decode)
    case .powerOfTwo:
      let power = scale.significand > 1 ? scale.exponent + 1 : scale.exponent
      return power <= 127 ? Float(sign: .plus, exponent: power, significand: 1) : nil
    }
  }
}
