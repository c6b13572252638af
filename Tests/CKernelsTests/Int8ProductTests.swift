import CKernels
import TestSupport
import Testing

/// A random uint8 × int8 product and its result by the contract's formula.
struct Int8Product {
  let m, n, k: Int
  let a: [UInt8]
  let w: [Int8]
  let aStride, cStride: Int
  let rows: [qg_affine]
  let weightZero: [Int32]?
  let weightScale: [Float]
  let bias: [Float]?
  let bounds: qg_bounds
  let affine: qg_affine
  private(set) var expected: Sheet

  /// With `special`, biases may be NaNs and infinities, and scales so large that products overflow.
  init(m: Int, n: Int, k: Int, special: Bool = false, using draws: inout SeededGenerator) {
    (self.m, self.n, self.k) = (m, n, k)
    aStride = (k + 3) / 4 * 4 + draws.pick([0, 5])
    cStride = n + draws.pick([0, 3])
    a = draws.codes(m * aStride)
    w = draws.weights(n * k)
    let single = draws.affine()
    let huge = qg_affine(scale: 0x1p100, zero_point: 3)
    let drawn = (0..<m).map { _ in
      special && draws.pick([true, false]) ? huge : draws.affine()
    }
    rows = draws.pick([true, false]) ? drawn : [single]
    let zeros = draws.pick([
      draws.integers(padded(n), in: Int32(-128)...127),
      [Int32](repeating: -128, count: padded(n)), [Int32](repeating: 127, count: padded(n)),
    ])
    weightZero = draws.pick([true, false]) ? zeros : nil
    let magnitude: Float = special ? draws.pick([1, 0x1p126]) : 1
    weightScale = draws.scales(padded(n)).map { $0 * magnitude }
    let biases = draws.floats(padded(n), special: special)
    bias = draws.pick([true, false]) ? biases : nil
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
    let zero = Int(weightZero?[column] ?? 0)
    var dot = 0
    for i in 0..<k {
      dot += (Int(a[row * aStride + i]) - Int(affine.zero_point)) * (Int(w[column * k + i]) - zero)
    }
    let scale = affine.scale * weightScale[column]
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
    let zeros = try memory.copy(ifPresent: weightZero)
    let scales = try memory.copy(weightScale)
    let bias = try memory.copy(ifPresent: bias)
    let affines = try memory.copy(rows)
    let step = rows.count == m ? 1 : 0
    return try Sheet(count: m * cStride, isFloat: expected.isFloat).written { floats, codes in
      together(parts) { part in
        for columns in columns {
          let (row, first) = (part.lowerBound, columns.lowerBound)
          let at = row * cStride + first
          var arguments = qg_gemm_u8s8_args(
            m: part.count, n: columns.count, k: k, a: a + row * aStride, a_stride: aStride,
            rows: affines + row * step, row_step: step,
            panels: panels + first * ((k + 3) / 4 * 4), weight_sums: sums + first,
            weight_zero: zeros.map { $0 + first }, weight_scale: scales + first,
            bias: bias.map { $0 + first },
            output: qg_output(
              f32: floats.map { $0 + at }, u8: codes.map { $0 + at }, stride: cStride,
              quantize: affine), bounds: bounds)
          kernels.gemm_u8s8(&arguments)
        }
      }
    }
  }
}

@Suite struct Int8ProductTests {
  @Test(arguments: InstructionSet.allCases)
  func `the int8 product has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var seed: UInt64 = 1000
    for m in [0, 1, 2, 4, 5, 8, 9, 15] {
      for n in [0, 1, 15, 16, 17, 33, 64, 81] {
        for k in [0, 1, 3, 4, 5, 31, 66] {
          seed += 1
          var draws = SeededGenerator(seed: seed)
          let product = Int8Product(m: m, n: n, k: k, using: &draws)
          let found = try product.result(kernels, parts: [0..<m], columns: [0..<n])
          let difference = product.expected.difference(from: found)
          #expect(difference == nil, "\(m) × \(n) × \(k), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `splitting rows or outputs of the int8 product changes no bit`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let product = Int8Product(m: 19, n: 85, k: 45, using: &draws)
      let found = try product.result(
        kernels, parts: [0..<1, 1..<8, 8..<19], columns: [0..<16, 16..<64, 64..<85])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `blocks of rows and of K meet without a seam in the int8 product`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...3 {
      var draws = SeededGenerator(seed: seed)
      let product = Int8Product(m: 67, n: 70, k: 1029, using: &draws)
      let found = try product.result(kernels, parts: [0..<67], columns: [0..<70])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `overflowing scales and odd biases give the definition's infinities and NaNs`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...60 {
      var draws = SeededGenerator(seed: seed)
      let rows = seed % 3 == 0 ? 1 : 13
      let product = Int8Product(m: rows, n: 85, k: 45, special: true, using: &draws)
      let found = try product.result(kernels, parts: [0..<rows], columns: [0..<85])
      #expect(product.expected.difference(from: found) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `the largest sums that fit are exact`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let k = 65_535
    for (code, weight) in [(UInt8(255), Int8(-128)), (255, 127)] {
      let memory = Memory()
      let panels = try memory.copy([Int8](repeating: 0, count: qg_packed_s8_bytes(1, k)))
      let sums = try memory.copy([Int32](repeating: 0, count: 16))
      qg_pack_s8(try memory.copy([Int8](repeating: weight, count: k)), 1, k, panels, sums)
      let affine = try memory.copy([qg_affine(scale: 1, zero_point: 0)])
      var found: Float = 0
      withUnsafeMutablePointer(to: &found) { found in
        var arguments = qg_gemm_u8s8_args()
        (arguments.m, arguments.n, arguments.k) = (1, 1, k)
        guard let a = try? memory.copy([UInt8](repeating: code, count: k + 1)),
          let scale = try? memory.copy([Float](repeating: 1, count: 16))
        else { return }
        (arguments.a, arguments.a_stride, arguments.rows) = (
          UnsafePointer(a), k + 1, UnsafePointer(affine)
        )
        (arguments.panels, arguments.weight_sums) = (UnsafePointer(panels), UnsafePointer(sums))
        (arguments.weight_scale, arguments.output.f32) = (UnsafePointer(scale), found)
        arguments.bounds = qg_bounds(lower: -.infinity, upper: .infinity)
        kernels.gemm_u8s8(&arguments)
      }
      #expect(found == Float(Int(code) * Int(weight) * k))
    }
  }
}
