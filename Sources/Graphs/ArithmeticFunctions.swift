/// What every evaluation of `Arithmetic`, `Reduction`, `Scattering` and `topK` shares, in fp32 or in Double.
extension FloatingPoint {
  /// The smaller of both; a NaN wins.
  @inlinable
  package func smaller(_ other: Self) -> Self { self < other || isNaN ? self : other }

  /// The larger of both; a NaN wins.
  @inlinable
  package func larger(_ other: Self) -> Self { self > other || isNaN ? self : other }

  /// Whether it is smaller than another, or a NaN where the other is none.
  @inlinable
  package func isSmallerOrNaN(than other: Self) -> Bool { self < other || isNaN && !other.isNaN }

  /// Whether it is larger than another; NaN is larger than every number.
  @inlinable
  package func isLargerOrNaN(than other: Self) -> Bool { self > other || isNaN && !other.isNaN }

  /// The remainder with the sign of the divisor.
  @inlinable
  package func modulo(_ divisor: Self) -> Self {
    let rest = truncatingRemainder(dividingBy: divisor)
    return rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest
  }
}
