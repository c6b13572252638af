import Execution
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct BlockProductTests {
  static let formats: [any NumberFormat] = [
    GGUF.Q4_0(), GGUF.Q8_0(), GGMLMXFP4(), GGUF.Q4_K(), GGUF.Q6_K(), CodebookFormat.nf4,
    CodebookFormat.nf4Nested,
  ]

  /// A 2 × 2 convolution of 64 channels, then a linear layer of 512 inputs: both sums are two whole
  /// superblocks or one. The first operand is quantized per example, the second statically.
  private static func model(_ format: any NumberFormat) throws -> QuantizedModel {
    var blocks = RandomBlocks(generator: SeededGenerator(seed: 51))
    func arithmetic(
      _ name: String, rows: Int, columns: Int, _ dynamic: DynamicRange?
    ) throws -> NodeArithmetic {
      switch format {
      case let format as any BlockFormat:
        .blocks(
          weight: try blocks.matrix(format, name: name, rows: rows, columns: columns),
          dynamic: dynamic)
      default:
        .codebook(
          weight: try blocks.codebook(
            #require(format as? CodebookFormat), name: name, rows: rows, columns: columns),
          dynamic: dynamic)
      }
    }
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([3, 5, 64])), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: 64, window: Window(height: 2, width: 2, stride: 1), hasBias: true),
        inputs: [0], fusedActivation: .relu),
      Node(id: 2, name: "flat", operation: .flatten, inputs: [1]),
      Node(id: 3, name: "head", operation: .linear(outFeatures: 71, hasBias: false), inputs: [2]),
    ])
    let affine = AffineParameters(scale: 0.02, zeroPoint: 3)
    return QuantizedModel(
      graph: graph,
      weights: Weights([
        "conv.bias": Tensor(shape: [64], values: RandomModel.numbers(64, seed: 52))
      ]),
      arithmetic: [
        1: try arithmetic("conv", rows: 64, columns: 256, .asymmetric),
        3: try arithmetic("head", rows: 71, columns: 512, nil),
      ], storage: [.float32, .uint8(affine), .uint8(affine), .float32])
  }

  @Test(arguments: formats.indices)
  func `blocks are multiplied as they are stored, with the same bits everywhere`(
    _ index: Int
  ) throws {
    let format = Self.formats[index]
    let kernel = "gemm_u8_" + format.name.prefix { $0 != "-" }
    let model = try Self.model(format)
    #expect(
      try Executor(model).plan.map(\.kernel) == ["quantize_rows_u8", "patches+" + kernel, kernel])
    let examples = ExecutorTests.examples(model, seed: 53)
    let reference = ReferenceInterpreter(model: model)
    let expected = examples.flatMap { reference.results(for: $0)[3].reals.map(\.bitPattern) }
    #expect(Set(expected).count > expected.count / 2, "the results say little")
    for set in InstructionSet.available {
      for threads in 1...3 {
        for batch in [1, 2, 7] {
          let found = try run(
            model, examples, batch: batch,
            options: ExecutionOptions(threads: threads, instructionSet: set))
          #expect(
            found.map(\.bitPattern) == expected,
            "\(format.name), \(set), \(threads) threads, batch \(batch)")
        }
      }
    }
  }

  @Test func `bf16 gives the bits of its decoded weights`() throws {
    var blocks = RandomBlocks(generator: SeededGenerator(seed: 54))
    let weight = blocks.bfloat16(rows: 70, columns: 45)
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([4, 6, 5])), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: 70, window: Window(height: 3, width: 3, padding: 1), hasBias: false),
        inputs: [0]),
    ])
    func outputs(_ arithmetic: NodeArithmetic) throws -> [UInt32] {
      let model = QuantizedModel(
        graph: graph, weights: Weights(), arithmetic: [1: arithmetic],
        storage: [.float32, .float32])
      return try run(
        model, ExecutorTests.examples(model, seed: 55, count: 2), batch: 2,
        options: ExecutionOptions(threads: 2)
      ).map(\.bitPattern)
    }
    let decoded = StoredMatrix(
      format: "bf16", rows: 70, columns: 45, values: weight.decoded(), bytes: weight.storedBytes)
    #expect(
      try outputs(.bfloat16(weight: weight)) == outputs(.reference(weight: decoded, dynamic: nil)))
  }
}
