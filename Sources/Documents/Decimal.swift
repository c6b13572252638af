/// A decimal number as written, exactly: `digits × 10^−places`.
struct Decimal: Equatable, Sendable {
  let digits: Int
  let places: Int
  let isPositiveSigned: Bool

  /// Reads `[+-]digits[.digits]` without leading zeros, underscores, exponent or other bases, of at most
  /// eighteen digits.
  init?(_ text: some StringProtocol) {
    var rest = text[...]
    isPositiveSigned = rest.first == "+"
    let isNegative = rest.first == "-"
    if isPositiveSigned || isNegative { rest = rest.dropFirst() }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, whole.allSatisfy(\.isASCIIDigit),
      whole.count == 1 || whole.first != "0"
    else { return nil }
    var all = String(whole)
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].allSatisfy(\.isASCIIDigit) else { return nil }
      all += parts[1]
    }
    guard all.count <= 18, let value = Int(all) else { return nil }
    digits = isNegative ? -value : value
    places = parts.count == 2 ? parts[1].count : 0
  }

  /// The number times `10^−shift`, correctly rounded once.
  func double(shift: Int = 0) -> Double? { Double("\(digits)e\(-places - shift)") }

  /// The number times `factor`, where that is a whole number that fits.
  func exactly(times factor: Int) -> Int? {
    var value = Int128(digits) * Int128(factor)
    for _ in 0..<places {
      guard value % 10 == 0 else { return nil }
      value /= 10
    }
    return Int(exactly: value)
  }
}
