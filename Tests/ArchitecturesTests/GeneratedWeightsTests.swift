import Architectures
import Documents
import Graphs
import Testing

@Suite struct GeneratedWeightsTests {
  private static func graph(_ features: Int) throws -> Graph {
    try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([256])), inputs: []),
      Node(
        id: 1, name: "layer", operation: .linear(outFeatures: features, hasBias: true), inputs: [0]),
    ])
  }

  private static func values(_ weights: GeneratedWeights) throws -> [Float] {
    try #require(weights.weights(of: graph(400))["layer.weight"]).values
  }

  @Test func `weights have the stated mean and deviation, and are bf16`() throws {
    let values = try Self.values(GeneratedWeights(seed: 5, spread: 2))
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)
    // 102,400 values: a standard error is 0.3 % of the deviation.
    #expect(abs(mean) < 0.125 * 0.0125)
    #expect(abs(square.squareRoot() / 0.125 - 1) < 0.01)
    #expect(values.allSatisfy { $0.bitPattern & 0xFFFF == 0 })
    #expect(values.allSatisfy { abs($0) <= 0.125 * 3.5 })
    #expect(Set(values).count > 500)
  }

  @Test func `a share of the input channels is larger, in every row`() throws {
    let plain = try Self.values(GeneratedWeights(seed: 5))
    let heavy = try Self.values(
      GeneratedWeights(seed: 5, outlierShare: 0.1, outlierFactor: 16))
    let channels = (0..<256).filter { heavy[$0] == 16 * plain[$0] && plain[$0] != 0 }
    #expect((10...45).contains(channels.count))
    for index in plain.indices {
      #expect(heavy[index] == (channels.contains(index % 256) ? 16 : 1) * plain[index])
    }
  }

  @Test func `any part of a tensor is what the whole has there`() throws {
    let weights = GeneratedWeights(seed: 9, outlierShare: 0.2, outlierFactor: 4)
    let tensor = try #require(weights.weights(of: Self.graph(400))["layer.weight"])
    let whole = tensor.values
    for range in [0..<1, 255..<258, 1_000..<1_513, 102_399..<102_400] {
      #expect(tensor.read(range) == Array(whole[range]))
    }
    #expect(tensor.firstNonFinite == nil)
  }

  @Test func `seeds, names and shapes tell weights apart`() throws {
    let one = try Self.values(GeneratedWeights(seed: 1))
    #expect(one == (try Self.values(GeneratedWeights(seed: 1))))
    #expect(one != (try Self.values(GeneratedWeights(seed: 2))))
    let weights = GeneratedWeights().weights(of: try Self.graph(4))
    let identities = weights.tensors.values.compactMap { $0.source?.identity }
    #expect(Set(identities).count == 2)
  }

  @Test func `a tied parameter takes the other's values`() throws {
    var shape = TransformerShape(
      vocabulary: 50, width: 16, layers: 1, heads: 2, keyValueHeads: 1, feedForwardWidth: 24,
      context: 8)
    shape.isTied = true
    let graph = try shape.graph()
    let weights = GeneratedWeights().weights(of: graph, tied: ["head.weight": "embedding.weight"])
    #expect(
      weights["head.weight"]?.source?.identity == weights["embedding.weight"]?.source?.identity)
    try graph.validate(weights)
  }
}
