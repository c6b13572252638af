import CMath
import Testing

@Suite struct SpecialValueTests {
  private static let nan: UInt64 = 0x7FF8_0000_0000_0000
  private static let oddNaN = Double(bitPattern: 0xFFF0_0000_0000_0123)

  @Test func `a NaN gives the one quiet NaN`() {
    for function in [cm_exp, cm_log, cm_sin, cm_cos, cm_tanh, cm_erf] {
      #expect(function(Self.oddNaN).bitPattern == Self.nan)
      #expect(function(-.nan).bitPattern == Self.nan)
    }
    for function in [cm_expf, cm_logf, cm_tanhf, cm_erff, cm_rsqrtf] {
      #expect(function(-.nan).bitPattern == 0x7FC0_0000)
    }
    #expect(cm_pow(Self.oddNaN, 2).bitPattern == Self.nan)
    #expect(cm_pow(2, Self.oddNaN).bitPattern == Self.nan)
  }

  @Test func `infinities and zeros give what Annex F says`() {
    expect(cm_exp(.infinity), .infinity)
    expect(cm_exp(-.infinity), 0)
    expect(cm_exp(-0.0), 1)
    expect(cm_log(.infinity), .infinity)
    expect(cm_log(0), -.infinity)
    expect(cm_log(-0.0), -.infinity)
    expect(cm_log(1), 0)
    expect(cm_tanh(.infinity), 1)
    expect(cm_tanh(-.infinity), -1)
    expect(cm_erf(.infinity), 1)
    expect(cm_erf(-.infinity), -1)
    for odd in [cm_sin, cm_tanh, cm_erf] {
      expect(odd(0), 0)
      expect(odd(-0.0), -0.0)
    }
    expect(cm_cos(-0.0), 1)
    for undefined in [cm_sin(.infinity), cm_cos(-.infinity), cm_log(-1), cm_log(-.infinity)] {
      #expect(undefined.bitPattern == Self.nan)
    }
  }

  @Test func `exp overflows and underflows where it should`() {
    expect(cm_exp(709.782712893384), 0x1.fffffffffff2ap+1023)
    expect(cm_exp(709.7827128933841), .infinity)
    expect(cm_exp(-745.1332191019411), .leastNonzeroMagnitude)
    expect(cm_exp(-745.1332191019412), 0)
    expect(cm_exp(1e300), .infinity)
    expect(cm_exp(-1e300), 0)
    #expect(cm_expf(88.72283) < .infinity)
    #expect(cm_expf(88.72284) == .infinity)
    #expect(cm_expf(-103.97207) == .leastNonzeroMagnitude)
    #expect(cm_expf(-103.97209) == 0)
    #expect(cm_expf(.infinity) == .infinity)
    #expect(cm_expf(-.infinity) == 0)
  }

  @Test func `rsqrt of the special values is exact`() {
    #expect(cm_rsqrtf(0) == .infinity)
    #expect(cm_rsqrtf(-0.0) == -.infinity)
    #expect(cm_rsqrtf(.infinity).bitPattern == 0)
    #expect(cm_rsqrtf(-1).bitPattern == 0x7FC0_0000)
    #expect(cm_rsqrtf(0x1p-148) == 0x1p74)
  }

  @Test func `pow of the special values is what Annex F says`() {
    let infinity = Double.infinity
    for x in [0, -0.0, 1, -3, infinity, -infinity, .nan] { expect(cm_pow(x, 0), 1) }
    for y in [2, -0.5, infinity, -infinity, .nan] { expect(cm_pow(1, y), 1) }
    let rows: [(base: Double, exponent: Double, expected: Double)] = [
      (0, 3, 0), (-0.0, 3, -0.0), (-0.0, 2, 0), (0, -3, infinity), (-0.0, -3, -infinity),
      (-0.0, -2, infinity), (-0.0, 0.5, 0), (-1, infinity, 1), (-1, -infinity, 1),
      (0.5, infinity, 0), (0.5, -infinity, infinity), (-2, infinity, infinity),
      (2, -infinity, 0), (infinity, 2, infinity), (infinity, -2, 0), (-infinity, 3, -infinity),
      (-infinity, 2, infinity), (-infinity, -3, -0.0), (-infinity, 0.5, infinity),
      (0, infinity, 0), (0, -infinity, infinity), (-2, 3, -8), (-2, 2, 4), (-8, -1, -0.125),
      (2, 1e300, infinity), (2, -1e300, 0), (-1, 0x1p60, 1), (2, 1023, 0x1p1023),
      (2, -1074, .leastNonzeroMagnitude), (2, 1024, infinity), (-2, 1025, -infinity),
      (2, -1075, 0), (-2, -1077, -0.0), (10, 22, 1e22),
    ]
    for row in rows { expect(cm_pow(row.base, row.exponent), row.expected) }
    #expect(cm_pow(-8, 1.0 / 3).bitPattern == Self.nan)
  }

  private func expect(
    _ found: Double, _ expected: Double, _ place: SourceLocation = #_sourceLocation
  ) {
    #expect(found.bitPattern == expected.bitPattern, sourceLocation: place)
  }
}
