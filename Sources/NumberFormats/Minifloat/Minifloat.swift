/// A small floating-point type: how its bits are divided, and which codes are no numbers.
///
/// A code holds, from the top, a sign bit (when `signed`), `exponentBits` and `mantissaBits`. Codes with exponent 0
/// are multiples of the smallest positive number, zero among them, unless `hasZero` is false.
public struct Minifloat: Hashable, Sendable {
  /// The codes that are not finite numbers.
  public enum Specials: Hashable, Sendable {
    /// The largest exponent is infinity (mantissa 0) and NaN, as in IEEE 754.
    case ieee
    /// Exponent and mantissa of only ones are NaN; no infinity (the suffix `fn`).
    case nan
    /// Every code is a number.
    case none
  }

  /// What becomes of numbers that round to more than the largest one.
  public enum Overflow: Hashable, Sendable {
    /// The largest finite number of their sign; infinities too.
    case saturate
    /// Infinity of their sign, NaN where there is no infinity, and the largest number where there is no NaN either.
    case special
  }

  /// Which of two equally near codes is taken.
  public enum Ties: Hashable, Sendable {
    /// The one whose significand is even.
    case toEven
    /// The one nearer to zero, which is the one with the lower index.
    case toLowerIndex
  }

  /// For example `e4m3fn`.
  public let name: String
  /// Whether the top bit is a sign.
  public let signed: Bool
  /// Width of the exponent.
  public let exponentBits: Int
  /// Width of the mantissa, without the implicit leading one.
  public let mantissaBits: Int
  /// What is subtracted from a stored exponent.
  public let bias: Int
  /// Codes that are no numbers.
  public let specials: Specials
  /// Whether exponent 0 means zero and subnormal numbers; otherwise it is an exponent like the others.
  public let hasZero: Bool
  /// The definition followed.
  public let source: String

  /// Creates a type of at most 16 bits that fp32 contains.
  public init(
    name: String, signed: Bool = true, exponentBits: Int, mantissaBits: Int, bias: Int,
    specials: Specials, hasZero: Bool = true, source: String
  ) {
    precondition((1...8).contains(exponentBits) && (0...10).contains(mantissaBits))
    precondition((0...127).contains(bias))
    precondition((1 << exponentBits) - 1 - bias <= 128, "more than fp32 reaches")
    self.name = name
    self.signed = signed
    self.exponentBits = exponentBits
    self.mantissaBits = mantissaBits
    self.bias = bias
    self.specials = specials
    self.hasZero = hasZero
    self.source = source
  }

  /// Bits of a code.
  public var bits: Int { (signed ? 1 : 0) + exponentBits + mantissaBits }

  /// The number of codes.
  public var codeCount: Int { 1 << bits }

  /// The exponent of the largest number: ⌊log₂ of it⌋.
  public var largestExponent: Int { (largestCode >> mantissaBits) - bias }

  /// The largest finite number.
  public var largest: Float { magnitude(of: largestCode) }

  /// The smallest positive number.
  public var smallest: Float { magnitude(of: hasZero ? 1 : 0) }

  /// Half the widest gap between neighbours: the error bound inside −`largest`…`largest`.
  public var widestHalfGap: Float {
    (largest - magnitude(of: largestCode - 1)) / 2
  }

  /// The largest |x − decode(encode(x))| for this x inside the range: half the gap at x.
  public func errorBound(at value: Float) -> Float {
    let exponent = max(value == 0 ? smallestExponent : Int(value.exponent), smallestExponent)
    // A power of two, so the product below is exact unless it underflows, which the formats' ranges rule out.
    return Self.power(exponent - mantissaBits) / 2
  }

  /// The exponent of the lowest binade with a full mantissa.
  var smallestExponent: Int { (hasZero ? 1 : 0) - bias }

  /// The largest code of a finite number, without sign.
  var largestCode: Int {
    let all = 1 << (exponentBits + mantissaBits)
    return switch specials {
    case .ieee: all - (1 << mantissaBits) - 1
    case .nan: all - 2
    case .none: all - 1
    }
  }

  /// 2^exponent, −149…127.
  static func power(_ exponent: Int) -> Float {
    Float(sign: .plus, exponent: exponent, significand: 1)
  }
}
