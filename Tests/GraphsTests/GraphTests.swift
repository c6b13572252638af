import Graphs
import Testing

@Suite struct GraphTests {
  static func classifier() throws(GraphError) -> Graph {
    try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([8, 6, 3])), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: 4, window: Window(height: 3, width: 3, stride: 2, padding: 1),
          hasBias: false), inputs: [0]),
      Node(id: 2, name: "norm", operation: .batchNormalization(epsilon: 1e-5), inputs: [1]),
      Node(id: 3, name: "relu", operation: .activation(.relu), inputs: [2]),
      Node(
        id: 4, name: "dw",
        operation: .depthwiseConvolution(
          window: Window(height: 3, width: 3, padding: 1), hasBias: true), inputs: [3]),
      Node(id: 5, name: "sum", operation: .add, inputs: [3, 4]),
      Node(id: 6, name: "pool", operation: .globalAveragePooling, inputs: [5]),
      Node(id: 7, name: "head", operation: .linear(outFeatures: 10, hasBias: true), inputs: [6]),
    ])
  }

  @Test func `shapes follow the windows`() throws {
    let graph = try Self.classifier()
    #expect(graph.shapes[1] == Shape([4, 3, 4]))
    #expect(graph.shapes[5] == Shape([4, 3, 4]))
    #expect(graph.outputShape == Shape([10]))
    #expect(graph.consumers[3] == [4, 5])
  }

  @Test func `cost counts every multiplication`() throws {
    let graph = try Self.classifier()
    // 12 positions × 4 channels × 27 taps; batch norm 48; depthwise 48 × 9; head 10 × 4.
    #expect(graph.cost.multiplyAccumulates == 12 * 4 * 27 + 48 + 48 * 9 + 40)
    #expect(graph.parameterCount == 4 * 27 + 4 * 4 + (9 * 4 + 4) + (40 + 10))
  }

  @Test func `parameters carry names and shapes`() throws {
    let graph = try Self.classifier()
    #expect(
      graph.parameters.map(\.name) == [
        "conv.weight", "norm.scale", "norm.shift", "norm.mean", "norm.variance", "dw.weight",
        "dw.bias", "head.weight", "head.bias",
      ])
    #expect(graph.parameters[0].shape == [4, 3, 3, 3])
    #expect(graph.nodes.map(graph.summationLength(of:)) == [0, 27, 0, 0, 9, 0, 0, 4])
  }

  @Test func `a wrong graph names the node`() {
    let input = Node(id: 0, name: "input", operation: .input(Shape([4])), inputs: [])
    func error(_ nodes: [Node]) -> GraphError? {
      do {
        _ = try Graph(nodes)
        return nil
      } catch { return error }
    }
    #expect(error([]) == .missingInput)
    #expect(
      error([input, Node(id: 1, name: "x", operation: .add, inputs: [0])])
        == .operandCount(node: "x", expected: 2, found: 1))
    #expect(
      error([input, Node(id: 1, name: "x", operation: .softmax, inputs: [1])])
        == .operandNotBefore(node: "x", operand: 1))
    #expect(
      error([input, Node(id: 1, name: "input", operation: .softmax, inputs: [0])])
        == .duplicateName("input"))
    #expect(
      error([input, Node(id: 1, name: "p", operation: .globalAveragePooling, inputs: [0])])
        == .operandShape(node: "p", expected: "an image height×width×channels", found: Shape([4])))
    let huge = Node(
      id: 0, name: "input", operation: .input(Shape([1 << 20, 1 << 20, 1 << 40])), inputs: [])
    #expect(error([huge]) == .tooLarge(node: "input"))
    let image = Node(id: 0, name: "input", operation: .input(Shape([4, 4, 1])), inputs: [])
    let window = Window(height: 9, width: 9)
    #expect(
      error([image, Node(id: 1, name: "c", operation: .maxPooling(window), inputs: [0])])
        == .emptyResult(node: "c", operand: Shape([4, 4, 1])))
  }

  @Test func `weights must fit exactly and be finite`() throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([2])), inputs: []),
      Node(id: 1, name: "fc", operation: .linear(outFeatures: 1, hasBias: false), inputs: [0]),
    ])
    func error(_ tensors: [String: Tensor]) -> GraphError? {
      do {
        try graph.validate(Weights(tensors))
        return nil
      } catch { return error }
    }
    let good = Tensor(shape: [1, 2], values: [1, 2])
    #expect(error(["fc.weight": good]) == nil)
    #expect(error([:]) == .parameterMissing(name: "fc.weight", shape: [1, 2]))
    #expect(
      error(["fc.weight": Tensor(shape: [2], values: [1, 2])])
        == .parameterShape(name: "fc.weight", expected: [1, 2], found: [2]))
    #expect(
      error(["fc.weight": Tensor(shape: [1, 2], values: [1, .infinity])])
        == .parameterNotFinite(name: "fc.weight", index: 1, value: .infinity))
    #expect(
      error(["fc.weight": good, "fc.wieght": good])
        == .parameterUnknown(name: "fc.wieght", nearest: "fc.weight"))
    #expect(error([:])?.node == "fc")
    #expect(GraphError.missingInput.node == nil)
    #expect(GraphError.tooLarge(node: "conv").node == "conv")
  }

  @Test func `a product takes equal operands, or one factor per channel`() throws {
    let image = Node(id: 0, name: "input", operation: .input(Shape([4, 3, 2])), inputs: [])
    let mean = Node(id: 1, name: "mean", operation: .globalAveragePooling, inputs: [0])
    func product(_ inputs: [Int]) -> Node {
      Node(id: 2, name: "x", operation: .multiply, inputs: inputs)
    }
    #expect(try Graph([image, mean, product([0, 1])]).outputShape == Shape([4, 3, 2]))
    #expect(try Graph([image, mean, product([1, 1])]).outputShape == Shape([2]))
    let error = #expect(throws: GraphError.self) { try Graph([image, mean, product([1, 0])]) }
    #expect(error == .unequalOperands(node: "x", Shape([2]), Shape([4, 3, 2])))
  }

  @Test func `windows reach over margins and dilation`() {
    let window = Window(
      height: 3, width: 2, strides: Spacing(rows: 2, columns: 1),
      margins: Margins(top: 2, left: 0, bottom: 1, right: 3),
      dilations: Spacing(rows: 2, columns: 4))
    #expect((window.reachedRows, window.reachedColumns) == (5, 5))
    #expect(window.outputHeight(7) == 3)
    #expect(window.outputWidth(7) == 6)
    #expect(window.outputHeight(1) == 0)
  }

  @Test func `a transposed convolution undoes the shape of a convolution`() throws {
    let window = Window(height: 3, width: 3, stride: 2, padding: 1)
    for side in [5, 6] {
      let graph = try Graph([
        Node(id: 0, name: "input", operation: .input(Shape([side, side, 1])), inputs: []),
        Node(
          id: 1, name: "down",
          operation: .convolution(outChannels: 4, window: window, hasBias: false), inputs: [0]),
        Node(
          id: 2, name: "up",
          operation: .transposedConvolution(
            outChannels: 2, window: window, extra: Spacing(1 - side % 2), hasBias: false),
          inputs: [1]),
      ])
      #expect(graph.outputShape == Shape([side, side, 2]))
      #expect(graph.parameters(of: graph.nodes[2])[0].shape == [2, 3, 3, 4])
      #expect(graph.cost(of: graph.nodes[2]).multiplyAccumulates == 3 * 3 * 4 * 9 * 2)
    }
  }
}
