import CMath

/// A function of this module by the name it has in the golden table.
struct ElementaryFunction: Sendable {
  let name: String
  /// The largest error allowed, in units in the last place of the correctly rounded result.
  let tolerance: UInt64
  /// From bit patterns to a bit pattern.
  let apply: @Sendable ([UInt64]) -> UInt64
  let isSingle: Bool

  private init(
    _ name: String, _ tolerance: UInt64, _ function: @escaping @Sendable (Double) -> Double
  ) {
    (self.name, self.tolerance, isSingle) = (name, tolerance, false)
    apply = { function(Double(bitPattern: $0[0])).bitPattern }
  }

  private init(
    single name: String, _ tolerance: UInt64, _ function: @escaping @Sendable (Float) -> Float
  ) {
    (self.name, self.tolerance, isSingle) = (name, tolerance, true)
    apply = { UInt64(function(Float(bitPattern: UInt32($0[0]))).bitPattern) }
  }

  private init(
    pair name: String, _ tolerance: UInt64,
    _ function: @escaping @Sendable (Double, Double) -> Double
  ) {
    (self.name, self.tolerance, isSingle) = (name, tolerance, false)
    apply = { function(Double(bitPattern: $0[0]), Double(bitPattern: $0[1])).bitPattern }
  }

  static let all = [
    ElementaryFunction("exp", 1, cm_exp), ElementaryFunction("log", 1, cm_log),
    ElementaryFunction("sin", 1, cm_sin), ElementaryFunction("cos", 1, cm_cos),
    ElementaryFunction("tanh", 1, cm_tanh), ElementaryFunction("erf", 2, cm_erf),
    ElementaryFunction(pair: "pow", 1, cm_pow), ElementaryFunction(single: "expf", 1, cm_expf),
    ElementaryFunction(single: "logf", 1, cm_logf),
    ElementaryFunction(single: "tanhf", 1, cm_tanhf),
    ElementaryFunction(single: "erff", 1, cm_erff),
    ElementaryFunction(single: "rsqrtf", 1, cm_rsqrtf),
  ]

  /// How many representable numbers lie between two bit patterns; nil for different signs or a NaN.
  func distance(_ a: UInt64, _ b: UInt64) -> UInt64? {
    let sign: UInt64 = isSingle ? 0x8000_0000 : 0x8000_0000_0000_0000
    let infinity: UInt64 = isSingle ? 0x7F80_0000 : 0x7FF0_0000_0000_0000
    guard a & sign == b & sign, a & ~sign <= infinity, b & ~sign <= infinity else { return nil }
    return a > b ? a - b : b - a
  }
}
