import Graphs
import Quantization
import TestSupport
import Testing

@Suite struct ActivationFusionTests {
  @Test func `clamps move into layers and sums and nothing else changes`() throws {
    let seed: UInt64 = 15
    var random = SeededGenerator(seed: seed)
    let graph = try SampleGraphs.residual()
    let model = try FloatModel(
      graph: graph, weights: GraphBuilder.randomWeights(graph, using: &random))
    let prepared = try model.prepared()
    #expect(
      prepared.graph.nodes.map { "\($0.name) \($0.fusedActivation?.rawValue ?? "-")" } == [
        "input -", "conv1 relu", "dw relu6", "point -", "sum relu", "pool -", "mean -", "head -",
        "probabilities -",
      ])
    #expect(prepared.graph.nodes[4].inputs == [1, 3])
    let difference = BatchNormFoldingTests.difference(model, prepared, using: &random)
    #expect(difference < 1e-5, "seed \(seed)")
  }

  @Test func `a clamp stays where its operand has another reader`() throws {
    var builder = GraphBuilder([4])
    let layer = builder.add("fc", .linear(outFeatures: 4, hasBias: false), 0)
    let relu = builder.add("relu", .activation(.relu), layer)
    builder.add("sum", .add, layer, relu)
    let graph = try Graph(builder.nodes)
    #expect(try graph.fusingActivations() == graph)
  }

  @Test func `a clamp stays after the input, a pooling or another clamp`() throws {
    var builder = GraphBuilder([2, 2, 1])
    let first = builder.add("first", .activation(.relu), 0)
    let pool = builder.add("pool", .maxPooling(Window(height: 1, width: 1)), first)
    builder.add("second", .activation(.relu), pool)
    let graph = try Graph(builder.nodes)
    #expect(try graph.fusingActivations() == graph)

    var clamps = GraphBuilder([4])
    let layer = clamps.add("fc", .linear(outFeatures: 4, hasBias: false), 0)
    let relu = clamps.add("relu", .activation(.relu), layer)
    clamps.add("relu6", .activation(.relu6), relu)
    let fused = try Graph(clamps.nodes).fusingActivations()
    #expect(fused.nodes.map(\.name) == ["input", "fc", "relu6"])
    #expect(fused.nodes[1].fusedActivation == .relu)
    #expect(try fused.fusingActivations() == fused)
  }
}
