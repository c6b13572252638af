import Execution
import Foundation
import Graphs
import NumberFormats
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct ProgramTests {
  /// An fp32 model of nodes without parameters.
  private static func model(_ nodes: [Node]) throws -> QuantizedModel {
    QuantizedModel(
      graph: try Graph(nodes), weights: Weights(), arithmetic: [:],
      storage: Array(repeating: .float32, count: nodes.count))
  }

  /// A 3 × 3 convolution whose patches need more than one buffer, in fp32 or int8.
  private static func tallConvolution(isInteger: Bool) throws -> QuantizedModel {
    let image = Shape([20, 20, 64])
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(image), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: 3, window: Window(height: 3, width: 3, padding: 1), hasBias: false),
        inputs: [0]),
    ])
    let values = RandomModel.numbers(3 * 576, seed: 5)
    let weight = QuantizedMatrix(
      rows: 3, columns: 576, bits: 8, granularity: .tensor, codes: values.map { Int8($0 * 60) },
      parameters: [AffineParameters(scale: 0.01, zeroPoint: 3)])
    return QuantizedModel(
      graph: graph,
      weights: isInteger
        ? Weights() : Weights(["conv.weight": Tensor(shape: [3, 3, 3, 64], values: values)]),
      arithmetic: [1: isInteger ? .integer(weight: weight, dynamic: .asymmetric) : .float32],
      storage: [.float32, .float32])
  }

  @Test(arguments: [false, true])
  func `patches of a tall image are gathered in parts`(_ isInteger: Bool) throws {
    let model = try Self.tallConvolution(isInteger: isInteger)
    let executor = try Executor(model)
    let whole = 20 * 20 * 576 * (isInteger ? 1 : 4)
    #expect(isInteger || executor.arenaBytes < whole)
    let examples = ExecutorTests.examples(model, seed: 9, count: 2)
    let reference = ReferenceInterpreter(model: model)
    let expected = examples.flatMap { reference.results(for: $0)[1].reals.map(\.bitPattern) }
    for threads in [1, 2, 3, 12] {
      let found = try run(
        model, examples, batch: 2, options: ExecutionOptions(threads: threads))
      #expect(found.map(\.bitPattern) == expected, "\(threads) threads")
    }
  }

  @Test(arguments: [
    (8, 32, 0, "convolution_u8s8", "convolution_f32"),
    (9, 32, 0, "patches+gemm_u8s8", "patches+gemm_f32"),
    (1, 33, 0, "patches+gemm_u8s8", "patches+gemm_f32"),
    (16, 16, 0, "convolution_u8s8", "convolution_f32"),
    (17, 16, 0, "patches+gemm_u8s8", "patches+gemm_f32"),
    (8, 16, 1, "convolution_u8s8", "convolution_f32"),
    (9, 16, 1, "patches+gemm_u8s8", "convolution_f32"),
    (8, 17, 1, "patches+gemm_u8s8", "convolution_f32"),
  ])
  func `few channels to few outputs are convolved without patches`(
    _ channels: Int, _ outputs: Int, _ zeroPoint: Int32, _ integer: String, _ float: String
  ) throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([9, 7, channels])), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: outputs, window: Window(height: 3, width: 2, stride: 2, padding: 1),
          hasBias: false), inputs: [0]),
    ])
    let length = 6 * channels
    let values = RandomModel.numbers(outputs * length, seed: 6)
    let weight = QuantizedMatrix(
      rows: outputs, columns: length, bits: 8, granularity: .tensor,
      codes: values.map { Int8($0 * 60) },
      parameters: [AffineParameters(scale: 0.01, zeroPoint: zeroPoint)])
    for (arithmetic, kernel) in [
      (NodeArithmetic.integer(weight: weight, dynamic: .asymmetric), integer), (.float32, float),
    ] {
      let tensor = Tensor(shape: [outputs, 3, 2, channels], values: values)
      let model = QuantizedModel(
        graph: graph,
        weights: arithmetic == .float32 ? Weights(["conv.weight": tensor]) : Weights(),
        arithmetic: [1: arithmetic], storage: [.float32, .float32])
      #expect(try Executor(model).plan.last?.kernel == kernel)
      let examples = ExecutorTests.examples(model, seed: 10, count: 3)
      let reference = ReferenceInterpreter(model: model)
      let expected = examples.flatMap { reference.results(for: $0)[1].reals.map(\.bitPattern) }
      for set in InstructionSet.available {
        for threads in 1...3 {
          let found = try run(
            model, examples, batch: 2,
            options: ExecutionOptions(threads: threads, instructionSet: set))
          #expect(found.map(\.bitPattern) == expected, "\(set), \(threads) threads")
        }
      }
    }
  }

  @Test func `an observer sees a result that no later step reads`() throws {
    let model = try Self.model([
      Node(id: 0, name: "input", operation: .input(Shape([1, 1, 2])), inputs: []),
      Node(id: 1, name: "a", operation: .activation(.relu), inputs: [0]),
      Node(id: 2, name: "b", operation: .add, inputs: [1, 1]),
      Node(id: 3, name: "c", operation: .add, inputs: [2, 2]),
      Node(id: 4, name: "unread", operation: .flatten, inputs: [1]),
      Node(id: 5, name: "pool", operation: .globalAveragePooling, inputs: [3]),
    ])
    var executor = try Executor(model)
    var output: [Float] = [0, 0]
    var span = output.mutableSpan
    let input: [Float] = [1, 2]
    var seen: [[Float]] = []
    try executor.run(input.span, examples: 1, into: &span) { _, _, values in
      seen.append(values.withUnsafeBufferPointer(Array.init))
    }
    #expect(seen == [[1, 2], [1, 2], [2, 4], [4, 8], [1, 2], [4, 8]])
  }

  @Test func `values that are not live together share the arena`() throws {
    let shape = Shape([64, 64, 4])
    let chain = (1...8).map {
      Node(id: $0, name: "r\($0)", operation: .activation(.relu), inputs: [$0 - 1])
    }
    let executor = try Executor(
      Self.model([Node(id: 0, name: "input", operation: .input(shape), inputs: [])] + chain))
    #expect(executor.arenaBytes == 2 * 4 * shape.elementCount)
    #expect(executor.packedWeightBytes == 0)
  }

  @Test func `the plan names kernels, shapes and bytes`() throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([32])), inputs: []),
      Node(id: 1, name: "fc", operation: .linear(outFeatures: 16, hasBias: false), inputs: [0]),
      Node(id: 2, name: "p", operation: .softmax, inputs: [1]),
    ])
    let executor = try Executor(
      QuantizedModel(
        graph: graph, weights: Weights(["fc.weight": Tensor(shape: [16, 32], repeating: 1)]),
        arithmetic: [1: .float32], storage: [.float32, .float32, .float32]))
    #expect(
      executor.plan.map(\.description) == [
        "fc: gemm_f32 16, 64 B written, 2048 B of weights", "p: softmax_f32 16, 64 B written",
      ])
    #expect(executor.packedWeightBytes == 2048)
  }

  @Test func `a team that fell asleep wakes up`() throws {
    let model = try RandomModel.make(seed: 7, .mixed)
    let input = RandomModel.numbers(model.graph.inputShape.elementCount, seed: 7)
    let expected = ReferenceInterpreter(model: model).results(for: input)[model.graph.output].reals
    var executor = try Executor(model, options: ExecutionOptions(threads: 3))
    var output = [Float](repeating: 0, count: expected.count)
    for _ in 0..<5 {
      usleep(5_000)
      var span = output.mutableSpan
      try executor.run(input.span, examples: 1, into: &span)
      #expect(output == expected)
    }
  }

  /// The last core this process may use, as the system lists it, and how many threads are pinned to
  /// it alone.
  private static func pinned() throws -> (core: Int, threads: Int) {
    func allowed(_ task: String) -> String {
      let status = try? String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8)
      let line = status?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
      return String(line?.drop { !$0.isNumber } ?? "")
    }
    let core = try #require(Int(allowed("\(getpid())").split { !$0.isNumber }.last ?? ""))
    let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
    return (core, tasks.filter { allowed($0) == "\(core)" }.count)
  }

  /// Whether so many threads are pinned, now or within a second: a joined thread stays listed for a
  /// moment.
  private static func become(pinned count: Int) throws -> Bool {
    for _ in 0..<1_000 {
      if try pinned().threads == count { return true }
      usleep(1_000)
    }
    return false
  }

  @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "needs two cores"))
  func `threads are pinned, and end with their executor or the error`() throws {
    let model = try RandomModel.make(seed: 8, .float)
    let before = try Self.pinned()
    let cores = Array(repeating: before.core, count: 4)
    do {
      let executor = try Executor(model, options: ExecutionOptions(threads: 4, cores: cores))
      #expect(executor.threads == 4)
      #expect(try Self.become(pinned: before.threads + 3))
    }
    #expect(try Self.become(pinned: before.threads))
    #expect(throws: ExecutionError.core(5_000, code: 22)) {
      _ = try Executor(model, options: ExecutionOptions(threads: 5, cores: cores + [5_000]))
    }
    #expect(try Self.become(pinned: before.threads))
  }
}
