extension Minifloat {
  private static let ocp8 = "OCP 8-bit Floating Point Specification 1.0"
  private static let ocpMX = "OCP Microscaling Formats Specification 1.0"

  /// bfloat16: the upper half of fp32.
  public static let bf16 = Minifloat(
    name: "bf16", exponentBits: 8, mantissaBits: 7, bias: 127, specials: .ieee,
    source: "bfloat16: the upper 16 bits of IEEE 754 binary32")

  /// Half precision: largest 65504.
  public static let f16 = Minifloat(
    name: "f16", exponentBits: 5, mantissaBits: 10, bias: 15, specials: .ieee,
    source: "IEEE 754-2019, binary16")

  /// FP8 for weights and activations: largest 448, no infinity.
  public static let e4m3fn = Minifloat(
    name: "e4m3fn", exponentBits: 4, mantissaBits: 3, bias: 7, specials: .nan, source: ocp8)

  /// FP8 for gradients: largest 57344.
  public static let e5m2 = Minifloat(
    name: "e5m2", exponentBits: 5, mantissaBits: 2, bias: 15, specials: .ieee, source: ocp8)

  /// FP6 with more digits: largest 7.5.
  public static let e2m3fn = Minifloat(
    name: "e2m3fn", exponentBits: 2, mantissaBits: 3, bias: 1, specials: .none, source: ocpMX)

  /// FP6 with more range: largest 28.
  public static let e3m2fn = Minifloat(
    name: "e3m2fn", exponentBits: 3, mantissaBits: 2, bias: 3, specials: .none, source: ocpMX)

  /// FP4: ±0, 0.5, 1, 1.5, 2, 3, 4, 6.
  public static let e2m1fn = Minifloat(
    name: "e2m1fn", exponentBits: 2, mantissaBits: 1, bias: 1, specials: .none, source: ocpMX)

  /// Powers of two, 2⁻¹²⁷…2¹²⁷, and NaN (255): the scales of MX blocks. A number midway between two goes up,
  /// for the upper one's significand, 2, is even.
  public static let e8m0 = Minifloat(
    name: "e8m0", signed: false, exponentBits: 8, mantissaBits: 0, bias: 127, specials: .nan,
    hasZero: false, source: ocpMX)

  /// All of them.
  public static let all = [bf16, f16, e4m3fn, e5m2, e2m3fn, e3m2fn, e2m1fn, e8m0]
}
