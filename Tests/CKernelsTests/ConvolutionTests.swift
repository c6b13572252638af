import CKernels
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  @Test(arguments: InstructionSet.allCases, [UInt64(6000), 6100])
  func `the fp32 convolution has the bits of the definition, whole or in parts`(
    _ set: InstructionSet, _ firstSeed: UInt64
  ) throws {
    let kernels = try set.kernels()
    for (index, window) in Windows.undilated.enumerated() {
      let seed = firstSeed + UInt64(index)
      var draws = SeededGenerator(seed: seed)
      let convolution = FloatConvolution(window, using: &draws)
      for parts in 1...3 {
        let found = try Together.$isOn.withValue(index < 2) {
          try convolution.result(kernels, parts: parts)
        }
        let difference = convolution.expected.difference(from: found)
        #expect(difference == nil, "\(window.summary), \(parts) parts, seed \(seed)")
      }
    }
  }

  @Test(arguments: InstructionSet.allCases, [UInt64(7000), 7100, 7200])
  func `the int8 convolution has the bits of the definition, whole or in parts`(
    _ set: InstructionSet, _ firstSeed: UInt64
  ) throws {
    let kernels = try set.kernels()
    for (index, window) in Windows.undilated.enumerated() {
      let seed = firstSeed + UInt64(index)
      var draws = SeededGenerator(seed: seed)
      let convolution = IntegerConvolution(window, using: &draws)
      for parts in 1...3 {
        let found = try Together.$isOn.withValue(index < 2) {
          try convolution.result(kernels, parts: parts)
        }
        let difference = convolution.expected.difference(from: found)
        #expect(difference == nil, "\(window.summary), \(parts) parts, seed \(seed)")
      }
    }
  }

  @Test(arguments: [(1, 3), (5, 3), (4, 3), (17, 1)])
  func `packed convolution weights begin every kernel row at a quad and carry their sums`(
    _ channels: Int, _ kernel: Int
  ) throws {
    var draws = SeededGenerator(seed: 5)
    var window = qg_window()
    (window.channels, window.kernel_height, window.kernel_width) = (channels, 2, kernel)
    let (outputs, length) = (18, channels * kernel)
    let w = draws.integers(outputs * 2 * length, in: Int8(-128)...127)
    let memory = Memory()
    let quads = (length + 3) / 4
    let count = qg_packed_convolution_s8_bytes(outputs, &window)
    #expect(count == padded(outputs) * 2 * quads * 4)
    let panels = try memory.copy([Int8](repeating: 99, count: count))
    let sums = try memory.copy([Int32](repeating: 99, count: padded(outputs)))
    qg_pack_convolution_s8(try memory.copy(w), outputs, &window, panels, sums)
    for i in 0..<count {
      let (output, quad) = (i / (2 * quads * 64) * 16 + i / 4 % 16, i / 64 % (2 * quads))
      let (row, column) = (quad / quads, quad % quads * 4 + i % 4)
      let isWeight = output < outputs && column < length
      #expect(panels[i] == (isWeight ? w[(output * 2 + row) * length + column] : 0))
    }
    for output in 0..<padded(outputs) {
      let row = w[min(output, outputs) * 2 * length..<min(output + 1, outputs) * 2 * length]
      #expect(sums[output] == row.reduce(0) { $0 + Int32($1) })
    }
  }
}

/// A random fp32 convolution and its result by the contract's formula.
private struct FloatConvolution {
  let window: qg_window
  let outputs, outStride: Int
  let input, weights: [Float]
  let bias: [Float]?
  let bounds: qg_bounds
  private(set) var expected: Sheet

  init(_ window: qg_window, using draws: inout SeededGenerator) {
    self.window = window
    outputs = draws.pick([1, 15, 16, 17, 32, 40])
    outStride = outputs + draws.pick([0, 3])
    let special = draws.pick([true, false])
    input = draws.floats(window.inputs, special: special)
    weights = draws.floats(outputs * window.taps * window.channels, special: special)
    bias = draws.pick([true, false]) ? draws.floats(outputs) : nil
    bounds = draws.bounds()
    expected = Sheet(count: window.out_height * window.out_width * outStride, isFloat: true)
    let length = window.taps * window.channels
    for (y, x) in window.positions {
      for n in 0..<outputs {
        var sum: Float = 0
        for i in 0..<length {
          let (tap, c) = (i / window.channels, i % window.channels)
          let place = window.place(y, x, tap / window.kernel_width, tap % window.kernel_width)
          let value = place.map { input[$0 * window.channels + c] } ?? 0
          sum.addProduct(value, weights[n * length + i])
        }
        if let bias { sum += bias[n] }
        expected.set((y * window.out_width + x) * outStride + n, clamped(sum, bounds))
      }
    }
  }

  /// The kernel's result, from calls for each of `parts` of the rows.
  func result(_ kernels: qg_kernels, parts: Int) throws -> Sheet {
    let memory = Memory()
    let length = window.taps * window.channels
    let unset = [Float](repeating: .nan, count: qg_packed_f32_count(outputs, length))
    let panels = try memory.copy(unset)
    qg_pack_f32(try memory.copy(weights), outputs, length, length, 1, panels)
    var arguments = qg_convolution_f32_args()
    (arguments.outputs, arguments.out_stride, arguments.bounds) = (outputs, outStride, bounds)
    arguments.in = UnsafePointer(try memory.copy(input))
    arguments.panels = UnsafePointer(panels)
    arguments.bias = UnsafePointer(try memory.copy(ifPresent: bias))
    return try Sheet(count: expected.words.count, isFloat: true).written { floats, _ in
      arguments.out = floats
      together(window.parts(parts)) { part in
        var arguments = arguments
        arguments.window = part
        kernels.convolution_f32(&arguments)
      }
    }
  }
}

/// A random int8 convolution and its result by the contract's formula.
private struct IntegerConvolution {
  let window: qg_window
  let outputs, outStride: Int
  let input: [UInt8]
  let weights: [Int8]
  let zeros: [Int32]?
  let scales: [Float]
  let bias: [Float]?
  let bounds: qg_bounds
  let inAffine, outAffine: qg_affine
  private(set) var expected: Sheet

  init(_ window: qg_window, using draws: inout SeededGenerator) {
    self.window = window
    outputs = draws.pick([1, 15, 16, 17, 32, 40])
    outStride = outputs + draws.pick([0, 3])
    input = draws.codes(window.inputs)
    weights = draws.weights(outputs * window.taps * window.channels)
    let some = draws.integers(padded(outputs), in: Int32(-128)...127)
    zeros = draws.pick([true, false]) ? some : nil
    scales = draws.scales(padded(outputs))
    bias = draws.pick([true, false]) ? draws.floats(padded(outputs)) : nil
    bounds = draws.bounds()
    (inAffine, outAffine) = (draws.affine(), draws.affine())
    expected = Sheet(
      count: window.out_height * window.out_width * outStride, isFloat: draws.pick([true, false]))
    for (y, x) in window.positions {
      let inside = window.inside(y, x)
      for n in 0..<outputs {
        let at = (y * window.out_width + x) * outStride + n
        expected.store(at, value(n, inside), bounds, outAffine)
      }
    }
  }

  private func value(_ n: Int, _ inside: [(tap: Int, place: Int)]) -> Float {
    var dot = 0
    for (tap, place) in inside {
      for c in 0..<window.channels {
        let code = Int(input[place * window.channels + c]) - Int(inAffine.zero_point)
        let weight = weights[(n * window.taps + tap) * window.channels + c]
        dot += code * (Int(weight) - Int(zeros?[n] ?? 0))
      }
    }
    let scale = inAffine.scale * scales[n]
    guard let bias else { return Float(dot) * scale }
    return bias[n].addingProduct(Float(dot), scale)
  }

  /// The kernel's result, from calls for each of `parts` of the rows.
  func result(_ kernels: qg_kernels, parts: Int) throws -> Sheet {
    let memory = Memory()
    var whole = window
    let bytes = qg_packed_convolution_s8_bytes(outputs, &whole)
    let panels = try memory.copy([Int8](repeating: 99, count: bytes))
    let sums = try memory.copy([Int32](repeating: 99, count: padded(outputs)))
    qg_pack_convolution_s8(try memory.copy(weights), outputs, &whole, panels, sums)
    var arguments = qg_convolution_u8s8_args()
    (arguments.in_affine, arguments.outputs, arguments.bounds) = (inAffine, outputs, bounds)
    arguments.in = UnsafePointer(try memory.copy(input))
    arguments.panels = UnsafePointer(panels)
    arguments.weight_sums = UnsafePointer(sums)
    arguments.weight_zero = UnsafePointer(try memory.copy(ifPresent: zeros))
    arguments.weight_scale = UnsafePointer(try memory.copy(scales))
    arguments.bias = UnsafePointer(try memory.copy(ifPresent: bias))
    let untouched = Sheet(count: expected.words.count, isFloat: expected.isFloat)
    return try untouched.written { floats, codes in
      arguments.output = qg_output(f32: floats, u8: codes, stride: outStride, quantize: outAffine)
      together(window.parts(parts)) { part in
        var arguments = arguments
        arguments.window = part
        kernels.convolution_u8s8(&arguments)
      }
    }
  }
}
