import CKernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `fp32 sums and clamps have the bits of the definition`(
    _ set: InstructionSet, _ count: Int
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let a = draws.floats(count, special: true)
      let b = draws.floats(count, special: true)
      let bounds = draws.bounds()
      let untouched = Sheet(count: count + 3, isFloat: true)
      var (sum, clamp) = (untouched, untouched)
      for i in 0..<count {
        sum.set(i, clamped(a[i] + b[i], bounds))
        clamp.set(i, clamped(a[i], bounds))
      }
      let memory = Memory()
      let (first, second) = (try memory.copy(a), try memory.copy(b))
      let foundSum = try untouched.written { out, _ in
        kernels.add_f32(first, second, count, bounds, out)
      }
      let foundClamp = try untouched.written { out, _ in
        kernels.clamp_f32(first, count, bounds, out)
      }
      #expect(sum.difference(from: foundSum) == nil, "seed \(seed)")
      #expect(clamp.difference(from: foundClamp) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `uint8 sums and clamps have the bits of the definition`(
    _ set: InstructionSet, _ count: Int
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let (a, b) = (draws.codes(count), draws.codes(count))
      let (za, zb, out) = (draws.affine(), draws.affine(), draws.affine())
      let bounds = draws.bounds()
      let (lower, upper) = draws.pick([(UInt8(0), UInt8(255)), (17, 200), (128, 255)])
      let untouched = Sheet(count: count + 3, isFloat: false)
      var (sum, clamp) = (untouched, untouched)
      for i in 0..<count {
        let other = Float(Int(b[i]) - Int(zb.zero_point)) * zb.scale
        let y = other.addingProduct(Float(Int(a[i]) - Int(za.zero_point)), za.scale)
        sum.store(i, y, bounds, out)
        clamp.set(i, min(max(a[i], lower), upper))
      }
      let memory = Memory()
      let (first, second) = (try memory.copy(a), try memory.copy(b))
      let foundSum = try untouched.written { _, codes in
        kernels.add_u8(first, za, second, zb, count, bounds, out, codes)
      }
      let foundClamp = try untouched.written { _, codes in
        kernels.clamp_u8(first, count, lower, upper, codes)
      }
      #expect(sum.difference(from: foundSum) == nil, "seed \(seed)")
      #expect(clamp.difference(from: foundClamp) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `products have the bits of the definition`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: 100 + seed)
      let a = draws.floats(count, special: true)
      let b = draws.floats(count, special: true)
      let (p, q) = (draws.codes(count), draws.codes(count))
      let (zp, zq, to) = (draws.affine(), draws.affine(), draws.affine())
      let bounds = draws.bounds()
      let (floats, codes) = (
        Sheet(count: count + 3, isFloat: true), Sheet(count: count + 3, isFloat: false)
      )
      var expected = (floats, codes)
      for i in 0..<count {
        expected.0.set(i, clamped(a[i] * b[i], bounds))
        let product = (Int(p[i]) - Int(zp.zero_point)) * (Int(q[i]) - Int(zq.zero_point))
        expected.1.store(i, Float(product) * (zp.scale * zq.scale), bounds, to)
      }
      let memory = Memory()
      let (first, second) = (try memory.copy(a), try memory.copy(b))
      let (left, right) = (try memory.copy(p), try memory.copy(q))
      let foundFloats = try floats.written { out, _ in
        kernels.multiply_f32(first, second, count, bounds, out)
      }
      let foundCodes = try codes.written { _, out in
        kernels.multiply_u8(left, zp, right, zq, count, bounds, to, out)
      }
      #expect(expected.0.difference(from: foundFloats) == nil, "seed \(seed)")
      #expect(expected.1.difference(from: foundCodes) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `a clamp passes everything between infinite bounds and keeps a negative zero`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    let values: [Float] = [-.infinity, .infinity, -0.0, 0, .leastNonzeroMagnitude, -1e38]
    let bounds = qg_bounds(lower: -.infinity, upper: .infinity)
    let relu = qg_bounds(lower: 0, upper: .infinity)
    var free = values
    kernels.clamp_f32(values, values.count, bounds, &free)
    #expect(free.map(\.bitPattern) == values.map(\.bitPattern))
    var cut = values
    kernels.clamp_f32(values, values.count, relu, &cut)
    let kept: [Float] = [0, .infinity, -0.0, 0, .leastNonzeroMagnitude, 0]
    #expect(cut.map(\.bitPattern) == kept.map(\.bitPattern))
  }
}
