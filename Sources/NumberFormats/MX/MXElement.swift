/// What one of the 32 elements of an MX block is.
public enum MXElement: Hashable, Sendable {
  /// A floating-point number without a scale of its own.
  case float(Minifloat)
  /// Two's complement with six binary places, −127/64…127/64; −128 is not written, to keep the range symmetric.
  case int8

  /// Bits of one element.
  public var bits: Int {
    switch self {
    case .float(let type): type.bits
    case .int8: 8
    }
  }

  /// ⌊log₂⌋ of the largest element: what the shared exponent leaves to the elements.
  public var largestExponent: Int {
    switch self {
    case .float(let type): type.largestExponent
    case .int8: 0
    }
  }

  /// The largest |y − decode(encode(y))| for |y| < 2^(largestExponent + 1), which is what the shared exponent scales
  /// a block to: half the widest gap, or what is cut off above the largest element.
  public var errorBound: Float {
    switch self {
    case .float(let type):
      max(type.widestHalfGap, Minifloat.power(largestExponent + 1) - type.largest)
    case .int8: 1 / 64
    }
  }

  /// The code nearest to a finite number; numbers beyond the range become the largest of their sign.
  func encode(_ value: Float, ties: Minifloat.Ties) -> UInt16 {
    switch self {
    case .float(let type):
      return type.encode(value, overflow: .saturate, ties: ties)
    case .int8:
      let magnitude = min(abs(value) * 64, 127)
      let steps: Float
      switch ties {
      case .toEven: steps = magnitude.rounded(.toNearestOrEven)
      case .toLowerIndex: steps = (magnitude - 0.5).rounded(.up)
      }
      let signed = Int8(value.sign == .minus ? -steps : steps)
      return UInt16(UInt8(bitPattern: signed))
    }
  }

  /// What a code stands for.
  func decode(_ code: UInt16) -> Float {
    switch self {
    case .float(let type): type.decode(code)
    case .int8: Float(Int8(truncatingIfNeeded: code)) / 64
    }
  }
}
