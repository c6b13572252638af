import CKernels
import TestSupport
import Testing

@Suite struct PoolingTests {
  @Test(arguments: InstructionSet.allCases)
  func `fp32 pooling has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    for (index, window) in Windows.all.enumerated() {
      let seed = UInt64(6000 + index)
      var draws = SeededGenerator(seed: seed)
      let input = draws.floats(window.inputs, special: index % 3 != 0)
      let untouched = Sheet(count: window.outputs, isFloat: true)
      var (largest, average) = (untouched, untouched)
      for (y, x) in window.positions {
        let inside = window.inside(y, x)
        for c in 0..<window.channels {
          let values = inside.map { input[$0.place * window.channels + c] }
          let at = (y * window.out_width + x) * window.channels + c
          largest.set(at, Self.largest(values))
          let mean = values.reduce(0, +) / Float(values.count)
          average.set(at, clamped(mean, qg_bounds(lower: -.infinity, upper: .infinity)))
        }
      }
      let memory = Memory()
      let image = try memory.copy(input)
      var window = window
      let foundLargest = try untouched.written { out, _ in
        kernels.max_pool_f32(&window, image, out)
      }
      let foundAverage = try untouched.written { out, _ in
        kernels.average_pool_f32(&window, image, out)
      }
      #expect(largest.difference(from: foundLargest) == nil, "\(window.summary), seed \(seed)")
      #expect(average.difference(from: foundAverage) == nil, "\(window.summary), seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `uint8 pooling has the bits of the definition`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    for (index, window) in Windows.all.enumerated() {
      let seed = UInt64(7000 + index)
      var draws = SeededGenerator(seed: seed)
      let input = draws.codes(window.inputs)
      let (inAffine, outAffine) = (draws.affine(), draws.affine())
      let untouched = Sheet(count: window.outputs, isFloat: false)
      var (largest, average) = (untouched, untouched)
      for (y, x) in window.positions {
        let inside = window.inside(y, x)
        for c in 0..<window.channels {
          let codes = inside.map { input[$0.place * window.channels + c] }
          let at = (y * window.out_width + x) * window.channels + c
          largest.set(at, codes.max() ?? 0)
          let sum = codes.reduce(0) { $0 + Int($1) - Int(inAffine.zero_point) }
          average.set(at, quantized(Float(sum) * inAffine.scale / Float(codes.count), outAffine))
        }
      }
      let memory = Memory()
      let image = try memory.copy(input)
      var window = window
      let foundLargest = try untouched.written { _, out in
        kernels.max_pool_u8(&window, image, out)
      }
      let foundAverage = try untouched.written { _, out in
        kernels.average_pool_u8(&window, image, inAffine, outAffine, out)
      }
      #expect(largest.difference(from: foundLargest) == nil, "\(window.summary), seed \(seed)")
      #expect(average.difference(from: foundAverage) == nil, "\(window.summary), seed \(seed)")
    }
  }

  /// A NaN wins; of two zeros the first stays.
  private static func largest(_ values: [Float]) -> Float {
    if values.contains(where: \.isNaN) { return Float(bitPattern: 0x7FC0_0000) }
    return values.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
  }
}
