import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

@Suite struct BatchNormFoldingTests {
  /// The largest difference of the outputs of two models, relative to the larger magnitude.
  static func difference(
    _ model: FloatModel, _ other: FloatModel, using random: inout SeededGenerator
  ) -> Double {
    var worst = 0.0
    for _ in 0..<5 {
      let input = SampleGraphs.input(model.graph, using: &random)
      let first = ReferenceInterpreter(graph: model.graph, weights: model.weights)
        .results(input)[model.graph.output]
      let second = ReferenceInterpreter(graph: other.graph, weights: other.weights)
        .results(input)[other.graph.output]
      guard first.count == second.count else { return .infinity }
      for (one, two) in zip(first, second) {
        worst = max(worst, abs(one - two) / max(1, abs(one)))
      }
    }
    return worst
  }

  static func model(
    _ graph: Graph, using random: inout SeededGenerator
  ) throws -> FloatModel {
    try FloatModel(graph: graph, weights: GraphBuilder.randomWeights(graph, using: &random))
  }

  @Test func `a folded residual graph computes the same without batch norms`() throws {
    let seed: UInt64 = 5
    var random = SeededGenerator(seed: seed)
    let model = try Self.model(SampleGraphs.residual(), using: &random)
    let folded = try model.foldingBatchNormalization()
    #expect(
      folded.graph.nodes.map(\.name) == [
        "input", "conv1", "relu1", "dw", "relu2", "point", "sum", "relu3", "pool", "mean", "head",
        "probabilities",
      ])
    #expect(folded.weights["conv1.bias"]?.shape == [8])
    #expect(folded.weights["norm1.scale"] == nil)
    #expect(Self.difference(model, folded, using: &random) < 1e-5, "seed \(seed)")
  }

  @Test func `factors and offsets are computed in the documented order`() throws {
    var builder = GraphBuilder([2])
    let layer = builder.add("fc", .linear(outFeatures: 1, hasBias: true), 0)
    builder.add("norm", .batchNormalization(epsilon: 0.25), layer)
    let model = try FloatModel(
      graph: Graph(builder.nodes),
      weights: Weights([
        "fc.weight": Tensor(shape: [1, 2], values: [3, -5]),
        "fc.bias": Tensor(shape: [1], values: [0.7]),
        "norm.scale": Tensor(shape: [1], values: [0.3]),
        "norm.shift": Tensor(shape: [1], values: [0.11]),
        "norm.mean": Tensor(shape: [1], values: [0.2]),
        "norm.variance": Tensor(shape: [1], values: [2]),
      ]))
    let folded = try model.foldingBatchNormalization()
    let factor = Float(0.3) / Float(2.25).squareRoot()
    #expect(folded.weights["fc.weight"]?.values == [3 * factor, -5 * factor])
    #expect(
      folded.weights["fc.bias"]?.values == [Float(0.11).addingProduct(Float(0.7) - 0.2, factor)])
  }

  /// A weight of codes, such as a checkpoint stores.
  private struct Codes: TensorSource {
    let matrix: QuantizedMatrix
    var elementCount: Int { matrix.codes.count }
    var integers: StoredIntegers? { StoredIntegers(weight: matrix) }

    func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
      for (place, index) in range.enumerated() {
        values[place] = Float(matrix.codes[index]) * matrix.parameters[0].scale
      }
    }
  }

  @Test func `a batch norm leaves the codes of a stored weight alone`() throws {
    var builder = GraphBuilder([2])
    let layer = builder.add("fc", .linear(outFeatures: 2, hasBias: false), 0)
    builder.add("norm", .batchNormalization(epsilon: 0.25), layer)
    let matrix = QuantizedMatrix(
      rows: 2, columns: 2, bits: 8, granularity: .tensor, codes: [3, -5, 7, 2],
      parameters: [AffineParameters(scale: 0.5, zeroPoint: 0)])
    let stored = Tensor(shape: [2, 2], source: Codes(matrix: matrix))
    let model = try FloatModel(
      graph: Graph(builder.nodes),
      weights: Weights([
        "fc.weight": stored, "norm.scale": Tensor(shape: [2], values: [0.3, 2]),
        "norm.shift": Tensor(shape: [2], values: [0.11, -1]),
        "norm.mean": Tensor(shape: [2], values: [0.2, 0]),
        "norm.variance": Tensor(shape: [2], values: [2, 1]),
      ]))
    let folded = try model.foldingBatchNormalization()
    #expect(folded.graph.nodes.map(\.name) == ["input", "fc", "norm"])
    #expect(folded.weights["fc.weight"]?.source?.integers?.weight == matrix)
    var random = SeededGenerator(seed: 9)
    #expect(Self.difference(model, folded, using: &random) < 1e-5)
  }

  @Test func `a batch norm whose layer has another reader becomes a depthwise convolution`() throws
  {
    let seed: UInt64 = 6
    var random = SeededGenerator(seed: seed)
    var builder = GraphBuilder([4, 4, 3])
    let conv = builder.add(
      "conv",
      .convolution(outChannels: 5, window: Window(height: 3, width: 3), hasBias: true), 0)
    let norm = builder.add("norm", .batchNormalization(epsilon: 1e-5), conv)
    builder.add("sum", .add, norm, conv)
    let model = try Self.model(Graph(builder.nodes), using: &random)
    let folded = try model.foldingBatchNormalization()
    #expect(
      folded.graph.nodes[2].operation
        == .depthwiseConvolution(window: Window(height: 1, width: 1), hasBias: true))
    #expect(folded.graph.nodes[2].name == "norm")
    #expect(Self.difference(model, folded, using: &random) < 1e-5, "seed \(seed)")
  }

  @Test func `a batch norm of the input becomes a layer of its own`() throws {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    for shape in [[3, 3, 4], [7]] {
      var builder = GraphBuilder(shape)
      builder.add("norm", .batchNormalization(epsilon: 1e-5), 0)
      let model = try Self.model(Graph(builder.nodes), using: &random)
      let folded = try model.foldingBatchNormalization()
      #expect(folded.graph.nodes[1].operation.hasWeight)
      #expect(Self.difference(model, folded, using: &random) < 1e-5, "seed \(seed), \(shape)")
    }
  }

  @Test func `a batch norm after a clamp is not folded into the layer before it`() throws {
    let seed: UInt64 = 8
    var random = SeededGenerator(seed: seed)
    let nodes = [
      Node(id: 0, name: "input", operation: .input(Shape([4])), inputs: []),
      Node(
        id: 1, name: "fc", operation: .linear(outFeatures: 3, hasBias: false), inputs: [0],
        fusedActivation: .relu),
      Node(id: 2, name: "norm", operation: .batchNormalization(epsilon: 1e-5), inputs: [1]),
    ]
    let model = try Self.model(Graph(nodes), using: &random)
    let folded = try model.foldingBatchNormalization()
    #expect(folded.graph.nodes.map(\.name) == ["input", "fc", "norm"])
    #expect(Self.difference(model, folded, using: &random) < 1e-5, "seed \(seed)")
  }

  @Test func `the last node stays the output when its layer was computed earlier`() throws {
    let seed: UInt64 = 9
    var random = SeededGenerator(seed: seed)
    var builder = GraphBuilder([4])
    let layer = builder.add("fc", .linear(outFeatures: 3, hasBias: false), 0)
    builder.add("unread", .activation(.relu), 0)
    builder.add("norm", .batchNormalization(epsilon: 1e-5), layer)
    let model = try Self.model(Graph(builder.nodes), using: &random)
    let folded = try model.foldingBatchNormalization()
    #expect(folded.graph.nodes.last?.name == "fc")
    #expect(Self.difference(model, folded, using: &random) < 1e-5, "seed \(seed)")
  }

  static func normalized(
    features: Int = 2, scale: Float = 1, variance: Float = 1, epsilon: Float = 0
  ) throws -> FloatModel {
    var builder = GraphBuilder([features])
    builder.add("norm", .batchNormalization(epsilon: epsilon), 0)
    let one = Tensor(shape: [features], repeating: 1)
    return try FloatModel(
      graph: Graph(builder.nodes),
      weights: Weights([
        "norm.scale": Tensor(shape: [features], repeating: scale), "norm.shift": one,
        "norm.mean": one, "norm.variance": Tensor(shape: [features], repeating: variance),
      ]))
  }

  @Test func `what cannot be folded is an error that names the place`() throws {
    let negative = try Self.normalized(variance: -1, epsilon: 0.5)
    #expect(throws: QuantizationError.variance(node: "norm", channel: 0, found: -0.5)) {
      try negative.foldingBatchNormalization()
    }
    let huge = try Self.normalized(scale: 1e30, variance: 1e-30)
    let error = #expect(throws: QuantizationError.self) {
      try huge.foldingBatchNormalization()
    }
    #expect(
      error?.description
        == "norm.weight[0]: folding the batch normalization gives inf, expected a finite number")
    let wide = try Self.normalized(features: 4097)
    #expect(throws: QuantizationError.normalizationTooWide(node: "norm", limit: 4096, found: 4097))
    {
      try wide.foldingBatchNormalization()
    }
  }

  @Test func `weights that do not fit the graph are refused`() throws {
    let graph = try SampleGraphs.perceptron()
    #expect(
      throws: QuantizationError.graph(.parameterMissing(name: "hidden.weight", shape: [12, 20]))
    ) {
      try FloatModel(graph: graph, weights: Weights())
    }
  }
}
