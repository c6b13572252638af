import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

@Suite struct WeightQuantizationTests {
  static func dynamic(_ format: AffineFormat, _ grouping: Grouping) -> Scheme {
    Scheme(
      name: "s", weights: .affine(format, grouping), activations: .dynamic(symmetric: false))
  }

  static func residual(seed: UInt64) throws -> FloatModel {
    var random = SeededGenerator(seed: seed)
    let graph = try SampleGraphs.residual()
    return try FloatModel(
      graph: graph, weights: GraphBuilder.randomWeights(graph, using: &random))
  }

  static func matrix(_ model: QuantizedModel, _ node: String) throws -> QuantizedMatrix {
    let id = try #require(model.graph.nodes.first { $0.name == node }).id
    guard case .integer(let weight, _) = model.arithmetic[id] else {
      throw QuantizationError.unobserved(node: node)
    }
    return weight
  }

  @Test func `each weight is the row-major matrix of outputs by summation`() throws {
    let model = try Self.residual(seed: 31)
    let prepared = try model.prepared()
    for grouping in [
      Grouping(.tensor, symmetric: true), Grouping(.channel, symmetric: true),
      Grouping(.channel, symmetric: false),
    ] {
      for format in [AffineFormat.int8, .int4] {
        let result = try quantize(
          graph: model.graph, weights: model.weights, scheme: Self.dynamic(format, grouping))
        for node in ["conv1", "dw", "point", "head"] {
          let weight = try Self.matrix(result, node)
          let tensor = try #require(prepared.weights["\(node).weight"])
          #expect(result.weights["\(node).weight"] == nil)
          #expect(result.weights["\(node).bias"] == prepared.weights["\(node).bias"])
          #expect(
            [weight.rows, weight.columns] == [
              tensor.shape[node == "dw" ? 2 : 0], tensor.values.count / weight.rows,
            ])
          let decoded = weight.dequantized()
          for row in 0..<weight.rows {
            for column in 0..<weight.columns {
              let original =
                node == "dw"
                ? tensor.values[column * weight.rows + row]
                : tensor.values[row * weight.columns + column]
              let affine = weight.parameters[weight.parameterIndex(row: row, column: column)]
              let error = abs(decoded[row * weight.columns + column] - original)
              #expect(
                error <= format.errorBound(scale: affine.scale), "\(node) [\(row), \(column)]")
            }
          }
        }
      }
    }
  }

  @Test func `groups run along the summation and depthwise filters are one group each`() throws {
    let model = try Self.residual(seed: 32)
    let result = try quantize(
      graph: model.graph, weights: model.weights,
      scheme: Self.dynamic(.int4, Grouping(.group(16), symmetric: false)))
    let conv = try Self.matrix(result, "conv1")
    #expect(conv.granularity == .group(16))
    #expect(conv.columns == 18)
    #expect(conv.parameters.count == 8 * 2)
    let depthwise = try Self.matrix(result, "dw")
    #expect(depthwise.granularity == .channel)
    #expect([depthwise.rows, depthwise.columns] == [8, 9])
  }

  @Test func `the model's bytes count codes, scales, zero points and fp32 biases`() throws {
    var random = SeededGenerator(seed: 33)
    let graph = try SampleGraphs.perceptron()
    let weights = GraphBuilder.randomWeights(graph, using: &random)
    let result = try quantize(
      graph: graph, weights: weights,
      scheme: Self.dynamic(.int4, Grouping(.group(8), symmetric: true)))
    // hidden: 12 rows of 20 codes in 3 groups; head: 3 rows of 12 codes in 2 groups.
    let codes = 12 * 10 + 3 * 6
    let scales = 4 * (12 * 3 + 3 * 2)
    #expect(result.modelBytes == codes + scales + 4 * (12 + 3))
  }

  @Test func `a sum that could leave 32 bits is refused`() throws {
    func attempt(_ inputs: Int, symmetric: Bool) throws -> QuantizedModel {
      var builder = GraphBuilder([inputs])
      builder.add("fc", .linear(outFeatures: 1, hasBias: false), 0)
      return try quantize(
        graph: Graph(builder.nodes),
        weights: Weights(["fc.weight": Tensor(shape: [1, inputs], repeating: 1)]),
        scheme: Self.dynamic(.int8, Grouping(.channel, symmetric: symmetric)))
    }
    // 255 · 255 · 33,025 < 2³¹; symmetric codes need half as much room.
    #expect(throws: Never.self) { try attempt(33_025, symmetric: false) }
    #expect(throws: Never.self) { try attempt(33_026, symmetric: true) }
    #expect(throws: QuantizationError.summationTooLong(node: "fc", limit: 33_025, found: 33_026)) {
      try attempt(33_026, symmetric: false)
    }
    #expect(throws: QuantizationError.summationTooLong(node: "fc", limit: 65_535, found: 65_536)) {
      try attempt(65_536, symmetric: true)
    }
  }
}
