import Graphs
import Testing

@Suite struct ExpertTests {
  static func nodes(
    scores: Int = 8, chosen: Int = 2, ofLayer layer: (experts: Int, chosen: Int) = (8, 2),
    second: Int = 2
  ) -> [Node] {
    let up = ExpertLayer(
      experts: layer.experts, chosen: layer.chosen, outFeatures: 6, operand: .shared)
    let down = ExpertLayer(
      experts: layer.experts, chosen: layer.chosen, outFeatures: 4, operand: .own)
    return [
      Node(id: 0, name: "input", operation: .input(Shape([4])), inputs: []),
      Node(
        id: 1, name: "router", operation: .linear(outFeatures: scores, hasBias: false), inputs: [0]),
      Node(
        id: 2, name: "routing",
        operation: .routing(Routing(experts: 8, chosen: chosen, isNormalized: true)), inputs: [1]),
      Node(id: 3, name: "up", operation: .experts(up), inputs: [0, second]),
      Node(id: 4, name: "down", operation: .experts(down), inputs: [3, 2]),
      Node(id: 5, name: "sum", operation: .mixture(chosen: layer.chosen), inputs: [4, 2]),
    ]
  }

  @Test func `shapes, parameters and cost are those of the chosen experts`() throws {
    let graph = try Graph(Self.nodes())
    #expect(graph.shapes.map(\.elementCount) == [4, 8, 4, 12, 8, 4])
    let names = graph.parameters.map(\.name)
    #expect(names.count == 17 && names[1] == "up.0.weight" && names[16] == "down.7.weight")
    #expect(graph.parameters[16].shape == [4, 6])
    #expect(graph.parameterCount == 32 + 8 * 24 + 8 * 24)
    #expect(graph.activeParameterCount == 32 + 2 * 24 + 2 * 24)
    #expect(graph.cost.multiplyAccumulates == 32 + 2 * 24 + 2 * 24)
    #expect(graph.cost.parameterElements == graph.activeParameterCount)
    #expect(graph.nodes.map(graph.isRouter) == [false, true, false, false, false, false])
  }

  @Test func `a factor of a whole vector makes its layer a router`() throws {
    func graph(_ outputs: Int) throws(GraphError) -> Graph {
      try Graph([
        Node(id: 0, name: "input", operation: .input(Shape([4])), inputs: []),
        Node(
          id: 1, name: "a", operation: .linear(outFeatures: outputs, hasBias: false), inputs: [0]),
        Node(id: 2, name: "b", operation: .function(.sigmoid), inputs: [1]),
        Node(id: 3, name: "c", operation: .multiply, inputs: [0, 2]),
      ])
    }
    let scalar = try graph(1)
    #expect(scalar.nodes.map(scalar.isRouter) == [false, true, false, false])
    let vector = try graph(4)
    #expect(vector.nodes.map(vector.isRouter) == [false, false, false, false])
    #expect(throws: GraphError.self) { try graph(2) }
  }

  @Test func `routings that do not fit are named`() {
    func error(_ nodes: [Node]) -> String? {
      do throws(GraphError) {
        _ = try Graph(nodes)
        return nil
      } catch { return error.description }
    }
    #expect(error(Self.nodes()) == nil)
    #expect(
      error(Self.nodes(scores: 7))
        == "routing: expected a score for each of 8 experts, found 7")
    #expect(
      error(Self.nodes(chosen: 9))
        == "routing: expected 1 to 4096 experts and a choice of at least one and at most all of them, "
        + "found 9 of 8")
    let other = "expected the routing of"
    #expect(error(Self.nodes(chosen: 3))?.hasPrefix("up: \(other) 2 of 8 experts") == true)
    #expect(error(Self.nodes(ofLayer: (7, 2)))?.hasPrefix("up: \(other) 2 of 7 experts") == true)
    #expect(error(Self.nodes(second: 1))?.hasPrefix("up: \(other) 2 of 8 experts") == true)
  }
}
