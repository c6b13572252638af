import Architectures
import Checkpoints
import Testing

/// What a graph asks for and cannot get is said with the operator's name.
struct ONNXImportErrorTests {
  private func message(_ graph: ONNXGraph, _ change: (inout ImportChoices) -> Void = { _ in })
    -> String
  {
    var choices = ImportChoices()
    change(&choices)
    do throws(CheckpointError) {
      _ = try ImportedGraph(graph, file: "x.onnx", choices: choices)
      return "imported"
    } catch {
      return error.description
    }
  }

  private func node(
    _ operation: String, _ inputs: [String], attributes: [String: ONNXAttribute] = [:]
  ) -> ONNXGraph {
    .sample(
      [
        ONNXNode(
          name: "n", operation: operation, inputs: inputs, outputs: ["y"], attributes: attributes)
      ],
      constants: [
        ONNXTensor(name: "w", shape: [2, 3, 3, 3], values: Array(repeating: 1, count: 54)),
        ONNXTensor(name: "pair", shape: [2], integers: [7, -1]),
        ONNXTensor(name: "huge", shape: [3], integers: [1 << 31, 1 << 31, 4]),
        ONNXTensor(name: "none", shape: [0], values: []),
      ], input: [1, 2, 4, 4])
  }

  @Test func `all operators that are not supported are listed at once`() {
    let graph = ONNXGraph.sample(
      [
        ONNXNode(name: "a", operation: "Det", inputs: ["x"], outputs: ["d"]),
        ONNXNode(name: "b", operation: "NonZero", inputs: ["d"], outputs: ["e"]),
        ONNXNode(name: "c", operation: "Det", inputs: ["e"], outputs: ["y"]),
      ], input: [1, 2, 2])
    #expect(
      message(graph)
        == "x.onnx: the graph: expected operators that are supported, found Det ('a' and 1 more), "
        + "NonZero ('b')")
  }

  @Test(arguments: [
    ("Conv", ["x", "w"], "expected weights and a bias for 2 channels in 1 groups, found 2×3×3×3"),
    (
      "Conv", ["x", "x"],
      "expected weights known before it runs, found the result of another operator"
    ),
    ("Conv", ["x"], "expected weights, found none"),
    ("Reshape", ["x", "pair"], "expected 32 elements in all, found 7×-1"),
    (
      "Reshape", ["x", "huge"],
      "expected extents of at most 2147483647, found 2147483648×2147483648×4"
    ),
    ("Expand", ["x", "huge"], "expected extents that suit 1×2×4×4, found 2147483648×2147483648×4"),
    ("Gather", ["x", "pair"], "expected indices of -1…0, found [7, -1]"),
    ("MatMul", ["x"], "expected an operand 2, found 1"),
    ("Squeeze", ["x", "pair"], "expected an axis of -4…3, found 7"),
    ("CumSum", ["x", "none"], "expected an axis, found none"),
  ])
  func `an operator that cannot be imported is named`(
    operation: String, inputs: [String], expected: String
  ) {
    #expect(
      message(node(operation, inputs)) == "x.onnx: node 'n' (\(operation)): \(expected)")
  }

  @Test func `settings of another type and unknown words are refused`() {
    #expect(
      message(node("Flatten", ["x"], attributes: ["axis": .text("one")]))
        == "x.onnx: node 'n' (Flatten): expected a whole number 'axis', found another type")
    #expect(
      message(node("Pad", ["x", "pair"])).contains("expected two numbers for each of 4 axes"))
    #expect(
      message(node("MaxPool", ["x"], attributes: ["kernel_shape": .integers([2])]))
        .contains("expected a kernel of 2 sides"))
    #expect(
      message(node("MaxPool", ["x"], attributes: ["kernel_shape": .integers([9, 9])]))
        .contains("does not fit"))
  }

  @Test func `a small file cannot ask for much memory`() {
    let graph = ONNXGraph.sample(
      [
        ONNXNode(
          name: "n", operation: "ConstantOfShape", inputs: ["e"], outputs: ["c"]),
        ONNXNode(name: "p", operation: "Tile", inputs: ["x", "r"], outputs: ["t"]),
        ONNXNode(name: "m", operation: "Add", inputs: ["c", "t"], outputs: ["y"]),
      ],
      constants: [
        ONNXTensor(name: "e", shape: [1], integers: [1 << 30]),
        ONNXTensor(name: "r", shape: [1], integers: [1 << 30]),
      ], input: [1])
    #expect(
      message(graph) == "x.onnx: node 'p' (Tile): expected at most 8388608 places, found more")
  }

  @Test func `inputs are given by name, with the near miss`() {
    let two = ONNXGraph(
      opset: 17,
      nodes: [ONNXNode(name: "n", operation: "Add", inputs: ["ids", "mask"], outputs: ["y"])],
      initializers: [:],
      inputs: [
        ONNXGraph.Value(name: "ids", element: .float32, shape: [1, nil]),
        ONNXGraph.Value(name: "mask", element: .float32, shape: [1, 4]),
      ], outputs: [ONNXGraph.Value(name: "y", element: .float32, shape: nil)])
    #expect(
      message(two)
        == "x.onnx: the inputs: expected one that examples fill, the others given as 'constants', "
        + "found ids, mask")
    #expect(
      message(two) { $0.constants = ["mask": 1] }
        == "x.onnx: input 'ids': expected an extent of axis 1 ('inputs: { ids: [1, …] }' says which), "
        + "found none")
    #expect(
      message(two) { $0.constants = ["masks": 1] }
        == "x.onnx: input 'masks': expected one of [\"ids\", \"mask\"], found none "
        + "(did you mean 'mask'?)")
    #expect(
      message(two) {
        $0.constants = ["mask": 1]
        $0.shapes = ["ids": [2, 4]]
      } == "x.onnx: input 'ids': expected 1×any, found 2×4")
    #expect(
      message(two) {
        $0.constants = ["mask": 1]
        $0.shapes = ["ids": [1, 4]]
      } == "imported")
    #expect(
      message(two) {
        $0.constants = ["mask": 1]
        $0.shapes = ["ids": [1, 4]]
        $0.output = "z"
      } == "x.onnx: the outputs: expected 'z', found y")
  }
}
