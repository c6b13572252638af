import CKernels
import TestSupport
import Testing

@Suite struct FunctionTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `functions have the bits of the definition`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...6 {
      var draws = SeededGenerator(seed: seed)
      var x = draws.floats(count, special: seed % 2 == 0)
      if seed % 3 == 1 { x = x.map { $0 * 25 } }
      let memory = Memory()
      let source = try memory.copy(x)
      let untouched = Sheet(count: count + 3, isFloat: true)
      for kind in FunctionReference.all {
        let function = qg_function(kind: kind, alpha: 0.3)
        var expected = untouched
        for i in 0..<count { expected.set(i, canonical(FunctionReference.value(function, x[i]))) }
        let found = try untouched.written { out, _ in
          kernels.apply_f32(source, count, function, out)
        }
        #expect(expected.difference(from: found) == nil, "function \(kind), seed \(seed)")
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
    for kind in FunctionReference.all {
      let function = qg_function(kind: kind, alpha: 1.7)
      kernels.apply_f32(x, x.count, function, &found)
      scalar.apply_f32(x, x.count, function, &expected)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "function \(kind)")
    }
  }

  @Test func `functions are near the exact ones`() throws {
    let kernels = try InstructionSet.scalar.kernels()
    let x = (-20_000...20_000).map { Float($0) / 1000 }
    var y = x
    for kind in FunctionReference.all {
      let function = qg_function(kind: kind, alpha: 0.3)
      kernels.apply_f32(x, x.count, function, &y)
      for (value, found) in zip(x, y) {
        let exact = FunctionReference.exact(function, Double(value))
        // ELU subtracts 1; the others are good to the last places.
        let limit =
          kind == QG_ELU
          ? 0.3 * 0x1p-23
          : kind == QG_SIGMOID ? 3 * Double(Float(exact).ulp) : 2.5 * Double(Float(exact).ulp)
        #expect(abs(Double(found) - exact) <= limit, "function \(kind) of \(value)")
      }
    }
  }

  @Test func `limits are reached`() throws {
    let kernels = try InstructionSet.scalar.kernels()
    func values(_ kind: qg_function_kind) -> [Float] {
      var results: [Float] = [-.infinity, -1e30, -0.0, 0, 1e30, .infinity]
      kernels.apply_f32(results, results.count, qg_function(kind: kind, alpha: 2), &results)
      return results
    }
    #expect(values(QG_SIGMOID) == [0, 0, 0.5, 0.5, 1, 1])
    #expect(values(QG_TANH) == [-1, -1, 0, 0, 1, 1])
    #expect(values(QG_HARD_SIGMOID) == [0, 0, 0.5, 0.5, 1, 1])
    #expect(values(QG_ELU) == [-2, -2, 0, 0, 1e30, .infinity])
    #expect(values(QG_LEAKY_RELU) == [-.infinity, -2e30, 0, 0, 1e30, .infinity])
  }
}
