import CMath
import Glibc
import TestSupport
import Testing

@Suite struct PropertyTests {
  private static let seed: UInt64 = 41

  @Test func `exp never falls`() {
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<2000 {
      var x = Double.random(in: -746...710, using: &draws)
      for _ in 0..<8 {
        #expect(cm_exp(x) <= cm_exp(x.nextUp), "\(x), seed \(Self.seed)")
        x = x.nextUp
      }
    }
  }

  @Test func `expf never falls`() {
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<2000 {
      var x = Float.random(in: -104...89, using: &draws)
      for _ in 0..<8 {
        #expect(cm_expf(x) <= cm_expf(x.nextUp), "\(x), seed \(Self.seed)")
        x = x.nextUp
      }
    }
  }

  @Test func `the squares of sine and cosine add up to one`() {
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<4000 {
      let x = Double.random(in: -1e6...1e6, using: &draws)
      let (sine, cosine) = (cm_sin(x), cm_cos(x))
      #expect(abs((sine * sine).addingProduct(cosine, cosine) - 1) < 0x1p-51, "\(x)")
    }
  }

  @Test func `odd functions are odd and the cosine is even, to the bit`() {
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<1000 {
      let x = Double.random(in: -8...8, using: &draws)
      for odd in [cm_sin, cm_tanh, cm_erf] { #expect(odd(-x) == -odd(x), "\(x)") }
      #expect(cm_cos(-x) == cm_cos(x), "\(x)")
    }
  }

  @Test func `a power undoes its inverse`() {
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<2000 {
      let x = Double.random(in: 0.01...100, using: &draws)
      #expect(abs(cm_exp(cm_log(x)) / x - 1) < 0x1p-49, "\(x)")
      #expect(cm_pow(x, 2) == x * x || abs(cm_pow(x, 2) / (x * x) - 1) < 0x1p-51, "\(x)")
      #expect(cm_pow(x, 1) == x, "\(x)")
    }
  }

  /// libm's results are no reference for bits, but both are near the truth.
  @Test func `libm is within three units in the last place`() {
    typealias Pair = (own: (Double) -> Double, system: (Double) -> Double)
    let pairs: [Pair] = [
      (cm_exp, Glibc.exp), (cm_sin, Glibc.sin), (cm_cos, Glibc.cos), (cm_tanh, Glibc.tanh),
      (cm_erf, Glibc.erf), ({ cm_log(abs($0)) }, { Glibc.log(abs($0)) }),
    ]
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<4000 {
      let x = Double.random(in: -30...30, using: &draws)
      for (index, pair) in pairs.enumerated() {
        let (own, system) = (pair.own(x), pair.system(x))
        #expect(abs(own - system) <= 3 * system.ulp, "function \(index) at \(x)")
      }
    }
  }

  @Test func `single precision agrees with double precision rounded`() {
    var draws = SeededGenerator(seed: Self.seed)
    for _ in 0..<4000 {
      let x = Float.random(in: -20...20, using: &draws)
      let exact = Float(cm_exp(Double(x)))
      #expect(abs(cm_expf(x) - exact) <= exact.ulp, "\(x)")
      #expect(cm_tanhf(x) == Float(cm_tanh(Double(x))))
    }
  }
}
