import CKernels
import TestSupport
import Testing

@Suite struct QuantizeRowsTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `dynamic quantization has the bits of the rule`(
    _ set: InstructionSet, _ count: Int
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...16 {
      var draws = SeededGenerator(seed: seed)
      let (rows, isSymmetric) = (4, seed % 2 == 0)
      let (stride, codesStride) = (count + draws.pick([0, 3]), count + draws.pick([0, 5]))
      var x = draws.floats(rows * stride, special: seed % 8 == 0)
      let factor: Float = draws.pick([1, 1, 0, 0x1p-146, 0x1p-140, 0x1p-120, 1e37, 8e37])
      x = x.map { $0 * factor }
      if seed % 5 == 0 { x = x.map { abs($0) + 1 } }
      var expected = Sheet(count: rows * codesStride, isFloat: false)
      let untouched = expected
      var affines: [qg_affine] = []
      for row in 0..<rows {
        let values = Array(x[row * stride..<row * stride + count])
        let affine = isSymmetric ? Self.symmetric(values) : Self.asymmetric(values)
        affines.append(affine)
        for (i, value) in values.enumerated() {
          let code = affine.scale.isNaN ? 0 : quantized(value, affine)
          expected.set(row * codesStride + i, code)
        }
      }
      let memory = Memory()
      let input = try memory.copy(x)
      let found = try memory.copy([qg_affine](repeating: qg_affine(), count: rows))
      for parts in 1...3 {
        let codes = try untouched.written { _, codes in
          together(ranges(rows, parts: parts), isOn: seed == 1) { part in
            var arguments = qg_quantize_rows_args(
              rows: part.count, count: count, x: input + part.lowerBound * stride,
              x_stride: stride, symmetric: isSymmetric ? 1 : 0, affines: found + part.lowerBound,
              codes: codes.map { $0 + part.lowerBound * codesStride }, codes_stride: codesStride)
            kernels.quantize_rows_u8(&arguments)
          }
        }
        #expect(expected.difference(from: codes) == nil, "seed \(seed), \(parts) parts")
        for (row, affine) in affines.enumerated() {
          #expect(found[row].scale.bitPattern == affine.scale.bitPattern, "seed \(seed)")
          #expect(found[row].zero_point == affine.zero_point, "seed \(seed)")
        }
      }
    }
  }

  private static func isFinite(_ values: [Float]) -> Bool { values.allSatisfy(\.isFinite) }

  /// The documentation of `DynamicRange.symmetric`.
  private static func symmetric(_ values: [Float]) -> qg_affine {
    guard isFinite(values) else { return qg_affine(scale: .nan, zero_point: 0) }
    let magnitude = values.map(abs).max() ?? 0
    return qg_affine(
      scale: magnitude == 0 ? 1 : max(magnitude / 127, .leastNormalMagnitude), zero_point: 128)
  }

  /// The documentation of `DynamicRange.asymmetric`.
  private static func asymmetric(_ values: [Float]) -> qg_affine {
    let (low, high) = (min(values.min() ?? 0, 0), max(values.max() ?? 0, 0))
    guard isFinite(values) else { return qg_affine(scale: .nan, zero_point: 0) }
    guard high > low else { return qg_affine(scale: 1, zero_point: 0) }
    let step = (high - low).isFinite ? (high - low) / 255 : high / 255 - low / 255
    let scale = max(step, .leastNormalMagnitude)
    let zero = (-low / scale).rounded(.toNearestOrEven)
    return qg_affine(scale: scale, zero_point: Int32(min(zero, 255)))
  }
}
