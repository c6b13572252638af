import CKernels
import TestSupport
import Testing

@Suite struct QuantizeTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `quantizing and back has the bits of the definition`(
    _ set: InstructionSet, _ count: Int
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let affine = draws.affine()
      let values = draws.floats(count, special: true)
      let codes = draws.codes(count)
      var quantization = Sheet(count: count + 3, isFloat: false)
      var dequantization = Sheet(count: count + 3, isFloat: true)
      let untouched = (quantization, dequantization)
      for i in 0..<count {
        quantization.set(i, quantized(values[i], affine))
        dequantization.set(i, Float(Int(codes[i]) - Int(affine.zero_point)) * affine.scale)
      }
      let memory = Memory()
      let (floats, bytes) = (try memory.copy(values), try memory.copy(codes))
      let foundCodes = try untouched.0.written { _, out in
        kernels.quantize_u8(floats, count, affine, out)
      }
      let foundFloats = try untouched.1.written { out, _ in
        kernels.dequantize_u8(bytes, count, affine, out)
      }
      #expect(quantization.difference(from: foundCodes) == nil, "seed \(seed)")
      #expect(dequantization.difference(from: foundFloats) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `quantizing rounds ties to even, saturates, and sends a NaN to the zero point`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    let values: [Float] = [
      0.25, 0.75, 1.25, -0.25, -0.75, 1e38, -1e38, .infinity, -.infinity, .nan,
    ]
    var codes = [UInt8](repeating: 0, count: values.count)
    let affine = qg_affine(scale: 0.5, zero_point: 100)
    kernels.quantize_u8(values, values.count, affine, &codes)
    #expect(codes == [100, 102, 102, 100, 98, 255, 0, 255, 0, 100])
  }

  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `the range is the minimum and the maximum`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...12 {
      var draws = SeededGenerator(seed: seed)
      var values = draws.floats(count, special: seed % 2 == 0)
      if seed % 4 == 0 { values = values.map { $0.isNaN ? 1 : $0 } }
      if seed % 6 == 0 { values = values.map { _ in draws.pick([0, -0.0]) } }
      var expected: (Float, Float) = (0, 0)
      if values.contains(where: \.isNaN) {
        expected = (Float(bitPattern: 0x7FC0_0000), Float(bitPattern: 0x7FC0_0000))
      } else if let low = values.min(), let high = values.max() {
        expected = (low == 0 ? 0 : low, high == 0 ? 0 : high)
      }
      let memory = Memory()
      var found: (Float, Float) = (7, 7)
      kernels.range_f32(try memory.copy(values), count, &found.0, &found.1)
      #expect(found.0.bitPattern == expected.0.bitPattern, "seed \(seed)")
      #expect(found.1.bitPattern == expected.1.bitPattern, "seed \(seed)")
    }
  }
}
