import Architectures
import Checkpoints
import Graphs
import Testing

/// What is computed at import is what the run computes.
struct ONNXFoldingTests {
  /// Two rows of a few numbers, ties, zeros of both signs and what is no number.
  private static let numbers: [Float] = [
    1.5, -2, 0, 3, -0.0, 0.25, 3, .infinity, -1, .nan, 2, -2.5,
    -2, 1.5, 0, 3, 1, -0.75, .nan, 2, -.infinity, 4, 2, 0.5,
  ]
  private static let axes = ONNXTensor(name: "axes", shape: [1], integers: [-1])

  /// The operator on the halves, a and b, of a tensor: the graph's input, or a constant.
  private static func outputs(
    _ operation: String, operands: [String], attributes: [String: ONNXAttribute], isFolded: Bool
  ) throws -> [Float] {
    let source = isFolded ? "c" : "x"
    let graph = ONNXGraph.sample(
      [
        ONNXNode(
          name: "parts", operation: "Split", inputs: [source, "sizes"], outputs: ["a", "b"],
          attributes: ["axis": .integer(0)]),
        ONNXNode(
          name: "flags", operation: "Greater", inputs: ["a", "b"], outputs: ["f"]),
        ONNXNode(name: "not", operation: "IsNaN", inputs: ["a"], outputs: ["g"]),
        ONNXNode(
          name: "node", operation: operation, inputs: operands, outputs: ["r"],
          attributes: attributes),
        ONNXNode(
          name: "cast", operation: "Cast", inputs: ["r"], outputs: ["y"],
          attributes: ["to": .integer(1)]),
      ],
      constants: [
        ONNXTensor(name: "c", shape: [2, 12], values: numbers),
        ONNXTensor(name: "sizes", shape: [2], integers: [1, 1]), axes,
      ], input: [2, 12])
    let imported = try ImportedGraph(graph, file: "x.onnx")
    let isKnown = imported.graph.nodes.allSatisfy { node in
      switch node.operation {
      case .input, .tensor(.constant), .tensor(.reshape): true
      default: false
      }
    }
    #expect(isKnown == isFolded, "\(operation)")
    return try imported.run(numbers).outputs
  }

  private static func compare(
    _ operation: String, _ operands: [String], _ attributes: [String: ONNXAttribute] = [:],
    within limit: Float = 0
  ) throws {
    let found = try [true, false].map {
      try outputs(operation, operands: operands, attributes: attributes, isFolded: $0)
    }
    #expect(found[0].count == found[1].count)
    for (folded, run) in zip(found[0], found[1]) where !(folded.isNaN && run.isNaN) {
      #expect(
        folded == run || (folded - run).magnitude <= limit * run.magnitude,
        "\(operation): \(folded) folded, \(run) run")
    }
  }

  @Test(arguments: [
    "Sqrt", "Reciprocal", "Neg", "Abs", "Sign", "Floor", "Ceil", "Round", "IsNaN", "IsInf",
  ])
  func `exact functions of an element`(operation: String) throws {
    try Self.compare(operation, ["a"])
  }

  @Test(arguments: ["Exp", "Log", "Erf", "Softplus"])
  func `rounded functions of an element`(operation: String) throws {
    try Self.compare(operation, ["a"], within: 3e-7)
  }

  @Test(arguments: [
    "Add", "Sub", "Mul", "Div", "Min", "Max", "Equal", "Less", "LessOrEqual", "Greater",
    "GreaterOrEqual",
  ])
  func `functions of two elements`(operation: String) throws {
    try Self.compare(operation, ["a", "b"])
  }

  @Test func `powers and remainders`() throws {
    try Self.compare("Pow", ["a", "b"], within: 1e-6)
    try Self.compare("Mod", ["a", "b"], ["fmod": .integer(1)])
  }

  @Test(arguments: ["And", "Or", "Xor"])
  func `functions of truth values`(operation: String) throws {
    try Self.compare(operation, ["f", "g"])
  }

  @Test(arguments: ["ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd", "ReduceMean"])
  func `one number for many`(operation: String) throws {
    let attributes: [String: ONNXAttribute] =
      operation == "ReduceSum" ? [:] : ["axes": .integers([-1])]
    try Self.compare(
      operation, operation == "ReduceSum" ? ["a", "axes"] : ["a"], attributes, within: 1e-6)
  }

  @Test(arguments: ["ArgMax", "ArgMin"])
  func `places of extremes`(operation: String) throws {
    try Self.compare(operation, ["a"], ["axis": .integer(1)])
    try Self.compare(operation, ["b"], ["axis": .integer(1), "select_last_index": .integer(1)])
  }

  @Test func `a truth value turned around`() throws { try Self.compare("Not", ["f"]) }

  @Test func `choices, joined parts and turned axes`() throws {
    try Self.compare("Where", ["f", "a", "b"])
    try Self.compare("Concat", ["a", "b", "a"], ["axis": .integer(1)])
    try Self.compare("Transpose", ["a"])
  }
}
