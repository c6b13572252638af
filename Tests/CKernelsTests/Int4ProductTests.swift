import CKernels
import TestSupport
import Testing

/// A random uint8 × 4-bit product in groups and its result by the contract's formula.
struct Int4Product {
  let m, n, k, group: Int
  let a, w: [UInt8]
  let aStride, cStride: Int
  let rows: [qg_affine]
  let scale: [Float]
  let zero: [UInt8]
  let bias: [Float]?
  let bounds: qg_bounds
  let affine: qg_affine
  private(set) var expected: Sheet

  init(m: Int, n: Int, k: Int, group: Int? = nil, using draws: inout SeededGenerator) {
    (self.m, self.n, self.k) = (m, n, k)
    self.group = group ?? draws.pick([8, 16, 32])
    let group = self.group
    aStride = (k + 7) / 8 * 8 + draws.pick([0, 5])
    cStride = n + draws.pick([0, 3])
    a = draws.codes(m * aStride)
    w = draws.pick([
      draws.integers(n * k, in: UInt8(0)...15), [UInt8](repeating: 15, count: n * k),
    ])
    rows = draws.pick([true, false]) ? (0..<m).map { _ in draws.affine() } : [draws.affine()]
    let scales = (k + group - 1) / group * n
    scale = draws.scales(scales)
    zero = draws.pick([
      draws.integers(scales, in: UInt8(0)...15), [UInt8](repeating: 0, count: scales),
      [UInt8](repeating: 64, count: scales),
    ])
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
    for start in stride(from: 0, to: k, by: group) {
      let at = column * ((k + group - 1) / group) + start / group
      var dot = 0
      for i in start..<min(start + group, k) {
        let weight = Int(w[column * k + i]) - Int(zero[at])
        dot += (Int(a[row * aStride + i]) - Int(affine.zero_point)) * weight
      }
      sum = sum.addingProduct(Float(dot), scale[at])
    }
    guard let bias else { return sum * affine.scale }
    return bias[column].addingProduct(sum, affine.scale)
  }

  /// The kernel's result, from a call for each of `parts` of the rows.
  func result(_ kernels: qg_kernels, parts: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy([UInt8](repeating: 99, count: qg_packed_u4_bytes(n, k, group)))
    qg_pack_u4(
      try memory.copy(w), try memory.copy(scale), try memory.copy(zero), n, k, group, panels)
    let a = try memory.copy(a)
    let bias = try memory.copy(ifPresent: bias)
    let affines = try memory.copy(rows)
    let step = rows.count == m ? 1 : 0
    return try Sheet(count: m * cStride, isFloat: expected.isFloat).written { floats, codes in
      together(parts) { part in
        let at = part.lowerBound * cStride
        var arguments = qg_gemm_u8u4_args(
          m: part.count, n: n, k: k, group: group, a: a + part.lowerBound * aStride,
          a_stride: aStride, rows: affines + part.lowerBound * step, row_step: step,
          panels: panels, bias: bias,
          output: qg_output(
            f32: floats.map { $0 + at }, u8: codes.map { $0 + at }, stride: cStride,
            quantize: affine), bounds: bounds)
        kernels.gemm_u8u4(&arguments)
      }
    }
  }
}

@Suite struct Int4ProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the int4 product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 2000
    for m in [0, 1, 2, 3, 4, 5, 9] {
      for n in [0, 1, 15, 16, 17, 33, 64, 81] {
        for k in [0, 1, 4, 5, 7, 8, 9, 31, 32, 45, 71] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = Int4Product(m: m, n: n, k: k, using: &draws)
          let found = try product.result(kernels, parts: [0..<m])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(k), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `long groups and many rows of the int4 product have the bits of the definition`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    // Around the stretch of k and the block of rows for which the kernel unpacks weights once.
    let shapes = [
      (11, 16, 2048, 32), (12, 17, 2056, 32), (13, 3, 4133, 24), (11, 16, 4500, 2048),
      (12, 2, 2100, 2056), (129, 16, 40, 8), (131, 17, 2117, 64), (1, 17, 300, 64),
    ]
    for (index, (m, n, k, group)) in shapes.enumerated() {
      for seed in UInt64(10 * index)..<UInt64(10 * index + 4) {
        var draws = SeededGenerator(seed: seed)
        let product = Int4Product(m: m, n: n, k: k, group: group, using: &draws)
        let found = try product.result(kernels, parts: [0..<m])
        let difference = product.expected.difference(from: found)
        #expect(difference == nil, "\(m) × \(n) × \(k) in groups of \(group), seed \(seed)")
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows of the int4 product changes no bit`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let product = Int4Product(m: 19, n: 85, k: 75, using: &draws)
      let found = try product.result(kernels, parts: [0..<1, 1..<8, 8..<19])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }
}
