import CKernels
import TestSupport
import Testing

@Suite struct NormTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `the norms have the bits of the definition`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...12 {
      var draws = SeededGenerator(seed: seed)
      let norm = Norm(count: count, isLayer: seed % 2 == 0, special: seed % 5 == 0, using: &draws)
      for parts in 1...3 {
        let found = try Together.$isOn.withValue(seed < 3 && count > 60) {
          try norm.result(kernels, rows: ranges(norm.rows, parts: parts))
        }
        #expect(norm.expected.difference(from: found) == nil, "seed \(seed), \(parts) parts")
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `a row of large mean keeps its small differences`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let values: [Float] = [4096, 4097, 4098, 4099]
    var found = values
    values.withUnsafeBufferPointer { x in
      found.withUnsafeMutableBufferPointer { out in
        var arguments = qg_norm_args()
        (arguments.rows, arguments.count, arguments.x) = (1, 4, x.baseAddress)
        arguments.out = out.baseAddress
        kernels.layer_norm_f32(&arguments)
      }
    }
    let exact = [-1.5, -0.5, 0.5, 1.5].map { $0 / 1.25.squareRoot() }
    for (value, exact) in zip(found, exact) { #expect(abs(Double(value) - exact) < 1e-6) }
  }

  @Test(arguments: InstructionSet.allCases)
  func `a norm may overwrite its input`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 8)
    for isLayer in [false, true] {
      let norm = Norm(count: 37, isLayer: isLayer, special: false, using: &draws)
      let apart = try norm.result(kernels, rows: [0..<norm.rows])
      let inPlace = try norm.result(kernels, rows: [0..<norm.rows], inPlace: true)
      for row in 0..<norm.rows {
        for i in 0..<37 {
          #expect(
            apart.words[row * norm.outStride + i] == inPlace.words[row * norm.stride + i])
        }
      }
    }
  }
}

/// A random norm and its result by the contract's formula.
private struct Norm {
  let rows = 3
  let count, stride, outStride: Int
  let isLayer: Bool
  let x: [Float]
  let weight, bias: [Float]?
  let epsilon: Float
  private(set) var expected: Sheet

  init(count: Int, isLayer: Bool, special: Bool, using draws: inout SeededGenerator) {
    (self.count, self.isLayer) = (count, isLayer)
    stride = count + draws.pick([0, 3])
    outStride = count + draws.pick([0, 5])
    x = draws.floats(rows * stride, special: special)
    weight = draws.pick([true, true, false]) ? draws.floats(count) : nil
    bias = weight != nil && draws.pick([true, false]) ? draws.floats(count) : nil
    epsilon = draws.pick([1e-5, 1e-6, 0])
    expected = Sheet(count: rows * outStride, isFloat: true)
    for row in 0..<rows {
      let values = Array(x[row * stride..<row * stride + count])
      for (i, y) in normalized(values).enumerated() { expected.set(row * outStride + i, y) }
    }
  }

  private func normalized(_ values: [Float]) -> [Float] {
    let mean = isLayer ? sumInLanes(values) / Float(count) : 0
    let differences = isLayer ? values.map { $0 - mean } : values
    let squares = sumInLanes(differences) { $0.addingProduct($1, $1) }
    let r = 1 / (squares / Float(count) + epsilon).squareRoot()
    return differences.enumerated().map { i, d in
      guard let weight else { return canonical(d * r) }
      guard let bias else { return canonical(d * r * weight[i]) }
      return canonical(bias[i].addingProduct(d * r, weight[i]))
    }
  }

  func result(_ kernels: qg_kernels, rows: [Range<Int>], inPlace: Bool = false) throws -> Sheet {
    let memory = Memory()
    var sheet = Sheet(count: self.rows * (inPlace ? stride : outStride), isFloat: true)
    if inPlace { for (i, value) in x.enumerated() { sheet.set(i, value) } }
    let input = try memory.copy(x)
    let weight = try memory.copy(ifPresent: weight)
    let bias = try memory.copy(ifPresent: bias)
    return try sheet.written { floats, _ in
      guard let floats else { return }
      together(rows, rounds: 1) { part in
        var arguments = qg_norm_args()
        (arguments.rows, arguments.count, arguments.epsilon) = (part.count, count, epsilon)
        arguments.x = UnsafePointer(inPlace ? floats : input) + part.lowerBound * stride
        (arguments.x_stride, arguments.out_stride) = (stride, inPlace ? stride : outStride)
        arguments.weight = UnsafePointer(weight)
        arguments.bias = UnsafePointer(bias)
        arguments.out = floats + part.lowerBound * arguments.out_stride
        if isLayer { kernels.layer_norm_f32(&arguments) } else { kernels.rms_norm_f32(&arguments) }
      }
    }
  }
}
