import Architectures
import Graphs
import Testing
import Training

@Suite struct InitialisationTests {
  @Test func `weights have He's variance and the rest starts neutral`() throws {
    let graph = try TestGraphs.chain(
      [8, 8, 16],
      [
        TestGraphs.convolution(64, 3), .batchNormalization(epsilon: 1e-5), .globalAveragePooling,
        TestGraphs.head(10),
      ])
    let weights = Initialisation.weights(graph, seed: 1)
    try graph.validate(weights)
    let values = try #require(weights["n1.weight"]?.values)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    #expect(abs(variance * 144 / 2 - 1) < 0.1)
    #expect(weights["n2.scale"]?.values == Array(repeating: 1, count: 64))
    #expect(weights["n2.variance"]?.values == Array(repeating: 1, count: 64))
    #expect(weights["n2.mean"]?.values == Array(repeating: 0, count: 64))
    #expect(weights["n4.bias"]?.values == Array(repeating: 0, count: 10))
    #expect(weights != Initialisation.weights(graph, seed: 2))
  }

  @Test func `weights of a transformer have variance 1 over the products summed`() throws {
    var shape = SequenceGraphs.encoderShape()
    shape.width = 64
    shape.headSize = 16
    shape.vocabulary = 100
    let graph = try shape.graph()
    let weights = Initialisation.weights(graph, seed: 1)
    try graph.validate(weights)
    func variance(_ name: String) throws -> Float {
      let values = try #require(weights[name]?.values)
      return values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    }
    #expect(abs(try variance("layers.0.query.weight") * 64 - 1) < 0.1)
    #expect(abs(try variance("embedding.weight") / 0.0004 - 1) < 0.1)
    #expect(abs(try variance("positions.weight") / 0.0004 - 1) < 0.15)
    #expect(weights["embedding_norm.weight"]?.values == Array(repeating: 1, count: 64))
    #expect(weights["embedding_norm.bias"]?.values == Array(repeating: 0, count: 64))
  }
}
