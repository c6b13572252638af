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
        ONNXTensor(name: "nine", shape: [1], integers: [9]),
        ONNXTensor(name: "zero", shape: [1], integers: [0]),
        ONNXTensor(name: "far", shape: [1, 1, 1, 1], integers: [2]),
        ONNXTensor(name: "scales", shape: [4], values: [1, 1, 2, 2]),
        ONNXTensor(name: "regions", shape: [8], values: [0, 0, 0, 0, 1, 1, 1, 1]),
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
    ("TopK", ["x", "nine"], "expected 1…4 as the number of elements, found another"),
    ("TopK", ["x", "zero"], "expected 1…4 as the number of elements, found another"),
    ("TopK", ["none", "zero"], "expected 1…0 as the number of elements, found another"),
    ("GatherElements", ["x", "far"], "expected indices of -1…0, found 2"),
    ("GatherElements", ["x", "pair"], "expected indices within 1×2×4×4, found 2"),
    ("GatherND", ["x", "none"], "expected indices into 1×2×4×4, found 0"),
    ("GatherND", ["none", "pair"], "expected 1…16777216 elements, found 0"),
    ("ScatterElements", ["x", "far", "pair"], "expected indices of -1…0, found 2"),
    (
      "OneHot", ["x", "zero", "pair"],
      "expected a depth of 1…16777216 and two numbers, found others"
    ),
  ])
  func `an operator that cannot be imported is named`(
    operation: String, inputs: [String], expected: String
  ) {
    #expect(
      message(node(operation, inputs)) == "x.onnx: node 'n' (\(operation)): \(expected)")
  }

  @Test(arguments: [
    ("ij,jk->ik", "expected 1 terms, found 'ij,jk->ik'"),
    ("ij->->i", "expected an equation with at most one '->', found 'ij->->i'"),
    ("abc->a", "expected as many letters as axes of 1×2×4×4, found 'abc'"),
    ("abcc->z", "expected letters of the operands in the result, each once, found 'z'"),
    ("abcd->aa", "expected letters of the operands in the result, each once, found 'aa'"),
    ("aacd->a", "expected equal extents under one letter, found 1 and 2"),
    ("abc1->a", "expected letters, found '1'"),
    ("......->a", "expected one ellipsis, found '......'"),
  ])
  func `an equation that does not suit is refused`(equation: String, expected: String) {
    let found = message(node("Einsum", ["x"], attributes: ["equation": .text(equation)]))
    #expect(found == "x.onnx: node 'n' (Einsum): \(expected)")
  }

  @Test func `older sets have the operators that have not changed since`() {
    func message(_ operation: String, opset: Int) -> String {
      self.message(
        .sample(
          [ONNXNode(name: "n", operation: operation, inputs: ["x"], outputs: ["y"])],
          input: [1, 4], opset: opset))
    }
    #expect(message("Relu", opset: 7) == "imported")
    #expect(message("com.microsoft.Gelu", opset: 7) == "imported")
    #expect(message("Flatten", opset: 11) == "imported")
    #expect(
      message("Flatten", opset: 10)
        == "x.onnx: the graph: expected operators that are supported, found Flatten of opset 10 ('n')"
    )
  }

  @Test func `a crop has sizes, and a region that is one`() {
    func message(_ inputs: [String]) -> String {
      self.message(
        node(
          "Resize", inputs,
          attributes: ["coordinate_transformation_mode": .text("tf_crop_and_resize")]))
    }
    #expect(
      message(["x", "regions", "scales"]).hasSuffix(
        "expected sizes of what a crop becomes, found scales"))
    #expect(
      message(["x", "", "scales"]).hasSuffix("expected two ends for each of 4 axes, found 0"))
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
        $0.shapes = ["ids": [1, 0]]
      } == "x.onnx: input 'ids': expected extents of at least 1, found 1×0")
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
