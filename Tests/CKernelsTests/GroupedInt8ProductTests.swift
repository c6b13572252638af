import CKernels
import TestSupport
import Testing

/// A random uint8 × int8 product in groups and its result by the contract's formula.
struct GroupedInt8Product {
  let m, n, k, group, groups: Int
  let a: [UInt8]
  let w: [Int8]
  let aStride, cStride: Int
  let rows: [qg_affine]
  let scale: [Float]
  /// Per output and group, or `nil` for all zero.
  let zero: [Int8]?
  let bias: [Float]?
  let bounds: qg_bounds
  let affine: qg_affine
  private(set) var expected: Sheet

  init(m: Int, n: Int, k: Int, group: Int? = nil, using draws: inout SeededGenerator) {
    (self.m, self.n, self.k) = (m, n, k)
    self.group = group ?? draws.pick([8, 16, 24, 32, 128])
    let group = self.group
    groups = (k + group - 1) / group
    aStride = (k + 7) / 8 * 8 + draws.pick([0, 5])
    cStride = n + draws.pick([0, 3])
    a = draws.codes(m * aStride)
    w = draws.weights(n * k)
    rows = draws.pick([true, false]) ? (0..<m).map { _ in draws.affine() } : [draws.affine()]
    scale = draws.scales(n * groups)
    zero = draws.pick([true, false]) ? draws.weights(n * groups) : nil
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
    for index in 0..<groups {
      let zero = Int(zero?[column * groups + index] ?? 0)
      let dot = (index * group..<min((index + 1) * group, k)).reduce(0) { dot, i in
        dot
          + (Int(a[row * aStride + i]) - Int(affine.zero_point)) * (Int(w[column * k + i]) - zero)
      }
      sum = sum.addingProduct(Float(dot), scale[column * groups + index])
    }
    guard let bias else { return sum * affine.scale }
    return bias[column].addingProduct(sum, affine.scale)
  }

  /// The kernel's result, from a call for each of `parts` of the rows.
  func result(_ kernels: qg_kernels, parts: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy(
      [UInt8](repeating: 99, count: qg_packed_s8g_bytes(n, k, group)))
    qg_pack_s8g(try memory.copy(w), try memory.copy(scale), n, k, group, panels)
    let zeros = try zero.map { zero in
      let zeros = try memory.copy([Int8](repeating: 99, count: qg_packed_zeros_bytes(n, groups)))
      qg_pack_zeros(try memory.copy(zero), n, groups, zeros)
      return zeros
    }
    let a = try memory.copy(a)
    let bias = try memory.copy(ifPresent: bias)
    let affines = try memory.copy(rows)
    let step = rows.count == m ? 1 : 0
    return try Sheet(count: m * cStride, isFloat: expected.isFloat).written { floats, codes in
      together(parts) { part in
        let at = part.lowerBound * cStride
        var arguments = qg_gemm_u8s8g_args(
          m: part.count, n: n, k: k, group: group, a: a + part.lowerBound * aStride,
          a_stride: aStride, rows: affines + part.lowerBound * step, row_step: step,
          panels: panels, zeros: UnsafePointer(zeros), bias: bias,
          output: qg_output(
            f32: floats.map { $0 + at }, u8: codes.map { $0 + at }, stride: cStride,
            quantize: affine), bounds: bounds)
        kernels.gemm_u8s8g(&arguments)
      }
    }
  }
}

@Suite struct GroupedInt8ProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the grouped int8 product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 5000
    for m in [0, 1, 2, 7, 11] {
      for n in [0, 1, 15, 16, 17, 33] {
        for k in [0, 1, 4, 7, 8, 9, 31, 32, 45, 136] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = GroupedInt8Product(m: m, n: n, k: k, using: &draws)
          let found = try product.result(kernels, parts: [0..<m])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(k), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `rows whose sums do not fit at once have the same bits`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var hasZeros: Set<Bool> = []
    for seed in UInt64(1)...3 {
      var draws = SeededGenerator(seed: seed)
      let product = GroupedInt8Product(m: 8, n: 3, k: 33_017, group: 8, using: &draws)
      hasZeros.insert(product.zero != nil)
      let found = try product.result(kernels, parts: [0..<8])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
    #expect(hasZeros.contains(true))
  }

  // More rows and more groups than a kernel widens at once, and groups larger than that.
  @Test(arguments: InstructionSet.allCases, [nil, 8, 32, 264])
  func `many rows of the grouped int8 product have the bits of the definition`(
    _ set: InstructionSet, _ group: Int?
  ) throws {
    let kernels = try set.kernels()
    var hasZeros: Set<Bool> = []
    for seed in UInt64(1)...8 {
      let (m, n) = seed % 2 == 0 ? (133, 3) : (30, 35)
      var draws = SeededGenerator(seed: seed)
      let product = GroupedInt8Product(m: m, n: n, k: 619, group: group, using: &draws)
      hasZeros.insert(product.zero != nil)
      let found = try product.result(kernels, parts: [0..<m])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
    #expect(hasZeros == [true, false])
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows of the grouped int8 product changes no bit`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...4 {
      var draws = SeededGenerator(seed: seed)
      let product = GroupedInt8Product(m: 19, n: 35, k: 75, using: &draws)
      let found = try product.result(kernels, parts: [0..<1, 1..<8, 8..<19])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }
}
