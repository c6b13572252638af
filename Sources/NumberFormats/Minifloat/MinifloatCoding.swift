extension Minifloat {
  /// The code of the number nearest to `value`.
  ///
  /// NaN becomes NaN; without one, negative zero (as `ml_dtypes` does). Zero keeps its sign. In a type without
  /// zero, positive numbers below the smallest become the smallest, and zero and negative numbers NaN.
  public func encode(
    _ value: Float, overflow: Overflow = .special, ties: Ties = .toEven
  ) -> UInt16 {
    let negative = value.sign == .minus
    let sign = signed && negative ? UInt16(1) << UInt16(bits - 1) : 0
    if value.isNaN || (!signed && negative) || (!hasZero && value == 0) { return notANumber(sign) }
    if value.isInfinite { return sign | beyond(overflow) }
    return sign | (finiteCode(value, ties: ties) ?? beyond(overflow))
  }

  /// The code of the number nearest to a finite one, or `nil` when it rounds to more than the largest (or has no
  /// code: negative numbers without a sign, zero without a zero).
  public func encode(inRange value: Float, ties: Ties = .toEven) -> UInt16? {
    guard value.isFinite, signed || value.sign == .plus, hasZero || value != 0,
      let code = finiteCode(value, ties: ties)
    else { return nil }
    return value.sign == .minus ? code | (UInt16(1) << UInt16(bits - 1)) : code
  }

  /// The number a code stands for; bits above the type's are ignored.
  public func decode(_ code: UInt16) -> Float {
    let unsigned = Int(code) & ((1 << (exponentBits + mantissaBits)) - 1)
    let negative = signed && (code >> UInt16(bits - 1)) & 1 == 1
    let value: Float
    if unsigned <= largestCode {
      value = magnitude(of: unsigned)
    } else if specials == .ieee, unsigned == largestCode + 1 {
      value = .infinity
    } else {
      return .nan
    }
    return negative ? -value : value
  }

  /// What every code stands for, in the order of codes.
  public var table: [Float] { (0..<codeCount).map { decode(UInt16($0)) } }

  /// The number of a code without sign that is at most `largestCode`; exact.
  func magnitude(of code: Int) -> Float {
    let field = code >> mantissaBits
    let mantissa = code & ((1 << mantissaBits) - 1)
    let normal = field > 0 || !hasZero
    let exponent = normal ? field - bias : smallestExponent
    let significand = mantissa + (normal ? 1 << mantissaBits : 0)
    return Float(significand) * Self.power(exponent - mantissaBits)
  }

  /// The code, without sign, nearest to |value|, or `nil` beyond the largest.
  private func finiteCode(_ value: Float, ties: Ties) -> UInt16? {
    let field = Int(value.exponentBitPattern)
    let fraction = Int(value.significandBitPattern)
    // |value| = whole · 2^unit, without loss.
    let whole = field == 0 ? fraction : fraction | 1 << 23
    let unit = max(field, 1) - 150
    guard whole > 0 else { return 0 }
    let top = whole.bitWidth - 1 - whole.leadingZeroBitCount + unit
    let binade = max(top, smallestExponent)
    let significand = Self.rounded(whole, by: binade - mantissaBits - unit, ties: ties)
    // Adding, not joining: a significand that was rounded up to the next binade carries into the exponent.
    var code = significand + ((binade - smallestExponent) << mantissaBits)
    if !hasZero { code = max(code - (1 << mantissaBits), 0) }
    return code <= largestCode ? UInt16(code) : nil
  }

  /// whole / 2^shift, rounded to an integer.
  private static func rounded(_ whole: Int, by shift: Int, ties: Ties) -> Int {
    precondition(shift >= 0, "fp32 has more digits than any minifloat")
    // Numbers have 24 bits, so from 25 places on they lie below one half.
    guard shift > 0, shift < 26 else { return shift == 0 ? whole : 0 }
    let kept = whole >> shift
    let rest = whole & ((1 << shift) - 1)
    let half = 1 << (shift - 1)
    let up = rest > half || (rest == half && ties == .toEven && kept & 1 == 1)
    return up ? kept + 1 : kept
  }

  /// The code, without sign, of numbers beyond the largest.
  private func beyond(_ overflow: Overflow) -> UInt16 {
    let step = overflow == .special && specials != .none ? 1 : 0
    return UInt16(largestCode + step)
  }

  private func notANumber(_ sign: UInt16) -> UInt16 {
    switch specials {
    // The quiet NaN: the mantissa's top bit.
    case .ieee: sign | UInt16(largestCode + 1 + (1 << max(mantissaBits - 1, 0)))
    case .nan: sign | UInt16(largestCode + 1)
    case .none: signed ? 1 << UInt16(bits - 1) : 0
    }
  }
}
