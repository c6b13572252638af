import CKernels
import TestSupport
import Testing

/// A random int8 × int8 product and its result by the contract's formula.
struct SignedProduct {
  let m, n, k: Int
  let a, w: [Int8]
  let aStride, cStride: Int
  let rowScale, weightScale: [Float]
  let bias: [Float]?
  let bounds: qg_bounds
  let affine: qg_affine
  private(set) var expected: Sheet

  init(m: Int, n: Int, k: Int, using draws: inout SeededGenerator) {
    (self.m, self.n, self.k) = (m, n, k)
    aStride = (k + 3) / 4 * 4 + draws.pick([0, 5])
    cStride = n + draws.pick([0, 3])
    a = draws.weights(m * aStride)
    w = draws.weights(n * k)
    rowScale = draws.pick([true, false]) ? draws.scales(m) : draws.scales(1)
    weightScale = draws.scales(padded(n))
    bias = draws.pick([true, false]) ? draws.floats(padded(n)) : nil
    bounds = draws.bounds()
    affine = draws.affine()
    expected = Sheet(count: m * cStride, isFloat: draws.pick([true, false]))
    for row in 0..<m {
      for column in 0..<n {
        expected.store(row * cStride + column, value(row, column), bounds, affine)
      }
    }
  }

  private func value(_ row: Int, _ column: Int) -> Float {
    var dot = 0
    for i in 0..<k { dot += Int(a[row * aStride + i]) * Int(w[column * k + i]) }
    let scale = (rowScale.count == 1 ? rowScale[0] : rowScale[row]) * weightScale[column]
    guard let bias else { return Float(dot) * scale }
    return bias[column].addingProduct(Float(dot), scale)
  }

  /// The kernel's result, from calls for each of `parts` of the rows × `columns`.
  func result(_ kernels: qg_kernels, parts: [Range<Int>], columns: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy([Int8](repeating: 99, count: qg_packed_s8_bytes(n, k)))
    let sums = try memory.copy([Int32](repeating: 99, count: padded(n)))
    qg_pack_s8(try memory.copy(w), n, k, panels, sums)
    let a = try memory.copy(a)
    let scales = try memory.copy(weightScale)
    let bias = try memory.copy(ifPresent: bias)
    let rows = try memory.copy(rowScale)
    let step = rowScale.count == m ? 1 : 0
    return try Sheet(count: m * cStride, isFloat: expected.isFloat).written { floats, codes in
      together(parts) { part in
        for columns in columns {
          let (row, first) = (part.lowerBound, columns.lowerBound)
          let at = row * cStride + first
          var arguments = qg_gemm_s8s8_args(
            m: part.count, n: columns.count, k: k, a: a + row * aStride, a_stride: aStride,
            row_scale: rows + row * step, row_step: step,
            panels: panels + first * ((k + 3) / 4 * 4), weight_sums: sums + first,
            weight_scale: scales + first, bias: bias.map { $0 + first },
            output: qg_output(
              f32: floats.map { $0 + at }, u8: codes.map { $0 + at }, stride: cStride,
              quantize: affine), bounds: bounds)
          kernels.gemm_s8s8(&arguments)
        }
      }
    }
  }
}

@Suite struct SignedProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the signed product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 3000
    for m in [0, 1, 2, 5, 6, 7, 11, 13] {
      for n in [0, 1, 15, 16, 17, 33, 64, 81] {
        for k in [0, 1, 3, 4, 5, 31, 66] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = SignedProduct(m: m, n: n, k: k, using: &draws)
          let found = try product.result(kernels, parts: [0..<m], columns: [0..<n])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(k), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows or outputs of the signed product changes no bit`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let product = SignedProduct(m: 19, n: 85, k: 45, using: &draws)
      let found = try product.result(
        kernels, parts: [0..<1, 1..<8, 8..<19], columns: [0..<16, 16..<64, 64..<85])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `blocks of rows and of K meet without a seam in the signed product`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 21)
    let product = SignedProduct(m: 67, n: 70, k: 1029, using: &draws)
    let found = try product.result(kernels, parts: [0..<67], columns: [0..<70])
    #expect(product.expected.difference(from: found) == nil)
  }

  @Test(arguments: InstructionSet.allCases)
  func `the largest signed sums are exact`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let k = 65_535
    for (code, weight) in [(Int8(-128), Int8(-128)), (-128, 127), (127, 127), (127, -128)] {
      let memory = Memory()
      let panels = try memory.copy([Int8](repeating: 0, count: qg_packed_s8_bytes(1, k)))
      let sums = try memory.copy([Int32](repeating: 0, count: 16))
      qg_pack_s8(try memory.copy([Int8](repeating: weight, count: k)), 1, k, panels, sums)
      let a = try memory.copy([Int8](repeating: code, count: k + 1))
      let one = try memory.copy([Float](repeating: 1, count: 16))
      var found: Float = 0
      withUnsafeMutablePointer(to: &found) { found in
        var arguments = qg_gemm_s8s8_args()
        (arguments.m, arguments.n, arguments.k) = (1, 1, k)
        (arguments.a, arguments.a_stride) = (UnsafePointer(a), k + 1)
        (arguments.row_scale, arguments.weight_scale) = (UnsafePointer(one), UnsafePointer(one))
        (arguments.panels, arguments.weight_sums) = (UnsafePointer(panels), UnsafePointer(sums))
        arguments.output.f32 = found
        arguments.bounds = qg_bounds(lower: -.infinity, upper: .infinity)
        kernels.gemm_s8s8(&arguments)
      }
      #expect(found == Float(Int(code) * Int(weight) * k))
    }
  }
}
