import CKernels
import TestSupport
import Testing

/// A random product with block weights and its result by the contract's formula.
struct BlockProduct {
  let kind: BlockKind
  let m, n, k: Int
  let a: [UInt8]
  let blocks: [UInt8]
  let aStride, cStride: Int
  let rows: [qg_affine]
  let bias: [Float]?
  let bounds: qg_bounds
  let affine: qg_affine
  private(set) var expected: Sheet

  init(
    _ kind: BlockKind, m: Int, n: Int, blocks perRow: Int, plain: Bool = false,
    zeroPoint: Int32? = nil, using draws: inout SeededGenerator
  ) {
    (self.kind, self.m, self.n, k) = (kind, m, n, perRow * kind.size)
    aStride = k + draws.pick([0, 5])
    cStride = n + draws.pick([0, 3])
    a = draws.codes(m * aStride)
    let special = !plain && draws.pick([true, false, false])
    blocks = (0..<n * perRow).flatMap { _ in kind.draw(special: special, using: &draws) }
    let affines =
      draws.pick([true, false]) ? (0..<m).map { _ in draws.affine() } : [draws.affine()]
    rows = affines.map { qg_affine(scale: $0.scale, zero_point: zeroPoint ?? $0.zero_point) }
    bias = !plain && draws.pick([true, false]) ? draws.floats(padded(n)) : nil
    bounds = plain ? qg_bounds(lower: -.infinity, upper: .infinity) : draws.bounds()
    affine = draws.affine()
    expected = Sheet(count: m * cStride, isFloat: plain || draws.pick([true, false]))
    for row in 0..<m {
      for column in 0..<n {
        expected.store(row * cStride + column, value(row, column), bounds, affine)
      }
    }
  }

  private func block(_ column: Int, _ index: Int) -> ArraySlice<UInt8> {
    blocks[((column * (k / kind.size)) + index) * kind.bytes..<blocks.count].prefix(kind.bytes)
  }

  private func activations(_ row: Int) -> [Int] {
    let zero = Int((rows.count == 1 ? rows[0] : rows[row]).zero_point)
    return a[row * aStride..<row * aStride + k].map { Int($0) - zero }
  }

  private func value(_ row: Int, _ column: Int) -> Float {
    let x = activations(row)
    let sum = (0..<k / kind.size).reduce(Float(0)) { sum, i in
      let range = i * kind.size..<(i + 1) * kind.size
      return kind.step(block(column, i), Array(x[range]), sum)
    }
    let scale = (rows.count == 1 ? rows[0] : rows[row]).scale
    guard let bias else { return sum * scale }
    return bias[column].addingProduct(sum, scale)
  }

  /// The product of the decoded weights in double precision, and the sum of its terms' magnitudes.
  func decoded(_ row: Int, _ column: Int) -> (value: Double, magnitude: Double) {
    let scale = Double((rows.count == 1 ? rows[0] : rows[row]).scale)
    var (value, magnitude) = (0.0, 0.0)
    for (i, x) in activations(row).enumerated() {
      let weight = kind.weight(block(column, i / kind.size), i % kind.size)
      value += Double(x) * weight * scale
      magnitude += abs(Double(x) * weight * scale)
    }
    return (value, magnitude)
  }

  /// The kernel's result, from a call for each part of the rows and of the outputs.
  func result(
    _ kernels: qg_kernels, rows parts: [Range<Int>], outputs: [Range<Int>]? = nil
  ) throws -> Sheet {
    let memory = Memory()
    let panels = try memory.copy([UInt8](repeating: 99, count: kind.packedBytes(n, k)))
    kind.pack(try memory.copy(blocks), n, k, panels)
    let a = try memory.copy(a)
    let bias = try memory.copy(ifPresent: bias)
    let affines = try memory.copy(rows)
    let step = rows.count == m ? 1 : 0
    return try Sheet(count: m * cStride, isFloat: expected.isFloat).written { floats, codes in
      together(parts) { part in
        for columns in outputs ?? [0..<n] {
          let at = part.lowerBound * cStride + columns.lowerBound
          var arguments = qg_gemm_blocks_args(
            m: part.count, n: columns.count, k: k, a: a + part.lowerBound * aStride,
            a_stride: aStride, rows: affines + part.lowerBound * step, row_step: step,
            panels: panels + kind.packedBytes(columns.lowerBound, k),
            bias: bias.map { $0 + columns.lowerBound },
            output: qg_output(
              f32: floats.map { $0 + at }, u8: codes.map { $0 + at }, stride: cStride,
              quantize: affine), bounds: bounds)
          kind.multiply(kernels, &arguments)
        }
      }
    }
  }
}

@Suite struct BlockProductTests {
  @Test(arguments: InstructionSet.allCases, BlockKind.allCases)
  func `a product with block weights has the bits of the definition`(
    _ set: InstructionSet, _ kind: BlockKind
  ) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 7000
    for m in [0, 1, 2, 5, 8, 11] {
      for n in [0, 1, 15, 16, 17, 33] {
        for perRow in kind.size == 32 ? [0, 1, 2, 3] : [0, 1, 2] where m * n * perRow < 400 {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = BlockProduct(kind, m: m, n: n, blocks: perRow, using: &draws)
          let found = try product.result(kernels, rows: [0..<m])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(kind) \(m) × \(n) × \(perRow) blocks, seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases, BlockKind.allCases)
  func `splitting rows or outputs of a product with block weights changes no bit`(
    _ set: InstructionSet, _ kind: BlockKind
  ) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 31)
    let product = BlockProduct(kind, m: 19, n: 37, blocks: 1, using: &draws)
    let rows = try product.result(kernels, rows: [0..<1, 1..<8, 8..<19])
    #expect(product.expected.difference(from: rows) == nil)
    let outputs = try product.result(kernels, rows: [0..<19], outputs: [0..<16, 16..<32, 32..<37])
    #expect(product.expected.difference(from: outputs) == nil)
  }

  // More rows than a kernel keeps sums of, and more blocks than it unpacks at once.
  @Test(arguments: InstructionSet.allCases, BlockKind.allCases)
  func `many rows that share unpacked weights have the bits of the definition`(
    _ set: InstructionSet, _ kind: BlockKind
  ) throws {
    let kernels = try set.kernels()
    var perRow: Set<Bool> = []
    for seed in UInt64(1)...8 {
      let (m, n) = seed % 2 == 0 ? (133, 3) : (30, 35)
      var draws = SeededGenerator(seed: seed)
      let product = BlockProduct(
        kind, m: m, n: n, blocks: kind.size == 32 ? 9 : 2, plain: true, using: &draws)
      perRow.insert(m == 133 && product.rows.count == m)
      let found = try product.result(kernels, rows: [0..<m])
      #expect(product.expected.difference(from: found) == nil, "\(m) × \(n), seed \(seed)")
    }
    #expect(perRow.contains(true))
  }

  @Test(arguments: InstructionSet.allCases, BlockKind.allCases)
  func `few rows have the bits of the definition whatever their zero point`(
    _ set: InstructionSet, _ kind: BlockKind
  ) throws {
    let kernels = try set.kernels()
    // Single rows, and those around 128, have ways of their own.
    for (seed, zeroPoint) in [Int32(128), 0, 127, 255].enumerated() {
      for m in [1, 2] {
        var draws = SeededGenerator(seed: UInt64(100 * m + seed))
        let product = BlockProduct(
          kind, m: m, n: 37, blocks: 3, plain: true, zeroPoint: zeroPoint, using: &draws)
        let found = try product.result(kernels, rows: [0..<m])
        #expect(product.expected.difference(from: found) == nil, "\(m) rows, \(zeroPoint)")
      }
    }
  }

  @Test(arguments: BlockKind.allCases)
  func `a product with block weights is that of the decoded weights`(_ kind: BlockKind) throws {
    var draws = SeededGenerator(seed: 41)
    let product = BlockProduct(kind, m: 3, n: 17, blocks: 2, plain: true, using: &draws)
    let found = try product.result(try InstructionSet.scalar.kernels(), rows: [0..<3])
    for row in 0..<3 {
      for column in 0..<17 {
        let (value, magnitude) = product.decoded(row, column)
        let result = Double(Float(bitPattern: found.words[row * product.cStride + column]))
        #expect(abs(result - value) <= 0x1p-20 * magnitude, "row \(row), output \(column)")
      }
    }
  }
}
