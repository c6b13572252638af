import CKernels
import TestSupport
import Testing

@Suite struct DepthwiseTests {
  @Test(arguments: InstructionSet.allCases)
  func `the fp32 depthwise convolution has the bits of the definition`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for (index, window) in Windows.all.enumerated() {
      let seed = UInt64(3000 + index)
      var draws = SeededGenerator(seed: seed)
      let special = draws.pick([true, false])
      let input = draws.floats(window.inputs, special: special)
      let weights = draws.floats(window.taps * window.channels, special: special)
      let bias = draws.pick([true, false]) ? draws.floats(window.channels) : nil
      let bounds = draws.bounds()
      let untouched = Sheet(count: window.outputs, isFloat: true)
      var expected = untouched
      for (y, x) in window.positions {
        let inside = window.inside(y, x)
        for c in 0..<window.channels {
          var sum: Float = 0
          for (tap, place) in inside {
            sum.addProduct(input[place * window.channels + c], weights[tap * window.channels + c])
          }
          if let bias { sum += bias[c] }
          expected.set((y * window.out_width + x) * window.channels + c, clamped(sum, bounds))
        }
      }
      let memory = Memory()
      var arguments = qg_depthwise_f32_args()
      arguments.bounds = bounds
      arguments.in = UnsafePointer(try memory.copy(input))
      arguments.weights = UnsafePointer(try memory.copy(weights))
      arguments.bias = UnsafePointer(try memory.copy(ifPresent: bias))
      let found = try untouched.written { floats, _ in
        arguments.out = floats
        together(window.parts(1 + index % 3), isOn: index < 6) { part in
          var arguments = arguments
          arguments.window = part
          kernels.depthwise_f32(&arguments)
        }
      }
      #expect(expected.difference(from: found) == nil, "\(window.summary), seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases, [UInt64(4000), 4100, 4200])
  func `the int8 depthwise convolution has the bits of the definition`(
    _ set: InstructionSet, _ firstSeed: UInt64
  ) throws {
    let kernels = try set.kernels()
    for (index, window) in Windows.all.enumerated() {
      let seed = firstSeed + UInt64(index)
      var draws = SeededGenerator(seed: seed)
      let product = DepthwiseInt8(window, using: &draws)
      for parts in 1...3 {
        let found = try Together.$isOn.withValue(index < 2) {
          try product.result(kernels, parts: parts)
        }
        let difference = product.expected.difference(from: found)
        #expect(difference == nil, "\(window.summary), \(parts) parts, seed \(seed)")
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `codes of sums halfway between two, or near it, are those of a division`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(8000)...8060 {
      var draws = SeededGenerator(seed: seed)
      let window = Windows.all[Int(seed) % Windows.all.count]
      let product = DepthwiseInt8(window, halfway: true, using: &draws)
      let found = try product.result(kernels, parts: 1)
      #expect(product.expected.difference(from: found) == nil, "\(window.summary), seed \(seed)")
    }
  }
}

/// A random int8 depthwise convolution and its result by the contract's formula.
private struct DepthwiseInt8 {
  let window: qg_window
  let input: [UInt8]
  let weights: [Int8]
  let zeros: [Int32]?
  let scales: [Float]
  let bias: [Float]?
  let bounds: qg_bounds
  let inAffine, outAffine: qg_affine
  private(set) var expected: Sheet

  /// `halfway`: sums are close to odd multiples of half the output's scale, or quite there.
  init(_ window: qg_window, halfway: Bool = false, using draws: inout SeededGenerator) {
    self.window = window
    input = draws.codes(window.inputs)
    weights = draws.weights(window.taps * window.channels)
    let some = draws.integers(window.channels, in: Int32(-128)...127)
    zeros = draws.pick([true, false]) ? some : nil
    let step = Float.random(in: 0.5...1, using: &draws)
    scales =
      halfway
      ? (0..<window.channels).map { _ in
        let few = Int.random(in: -1...1, using: &draws)
        return Float(bitPattern: (step / 32).bitPattern &+ UInt32(truncatingIfNeeded: few))
      } : draws.scales(window.channels)
    let ratios = draws.integers(window.channels, in: Int32(-40_000)...40_000)
    let someBias = halfway ? ratios.map { Float($0) * step / 32 } : draws.floats(window.channels)
    bias = draws.pick([true, false]) ? someBias : nil
    bounds = draws.bounds()
    inAffine = halfway ? qg_affine(scale: 1, zero_point: 128) : draws.affine()
    outAffine = halfway ? qg_affine(scale: step, zero_point: 100) : draws.affine()
    expected = Sheet(count: window.outputs, isFloat: draws.pick([true, false]))
    for (y, x) in window.positions {
      let inside = window.inside(y, x)
      for c in 0..<window.channels {
        let at = (y * window.out_width + x) * window.channels + c
        expected.store(at, value(c, inside), bounds, outAffine)
      }
    }
  }

  private func value(_ c: Int, _ inside: [(tap: Int, place: Int)]) -> Float {
    var dot = 0
    for (tap, place) in inside {
      let code = Int(input[place * window.channels + c]) - Int(inAffine.zero_point)
      dot += code * (Int(weights[tap * window.channels + c]) - Int(zeros?[c] ?? 0))
    }
    let scale = inAffine.scale * scales[c]
    guard let bias else { return Float(dot) * scale }
    return bias[c].addingProduct(Float(dot), scale)
  }

  func result(_ kernels: qg_kernels, parts: Int) throws -> Sheet {
    let memory = Memory()
    var arguments = qg_depthwise_u8s8_args()
    (arguments.in_affine, arguments.bounds) = (inAffine, bounds)
    arguments.in = UnsafePointer(try memory.copy(input))
    arguments.weights = UnsafePointer(try memory.copy(weights))
    arguments.weight_zero = UnsafePointer(try memory.copy(ifPresent: zeros))
    arguments.weight_scale = UnsafePointer(try memory.copy(scales))
    arguments.bias = UnsafePointer(try memory.copy(ifPresent: bias))
    return try Sheet(count: window.outputs, isFloat: expected.isFloat).written { floats, codes in
      arguments.output = qg_output(f32: floats, u8: codes, stride: 0, quantize: outAffine)
      together(window.parts(parts)) { part in
        var arguments = arguments
        arguments.window = part
        kernels.depthwise_u8s8(&arguments)
      }
    }
  }
}
