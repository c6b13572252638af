import Execution
import Graphs
import NumberFormats
import TestSupport
import Testing

/// Runs `examples` in batches of `batch` and returns all outputs.
func run(
  _ model: QuantizedModel, _ examples: [[Float]], batch: Int, options: ExecutionOptions
) throws -> [Float] {
  var options = options
  options.maximumBatch = batch
  var executor = try Executor(model, options: options)
  var result: [Float] = []
  for start in stride(from: 0, to: examples.count, by: batch) {
    let part = examples[start..<min(start + batch, examples.count)]
    let input = part.flatMap(\.self)
    var output = [Float](repeating: .nan, count: part.count * model.graph.outputShape.elementCount)
    var span = output.mutableSpan
    try executor.run(input.span, examples: part.count, into: &span)
    result += output
  }
  return result
}

@Suite struct ExecutorTests {
  static func examples(_ model: QuantizedModel, seed: UInt64, count: Int = 7) -> [[Float]] {
    (0..<count).map {
      RandomModel.numbers(model.graph.inputShape.elementCount, seed: seed &* 1000 + UInt64($0))
    }
  }

  @Test(arguments: RandomModel.Flavour.allCases)
  func `every path gives the reference's bits`(_ flavour: RandomModel.Flavour) throws {
    // The models with whole blocks are the larger ones.
    for seed in UInt64(1)...(flavour == .formats ? 20 : 40) {
      let model = try RandomModel.make(seed: seed, flavour)
      let examples = Self.examples(model, seed: seed)
      let reference = ReferenceInterpreter(model: model)
      let expected = examples.flatMap { reference.results(for: $0)[model.graph.output].reals }
      for set in InstructionSet.available {
        for threads in 1...3 {
          for batch in [1, 2, 7] {
            let found = try run(
              model, examples, batch: batch,
              options: ExecutionOptions(threads: threads, instructionSet: set))
            #expect(
              found.map(\.bitPattern) == expected.map(\.bitPattern),
              "seed \(seed), \(flavour), \(set), \(threads) threads, batch \(batch)")
          }
        }
      }
    }
  }

  @Test(arguments: RandomModel.Flavour.allCases)
  func `an observer sees every node's result`(_ flavour: RandomModel.Flavour) throws {
    for seed in UInt64(100)...130 {
      let model = try RandomModel.make(seed: seed, flavour)
      let examples = Self.examples(model, seed: seed, count: 2)
      let reference = ReferenceInterpreter(model: model)
      let expected = examples.map { reference.results(for: $0).map(\.reals) }
      var executor = try Executor(
        model, options: ExecutionOptions(maximumBatch: 3, threads: 2))
      var output = [Float](repeating: 0, count: 2 * model.graph.outputShape.elementCount)
      var span = output.mutableSpan
      let input = examples.flatMap(\.self)
      var seen: [[Int]] = []
      try executor.run(input.span, examples: 2, into: &span) {
        node, example, values in
        seen.append([node, example])
        let found = values.withUnsafeBufferPointer { $0.map(\.bitPattern) }
        #expect(
          found == expected[example][node].map(\.bitPattern),
          "seed \(seed), \(flavour), node \(model.graph.nodes[node])")
      }
      #expect(seen == model.graph.nodes.indices.flatMap { [[$0, 0], [$0, 1]] })
      #expect(output == expected.flatMap { $0[model.graph.output] }, "seed \(seed)")
    }
  }

  @Test func `fp32 results are those of double precision within rounding`() throws {
    for seed in UInt64(200)...260 {
      let model = try RandomModel.make(seed: seed, .float)
      let examples = Self.examples(model, seed: seed, count: 2)
      let found = try run(model, examples, batch: 2, options: ExecutionOptions())
      let expected = examples.flatMap { DoubleInterpreter(model: model).output(for: $0) }
      for (found, expected) in zip(found, expected) {
        #expect(abs(Double(found) - expected) <= 2e-5 * max(1, abs(expected)), "seed \(seed)")
      }
    }
  }

  @Test func `random models use every kernel`() throws {
    var kernels: Set<String> = []
    for flavour in RandomModel.Flavour.allCases {
      for seed in UInt64(1)...(flavour == .formats ? 120 : 40) {
        let executor = try Executor(RandomModel.make(seed: seed, flavour))
        kernels.formUnion(executor.plan.map(\.kernel))
      }
    }
    #expect(
      kernels.isSuperset(of: [
        "gemm_f32", "gemm_u8s8", "gemm_u8u4", "patches+gemm_f32", "patches+gemm_u8s8",
        "patches+gemm_u8u4", "convolution_f32", "convolution_u8s8", "depthwise_f32",
        "depthwise_u8s8", "add_f32", "add_u8", "clamp_f32",
        "clamp_u8", "max_pool_f32", "max_pool_u8", "average_pool_f32", "average_pool_u8",
        "lstm_cell_f32+gemm_f32", "gru_cell_f32+gemm_f32", "lstm_cell_f32+gemm_u8s8",
        "gru_cell_f32+gemm_u8s8", "gru_cell_f32+gemm_u8u4", "lstm_cell_f32+gemm_u8s8g",
        "multiply_f32", "multiply_u8", "apply_f32", "look_up_u8", "silu_f32",
        "quantize_u8", "dequantize_u8", "quantize_rows_u8", "softmax_f32", "gemm_u8s8g",
        "patches+gemm_u8s8g", "gemm_bf16", "patches+gemm_bf16", "gemm_u8_q4_0", "gemm_u8_q8_0",
        "gemm_u8_mxfp4", "gemm_u8_q4_k", "gemm_u8_q6_k", "patches+gemm_u8_q4_0",
        "patches+gemm_u8_q8_0", "patches+gemm_u8_mxfp4", "gemm_u8_nf4", "patches+gemm_u8_nf4",
      ]))
  }

  @Test func `the arena does not depend on threads or instruction set`() throws {
    let model = try RandomModel.make(seed: 3, .mixed)
    var sizes: Set<Int> = []
    for threads in 1...3 {
      for set in InstructionSet.available {
        let executor = try Executor(
          model, options: ExecutionOptions(threads: threads, instructionSet: set))
        #expect(executor.instructionSet == set)
        sizes.insert(executor.arenaBytes)
      }
    }
    #expect(sizes.count == 1)
  }

  @Test func `a graph that only renames its input copies it`() throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([2, 1, 2])), inputs: []),
      Node(id: 1, name: "flat", operation: .flatten, inputs: [0]),
    ])
    let model = QuantizedModel(
      graph: graph, weights: Weights(), arithmetic: [:], storage: [.float32, .float32])
    #expect(
      try run(model, [[1, 2, 3, 4], [5, 6, 7, 8]], batch: 2, options: ExecutionOptions())
        == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func `one example's range does not touch another's result`() throws {
    let model = try RandomModel.make(seed: 12, .dynamic)
    let examples = Self.examples(model, seed: 12, count: 2)
    let loud = examples[1].map { $0 * 1_000 }
    let options = ExecutionOptions()
    let count = model.graph.outputShape.elementCount
    #expect(
      try run(model, examples, batch: 2, options: options).prefix(count)
        == run(model, [examples[0], loud], batch: 2, options: options).prefix(count))
  }
}
