import Execution
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct AffineProductTests {
  /// The smallest and largest codes and zero points, and some between them.
  private static func matrix(
    bits: Int, _ granularity: Granularity, rows: Int, columns: Int, seed: UInt64
  ) -> QuantizedMatrix {
    var random = SeededGenerator(seed: seed)
    let limit = Int32(1) << (bits - 1)
    func code() -> Int32 {
      [-limit, limit - 1, Int32.random(in: -limit...limit - 1, using: &random)]
        .randomElement(using: &random) ?? 0
    }
    let count = QuantizedMatrix.parameterCount(rows: rows, columns: columns, granularity)
    return QuantizedMatrix(
      rows: rows, columns: columns, bits: bits, granularity: granularity,
      codes: (0..<rows * columns).map { _ in Int8(code()) },
      parameters: (0..<count).map { _ in
        AffineParameters(
          scale: Float.random(in: 0.01...0.02, using: &random) / Float(limit), zeroPoint: code())
      })
  }

  /// A 3 × 3 convolution of 5 channels and one of its pixels' channels each, then a linear layer; the first
  /// operand is quantized per example, the others statically.
  private static func model(bits: Int, _ granularity: Granularity) throws -> QuantizedModel {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([4, 5, 5])), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: 35, window: Window(height: 3, width: 3, padding: 1), hasBias: true),
        inputs: [0], fusedActivation: .relu),
      Node(
        id: 2, name: "dw",
        operation: .depthwiseConvolution(window: Window(height: 3, width: 3), hasBias: false),
        inputs: [1]),
      Node(id: 3, name: "flat", operation: .flatten, inputs: [2]),
      Node(id: 4, name: "head", operation: .linear(outFeatures: 71, hasBias: false), inputs: [3]),
    ])
    let first = AffineParameters(scale: 0.004, zeroPoint: 3)
    let second = AffineParameters(scale: 0.002, zeroPoint: 130)
    return QuantizedModel(
      graph: graph,
      weights: Weights([
        "conv.bias": Tensor(shape: [35], values: RandomModel.numbers(35, seed: 61))
      ]),
      arithmetic: [
        1: .integer(
          weight: matrix(bits: bits, granularity, rows: 35, columns: 45, seed: 62),
          dynamic: .asymmetric),
        2: .integer(
          weight: matrix(bits: bits, .channel, rows: 35, columns: 9, seed: 63), dynamic: nil),
        4: .integer(
          weight: matrix(bits: bits, granularity, rows: 71, columns: 210, seed: 64), dynamic: nil),
      ], storage: [.float32, .uint8(first), .uint8(second), .uint8(second), .float32])
  }

  @Test(arguments: [2, 3, 4, 5, 6, 7, 8], [Granularity.channel, .group(16)])
  func `codes of any width and zero point have a kernel, with the same bits everywhere`(
    _ bits: Int, _ granularity: Granularity
  ) throws {
    let model = try Self.model(bits: bits, granularity)
    let kernel =
      bits <= 4 ? "gemm_u8u4" : granularity == .channel ? "gemm_u8s8" : "gemm_u8s8g"
    #expect(
      try Executor(model).plan.map(\.kernel)
        == ["quantize_rows_u8", "patches+" + kernel, "depthwise_u8s8", kernel])
    let examples = ExecutorTests.examples(model, seed: 65)
    let reference = ReferenceInterpreter(model: model)
    let expected = examples.flatMap { reference.results(for: $0)[4].reals.map(\.bitPattern) }
    #expect(Set(expected).count > expected.count / 2, "the results say little")
    for set in InstructionSet.available {
      for threads in 1...3 {
        for batch in [1, 2, 7] {
          let found = try run(
            model, examples, batch: batch,
            options: ExecutionOptions(threads: threads, instructionSet: set))
          #expect(
            found.map(\.bitPattern) == expected, "\(set), \(threads) threads, batch \(batch)")
        }
      }
    }
  }

  @Test func `panels hold narrow codes in four bits and wide ones in eight`() throws {
    func bytes(_ bits: Int) throws -> Int {
      let weight = Self.matrix(bits: bits, .group(32), rows: 64, columns: 64, seed: 66)
      let graph = try Graph([
        Node(id: 0, name: "input", operation: .input(Shape([64])), inputs: []),
        Node(id: 1, name: "fc", operation: .linear(outFeatures: 64, hasBias: false), inputs: [0]),
      ])
      let model = QuantizedModel(
        graph: graph, weights: Weights(),
        arithmetic: [1: .integer(weight: weight, dynamic: .symmetric)],
        storage: [.float32, .float32])
      #expect(model.modelBytes == weight.storedBytes)
      return try Executor(model).packedWeightBytes
    }
    // Codes, scales, zeros of 2 groups in 64 rows; codes of 5 to 7 bits are stored less their zero points.
    let narrow = 64 * 64 / 2 + 64 * 2 * 5
    for bits in 2...4 { #expect(try bytes(bits) == narrow, "\(bits) bits") }
    for bits in 5...7 { #expect(try bytes(bits) == 64 * 64 + 64 * 2 * 4, "\(bits) bits") }
    #expect(try bytes(8) == 64 * 64 + 64 * 2 * 5)
  }
}
