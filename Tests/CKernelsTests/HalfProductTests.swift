import CKernels
import TestSupport
import Testing

/// A random fp32 × bf16 product and its result by the contract's formula.
struct HalfProduct {
  let m, n, k: Int
  let a: [Float]
  let b: [UInt16]
  let aStride, cStride: Int
  let bias: [Float]?
  let bounds: qg_bounds
  private(set) var expected: Sheet

  init(m: Int, n: Int, k: Int, special: Bool, using draws: inout SeededGenerator) {
    (self.m, self.n, self.k) = (m, n, k)
    aStride = k + draws.pick([0, 3])
    cStride = n + draws.pick([0, 5])
    a = draws.floats(m * aStride, special: special)
    b =
      special
      ? draws.integers(n * k, in: 0...UInt16.max)
      : draws.floats(n * k).map { UInt16($0.bitPattern >> 16) }
    bias = draws.pick([true, false]) ? draws.floats(n, special: special) : nil
    bounds = draws.bounds()
    expected = Sheet(count: m * cStride, isFloat: true)
    for row in 0..<m {
      for column in 0..<n {
        var sum: Float = 0
        for i in 0..<k {
          let weight = Float(bitPattern: UInt32(b[column * k + i]) << 16)
          sum = sum.addingProduct(a[row * aStride + i], weight)
        }
        if let bias { sum += bias[column] }
        expected.set(row * cStride + column, clamped(sum, bounds))
      }
    }
  }

  /// The kernel's result, from calls for each of `rows` × `columns`.
  func result(_ kernels: qg_kernels, rows: [Range<Int>], columns: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy([UInt16](repeating: 0x7FC0, count: qg_packed_bf16_count(n, k)))
    qg_pack_bf16(try memory.copy(b), n, k, k, 1, panels)
    let a = try memory.copy(a)
    let bias = try memory.copy(ifPresent: bias)
    return try Sheet(count: m * cStride, isFloat: true).written { floats, _ in
      together(rows) { rows in
        for columns in columns {
          var arguments = qg_gemm_bf16_args(
            m: rows.count, n: columns.count, k: k, a: a + rows.lowerBound * aStride,
            a_stride: aStride, panels: panels + columns.lowerBound * k,
            bias: bias.map { $0 + columns.lowerBound },
            c: floats.map { $0 + rows.lowerBound * cStride + columns.lowerBound },
            c_stride: cStride, bounds: bounds)
          kernels.gemm_bf16(&arguments)
        }
      }
    }
  }
}

@Suite struct HalfProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the bf16 product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 5000
    for m in [0, 1, 2, 5, 6, 7, 11, 13] {
      for n in [0, 1, 15, 16, 17, 33, 64, 81] {
        for k in [0, 1, 3, 33] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = HalfProduct(m: m, n: n, k: k, special: seed % 3 == 0, using: &draws)
          let found = try product.result(kernels, rows: [0..<m], columns: [0..<n])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(k), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows or outputs of the bf16 product changes no bit`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 7)
    let product = HalfProduct(m: 19, n: 85, k: 400, special: false, using: &draws)
    let found = try product.result(
      kernels, rows: [0..<1, 1..<8, 8..<19], columns: [0..<16, 16..<64, 64..<85])
    #expect(product.expected.difference(from: found) == nil)
  }

  @Test(arguments: InstructionSet.allCases)
  func `every bf16 value is widened exactly`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let memory = Memory()
    let all = (0..<65_536).map { UInt16($0) }
    let panels = try memory.copy([UInt16](repeating: 0, count: qg_packed_bf16_count(65_536, 1)))
    qg_pack_bf16(try memory.copy(all), 65_536, 1, 1, 1, panels)
    let one = try memory.copy([Float(1)])
    let found = try memory.copy([Float](repeating: 0, count: 65_536))
    var arguments = qg_gemm_bf16_args(
      m: 1, n: 65_536, k: 1, a: one, a_stride: 1, panels: panels, bias: nil, c: found,
      c_stride: 65_536, bounds: qg_bounds(lower: -.infinity, upper: .infinity))
    kernels.gemm_bf16(&arguments)
    let wrong = all.first {
      let value = Float(bitPattern: UInt32($0) << 16)
      let expected = value.isNaN ? 0x7FC0_0000 : value == 0 ? 0 : value.bitPattern
      return found[Int($0)].bitPattern != expected
    }
    #expect(wrong == nil)
  }
}
