import Architectures
import Checkpoints

/// One operator on operands that are known at import, or that are computed.
struct ONNXOperatorCase {
  struct Operand {
    let shape: [Int]
    let values: [Float]
    var isInteger = false
    /// Known at import in any case.
    var isSetting = false

    /// One that is left out.
    static let none = Operand(shape: [0], values: [], isSetting: true)

    static func numbers(_ shape: [Int], _ values: [Float]) -> Operand {
      Operand(shape: shape, values: values)
    }

    static func indices(_ shape: [Int], _ values: [Int]) -> Operand {
      Operand(shape: shape, values: values.map { Float($0) }, isInteger: true)
    }

    static func setting(_ shape: [Int], _ values: [Int]) -> Operand {
      Operand(shape: shape, values: values.map { Float($0) }, isInteger: true, isSetting: true)
    }

    func tensor(_ name: String) -> ONNXTensor {
      isInteger
        ? ONNXTensor(name: name, shape: shape, integers: values.map { Int($0) })
        : ONNXTensor(name: name, shape: shape, values: values)
    }
  }

  let operation: String
  let operands: [Operand]
  var attributes: [String: ONNXAttribute] = [:]
  /// Which result, of how many.
  var result = 0
  var resultCount = 1

  /// The result's extents and elements; once with all operands known, once with those computed that can be.
  func results() throws -> [(shape: [Int], values: [Float])] {
    try [false, true].map { isComputed in
      let sources = operands.map { isComputed && !$0.isSetting }
      let parts = zip(operands, sources).filter(\.1).map(\.0)
      let input = isComputed ? parts.flatMap(\.values) : [0]
      let imported = try ImportedGraph(graph(sources), file: "x.onnx")
      let values = try imported.run(input).outputs
      return (imported.outputShape, values)
    }
  }

  private func graph(_ isComputed: [Bool]) -> ONNXGraph {
    var nodes: [ONNXNode] = []
    var constants: [ONNXTensor] = []
    var start = 0
    for (index, operand) in operands.enumerated() {
      if operand.values.isEmpty { continue }
      guard isComputed[index] else {
        constants.append(operand.tensor("o\(index)"))
        continue
      }
      let end = start + operand.values.count
      constants.append(ONNXTensor(name: "s\(index)", shape: [1], integers: [start]))
      constants.append(ONNXTensor(name: "e\(index)", shape: [1], integers: [end]))
      constants.append(
        ONNXTensor(name: "shape\(index)", shape: [operand.shape.count], integers: operand.shape))
      nodes += [
        ONNXNode(
          name: "part\(index)", operation: "Slice", inputs: ["x", "s\(index)", "e\(index)"],
          outputs: ["p\(index)"]),
        ONNXNode(
          name: "reshape\(index)", operation: "Reshape",
          inputs: ["p\(index)", "shape\(index)"], outputs: ["r\(index)"]),
        ONNXNode(
          name: "cast\(index)", operation: "Cast", inputs: ["r\(index)"], outputs: ["o\(index)"],
          attributes: ["to": .integer(operand.isInteger ? 7 : 1)]),
      ]
      start = end
    }
    nodes.append(
      ONNXNode(
        name: "node", operation: operation,
        inputs: operands.indices.map { operands[$0].values.isEmpty ? "" : "o\($0)" },
        outputs: (0..<resultCount).map { $0 == result ? "y" : "other\($0)" },
        attributes: attributes))
    return .sample(nodes, constants: constants, input: [max(1, start)])
  }
}
