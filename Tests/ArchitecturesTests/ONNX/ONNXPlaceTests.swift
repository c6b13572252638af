import Architectures
import Checkpoints
import Testing

/// Operators that find elements by places, on the specification's own examples and others counted by hand.
struct ONNXPlaceTests {
  typealias Case = ONNXOperatorCase

  private static func expect(
    _ example: Case, _ shape: [Int], _ values: [Float],
    location: SourceLocation = #_sourceLocation
  ) throws {
    for found in try example.results() {
      #expect(found.shape == shape, sourceLocation: location)
      #expect(found.values == values, sourceLocation: location)
    }
  }

  @Test func `elements along an axis`() throws {
    let square = Case.Operand.numbers([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])
    try Self.expect(
      Case(
        operation: "GatherElements",
        operands: [.numbers([2, 2], [1, 2, 3, 4]), .indices([2, 2], [0, 0, 1, 0])],
        attributes: ["axis": .integer(1)]), [2, 2], [1, 1, 4, 3])
    try Self.expect(
      Case(
        operation: "GatherElements", operands: [square, .indices([2, 3], [-1, -2, 0, -2, 0, 0])]),
      [2, 3], [7, 5, 3, 4, 2, 3])
  }

  @Test func `slices by the coordinates of their origin`() throws {
    let square = Case.Operand.numbers([2, 2], [0, 1, 2, 3])
    let cube = Case.Operand.numbers([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7])
    try Self.expect(
      Case(operation: "GatherND", operands: [square, .indices([2, 2], [0, 0, 1, 1])]), [2], [0, 3])
    try Self.expect(
      Case(operation: "GatherND", operands: [square, .indices([2, 1], [1, -2])]),
      [2, 2], [2, 3, 0, 1])
    try Self.expect(
      Case(
        operation: "GatherND", operands: [cube, .indices([2, 1], [1, 0])],
        attributes: ["batch_dims": .integer(1)]), [2, 2], [2, 3, 4, 5])
  }

  @Test func `slices along an axis by what another operator computes`() throws {
    try Self.expect(
      Case(
        operation: "Gather",
        operands: [.numbers([2, 3], [1, 2, 3, 4, 5, 6]), .indices([2, 1], [-1, 0])],
        attributes: ["axis": .integer(1)]), [2, 2, 1], [3, 1, 6, 4])
  }

  @Test func `what a computed index does not name is NaN`() throws {
    for index in [3, -4] {
      let example = Case(
        operation: "GatherElements",
        operands: [.numbers([3], [1, 2, 3]), .indices([2], [1, index])])
      // Known at import, it is an error.
      #expect(throws: CheckpointError.self) { try example.results() }
      let graph = ONNXGraph.sample(
        [
          ONNXNode(
            name: "cast", operation: "Cast", inputs: ["x"], outputs: ["i"],
            attributes: ["to": .integer(7)]),
          ONNXNode(
            name: "node", operation: "GatherElements", inputs: ["d", "i"], outputs: ["y"]),
        ], constants: [ONNXTensor(name: "d", shape: [3], values: [1, 2, 3])], input: [2])
      let found = try ImportedGraph(graph, file: "x.onnx").run([1, Float(index)]).outputs
      #expect(found[0] == 2 && found[1].isNaN)
    }
  }

  @Test func `elements written along an axis`() throws {
    let data = Case.Operand.numbers([1, 5], [1, 2, 3, 4, 5])
    let updates = Case.Operand.numbers([1, 2], [1.5, 2.25])
    try Self.expect(
      Case(
        operation: "ScatterElements", operands: [data, .indices([1, 2], [1, -2]), updates],
        attributes: ["axis": .integer(1)]), [1, 5], [1, 1.5, 3, 2.25, 5])
    for (reduction, value) in [("add", Float(5.75)), ("mul", 6.75), ("min", 1.5), ("max", 2.25)] {
      try Self.expect(
        Case(
          operation: "ScatterElements", operands: [data, .indices([1, 2], [1, 1]), updates],
          attributes: ["axis": .integer(1), "reduction": .text(reduction)]),
        [1, 5], [1, value, 3, 4, 5])
    }
  }

  @Test func `slices written at the coordinates of their origin`() throws {
    try Self.expect(
      Case(
        operation: "ScatterND",
        operands: [
          .numbers([8], [1, 2, 3, 4, 5, 6, 7, 8]), .indices([4, 1], [4, 3, 1, 7]),
          .numbers([4], [9, 10, 11, 12]),
        ]), [8], [1, 11, 3, 10, 9, 6, 7, 12])
    try Self.expect(
      Case(
        operation: "ScatterND",
        operands: [
          .numbers([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), .indices([1, 2], [1, 0]),
          .numbers([1, 2], [50, 60]),
        ]), [2, 2, 2], [1, 2, 3, 4, 50, 60, 7, 8])
  }

  @Test func `tokens written to a cache, around its end where it is a ring`() throws {
    let cache = Case.Operand.numbers([2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 8])
    let tokens = Case.Operand.numbers([2, 2, 1], [10, 20, 30, 40])
    try Self.expect(
      Case(operation: "TensorScatter", operands: [cache, tokens, .indices([2], [1, 2])]),
      [2, 4, 1], [1, 10, 20, 4, 5, 6, 30, 40])
    try Self.expect(
      Case(
        operation: "TensorScatter", operands: [cache, tokens, .indices([2], [3, 0])],
        attributes: ["mode": .text("circular")]), [2, 4, 1], [20, 2, 3, 10, 30, 40, 7, 8])
  }

  @Test func `the largest and the smallest elements and where they are`() throws {
    let data = Case.Operand.numbers([3, 2], [1, 9, 4, 2, 4, 7])
    func example(_ isLargest: Int, _ result: Int) -> Case {
      Case(
        operation: "TopK", operands: [data, .setting([1], [2])],
        attributes: ["axis": .integer(0), "largest": .integer(isLargest)], result: result,
        resultCount: 2)
    }
    try Self.expect(example(1, 0), [2, 2], [4, 9, 4, 7])
    try Self.expect(example(1, 1), [2, 2], [1, 0, 2, 2])
    try Self.expect(example(0, 0), [2, 2], [1, 2, 4, 7])
    try Self.expect(example(0, 1), [2, 2], [0, 1, 1, 2])
  }

  @Test func `one number where the index is, another elsewhere`() throws {
    func example(_ axis: Int) -> Case {
      Case(
        operation: "OneHot",
        operands: [.indices([3], [1, -1, 5]), .setting([1], [3]), .numbers([2], [2, 5])],
        attributes: ["axis": .integer(axis)])
    }
    try Self.expect(example(-1), [3, 3], [2, 5, 2, 2, 2, 5, 2, 2, 2])
    try Self.expect(example(0), [3, 3], [2, 2, 2, 5, 2, 2, 2, 5, 2])
    try Self.expect(
      Case(operation: "Hardmax", operands: [.numbers([2, 3], [1, 3, 3, 2, 0, -1])]),
      [2, 3], [0, 1, 0, 1, 0, 0])
  }
}
