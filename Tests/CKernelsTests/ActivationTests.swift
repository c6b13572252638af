import CKernels
import CMath
import TestSupport
import Testing

@Suite struct ActivationTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `activations have the bits of the definition`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      var x = draws.floats(count, special: seed % 2 == 0)
      if seed % 4 == 1 { x = x.map { $0 * 25 } }
      let up = draws.floats(count, special: seed % 2 == 0)
      let memory = Memory()
      let (gate, other) = (try memory.copy(x), try memory.copy(up))
      let untouched = Sheet(count: count + 3, isFloat: true)
      func check(
        _ name: String, _ reference: (Int) -> Float,
        _ kernel: (UnsafeMutablePointer<Float>?) -> Void
      ) throws {
        var expected = untouched
        for i in 0..<count { expected.set(i, canonical(reference(i))) }
        let found = try untouched.written { out, _ in kernel(out) }
        #expect(expected.difference(from: found) == nil, "\(name), seed \(seed)")
      }
      try check("erf", { Self.gelu(x[$0]) }) { kernels.gelu_f32(gate, count, QG_GELU_ERF, $0) }
      try check("tanh", { Self.geluTanh(x[$0]) }) {
        kernels.gelu_f32(gate, count, QG_GELU_TANH, $0)
      }
      try check("silu", { Self.silu(x[$0]) }) { kernels.silu_f32(gate, count, $0) }
      try check("gate", { Self.silu(x[$0]) * up[$0] }) {
        kernels.silu_times_f32(gate, other, count, $0)
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `the sets agree on every kind of argument`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let scalar = try InstructionSet.scalar.kernels()
    // Every 65,521st bit pattern: all exponents, both signs, NaNs.
    let x = (0..<65_536).map { Float(bitPattern: UInt32($0) &* 65_521) }
    var (found, expected) = (x, x)
    for form in [QG_GELU_ERF, QG_GELU_TANH] {
      kernels.gelu_f32(x, x.count, form, &found)
      scalar.gelu_f32(x, x.count, form, &expected)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
    kernels.silu_f32(x, x.count, &found)
    scalar.silu_f32(x, x.count, &expected)
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  /// In units of the last place of the result.
  private static func distance(_ found: Float, _ exact: Double) -> Double {
    abs(Double(found) - exact) / Double(Float(exact).ulp)
  }

  @Test func `activations are near the exact functions, in the negative tail too`() throws {
    let kernels = try InstructionSet.scalar.kernels()
    let x = (-4900...5000).map { Float($0) / 1000 }
    var (erf, tanh, silu) = (x, x, x)
    kernels.gelu_f32(x, x.count, QG_GELU_ERF, &erf)
    kernels.gelu_f32(x, x.count, QG_GELU_TANH, &tanh)
    kernels.silu_f32(x, x.count, &silu)
    for (i, value) in x.enumerated() where value != 0 {
      let exact = Double(value)
      let scaled = exact * 0.5.squareRoot()
      #expect(Self.distance(erf[i], 0.5 * exact * (1 + cm_erf(scaled))) < 7, "erf of \(value)")
      let inner = (2 / Double.pi).squareRoot() * (exact + 0.044715 * exact * exact * exact)
      #expect(
        abs(Double(tanh[i]) - 0.5 * exact * (1 + cm_tanh(inner))) < 4e-7 * max(1, exact),
        "tanh form of \(value)")
      #expect(Self.distance(silu[i], exact / (1 + cm_exp(-exact))) < 3, "SiLU of \(value)")
    }
  }

  @Test func `the erf form's far tail is that of the normal distribution`() throws {
    let kernels = try InstructionSet.scalar.kernels()
    // x * Phi(x), from tables of the normal distribution with 12 digits.
    let table: [(Float, Double)] = [
      (-6, -6 * 9.865876450377e-10), (-8, -8 * 6.220960574272e-16), (-10, -10 * 7.619853024161e-24),
      (-12, -12 * 1.776482112078e-33),
    ]
    for (x, exact) in table {
      var found: Float = 0
      withUnsafePointer(to: x) { kernels.gelu_f32($0, 1, QG_GELU_ERF, &found) }
      #expect(Self.distance(found, exact) < 7, "\(x)")
    }
  }

  private static func gelu(_ x: Float) -> Float {
    let p: [Float] = [
      0x1.754a74p-1, -0x1.04c730p-1, 0x1.d713d2p-3, -0x1.8322c6p-5, -0x1.570160p-7, 0x1.c67194p-8,
      0x1.0ecc34p-10, -0x1.eaaa94p-11, -0x1.cb91d6p-13, 0x1.4d4a50p-15,
    ]
    if x.isNaN { return x }
    let a = min(abs(x), 15)
    let u = 1 / (a + 3)
    let t = Float(1).addingProduct(u, -6)
    let tail = p.dropLast().reversed().reduce(p[9]) { $1.addingProduct($0, t) }
    let high = a * a
    let low = (-high).addingProduct(a, a)
    let power = cm_expf(high * -0.5)
    let e = power.addingProduct(power, low * -0.5)
    return (x > 0 ? x : 0) - a * u * e * tail
  }

  private static func geluTanh(_ x: Float) -> Float {
    let u = x.addingProduct(0.044715 * x, x * x)
    return x / (1 + cm_expf(-0x1.988454p+0 * u))
  }

  private static func silu(_ x: Float) -> Float { x / (1 + cm_expf(-x)) }
}
