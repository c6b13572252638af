import CKernels
import TestSupport
import Testing

/// A random fp32 product and its result by the contract's formula.
struct FloatProduct {
  let m, n, k: Int
  let a, b: [Float]
  let aStride, cStride: Int
  let bias: [Float]?
  let bounds: qg_bounds
  private(set) var expected: Sheet

  init(m: Int, n: Int, k: Int, special: Bool, using draws: inout SeededGenerator) {
    (self.m, self.n, self.k) = (m, n, k)
    aStride = k + draws.pick([0, 3])
    cStride = n + draws.pick([0, 5])
    a = draws.floats(m * aStride, special: special)
    b = draws.floats(n * k, special: special)
    bias = draws.pick([true, false]) ? draws.floats(n, special: special) : nil
    bounds = draws.bounds()
    expected = Sheet(count: m * cStride, isFloat: true)
    for row in 0..<m {
      for column in 0..<n {
        var sum: Float = 0
        for i in 0..<k { sum = sum.addingProduct(a[row * aStride + i], b[column * k + i]) }
        if let bias { sum += bias[column] }
        expected.set(row * cStride + column, clamped(sum, bounds))
      }
    }
  }

  /// The kernel's result, from calls for each of `rows` × `columns`.
  func result(_ kernels: qg_kernels, rows: [Range<Int>], columns: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy([Float](repeating: .nan, count: qg_packed_f32_count(n, k)))
    qg_pack_f32(try memory.copy(b), n, k, k, 1, panels)
    let a = try memory.copy(a)
    let bias = try memory.copy(ifPresent: bias)
    return try Sheet(count: m * cStride, isFloat: true).written { floats, _ in
      together(rows) { rows in
        for columns in columns {
          var arguments = qg_gemm_f32_args(
            m: rows.count, n: columns.count, k: k, a: a + rows.lowerBound * aStride,
            a_stride: aStride, panels: panels + columns.lowerBound * k,
            bias: bias.map { $0 + columns.lowerBound },
            c: floats.map { $0 + rows.lowerBound * cStride + columns.lowerBound },
            c_stride: cStride, bounds: bounds)
          kernels.gemm_f32(&arguments)
        }
      }
    }
  }
}

@Suite struct FloatProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the fp32 product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 0
    for m in [0, 1, 2, 5, 6, 8, 9, 13] {
      for n in [0, 1, 15, 16, 17, 33, 64, 81] {
        for k in [0, 1, 3, 33] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = FloatProduct(
            m: m, n: n, k: k, special: seed % 3 == 0, using: &draws)
          let found = try product.result(kernels, rows: [0..<m], columns: [0..<n])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(k), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows or outputs of the fp32 product changes no bit`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 7)
    let product = FloatProduct(m: 19, n: 85, k: 40, special: false, using: &draws)
    let found = try product.result(
      kernels, rows: [0..<1, 1..<8, 8..<19], columns: [0..<16, 16..<64, 64..<85])
    #expect(product.expected.difference(from: found) == nil)
  }

  @Test func `a long sum is one chain in ascending order`() throws {
    var draws = SeededGenerator(seed: 11)
    let product = FloatProduct(m: 3, n: 20, k: 3000, special: false, using: &draws)
    for set in InstructionSet.allCases {
      var kernels = qg_kernels()
      guard qg_kernels_for(set.code, &kernels) == 1 else { continue }
      let found = try product.result(kernels, rows: [0..<3], columns: [0..<20])
      #expect(product.expected.difference(from: found) == nil, "\(set.testDescription)")
    }
  }
}
