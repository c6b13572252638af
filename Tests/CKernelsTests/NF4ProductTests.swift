import CKernels
import TestSupport
import Testing

/// A random uint8 × NF4 product and its result by the contract's formula.
struct NF4Product {
  private static let levels: [Float] = [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1,
  ]

  let m, n, k: Int
  let a, pairs: [UInt8]
  let aStride, cStride: Int
  let rows: [qg_affine]
  let absmax: [Float]
  let bias: [Float]?
  let bounds: qg_bounds
  let affine: qg_affine
  private(set) var expected: Sheet

  init(m: Int, n: Int, blocks: Int, using draws: inout SeededGenerator) {
    (self.m, self.n, k) = (m, n, 64 * blocks)
    aStride = k + draws.pick([0, 5])
    cStride = n + draws.pick([0, 3])
    a = draws.codes(m * aStride)
    pairs = draws.integers(n * k / 2, in: 0...UInt8.max)
    rows = draws.pick([true, false]) ? (0..<m).map { _ in draws.affine() } : [draws.affine()]
    absmax = draws.pick([true, false]) ? draws.scales(n * blocks) : draws.floats(n * blocks)
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
    let affine = rows.count == 1 ? rows[0] : rows[row]
    var sum: Float = 0
    for block in 0..<k / 64 {
      var dot: Float = 0
      for i in 64 * block..<64 * block + 64 {
        let pair = pairs[(column * k + i) / 2]
        let level = Self.levels[Int(i % 2 == 0 ? pair >> 4 : pair & 15)]
        dot = dot.addingProduct(Float(Int(a[row * aStride + i]) - Int(affine.zero_point)), level)
      }
      sum = sum.addingProduct(dot, absmax[column * (k / 64) + block])
    }
    guard let bias else { return sum * affine.scale }
    return bias[column].addingProduct(sum, affine.scale)
  }

  /// The kernel's result, from a call for each of `parts` of the rows and of `columns`.
  func result(_ kernels: qg_kernels, parts: [Range<Int>], columns: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy([UInt8](repeating: 99, count: qg_packed_nf4_bytes(n, k)))
    qg_pack_nf4(try memory.copy(pairs), try memory.copy(absmax), n, k, panels)
    let a = try memory.copy(a)
    let bias = try memory.copy(ifPresent: bias)
    let affines = try memory.copy(rows)
    let step = rows.count == m ? 1 : 0
    return try Sheet(count: m * cStride, isFloat: expected.isFloat).written { floats, codes in
      together(parts) { part in
        for span in columns {
          let at = part.lowerBound * cStride + span.lowerBound
          var arguments = qg_gemm_blocks_args(
            m: part.count, n: span.count, k: k, a: a + part.lowerBound * aStride,
            a_stride: aStride, rows: affines + part.lowerBound * step, row_step: step,
            panels: panels + qg_packed_nf4_bytes(span.lowerBound, k),
            bias: bias.map { $0 + span.lowerBound },
            output: qg_output(
              f32: floats.map { $0 + at }, u8: codes.map { $0 + at }, stride: cStride,
              quantize: affine), bounds: bounds)
          kernels.gemm_u8_nf4(&arguments)
        }
      }
    }
  }
}

@Suite struct NF4ProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the nf4 product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 7000
    for m in [0, 1, 2, 3, 4, 7, 11] {
      for n in [0, 1, 15, 16, 17, 33] {
        for blocks in [0, 1, 2, 3, 9] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = NF4Product(m: m, n: n, blocks: blocks, using: &draws)
          let found = try product.result(kernels, parts: [0..<m], columns: [0..<n])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(blocks) blocks, seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows and outputs of the nf4 product changes no bit`(_ set: InstructionSet) throws
  {
    let kernels = try set.kernels()
    for seed in UInt64(1)...4 {
      var draws = SeededGenerator(seed: seed)
      let product = NF4Product(m: 19, n: 53, blocks: 5, using: &draws)
      let found = try product.result(
        kernels, parts: [0..<1, 1..<8, 8..<19], columns: [0..<16, 16..<48, 48..<53])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }
}
