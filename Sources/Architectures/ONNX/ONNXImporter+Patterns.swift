import Checkpoints
import Graphs

/// Functions that exporters spell as several operators and that have kernels of their own. What the pieces
/// compute is left out of the graph unless something else reads it.
extension ONNXImporter {
  /// The value that a function of two operands is under another name; `nil` where it is none.
  mutating func recognized(
    _ arithmetic: Arithmetic, _ left: ImportedValue, _ right: ImportedValue, _ shape: Shape
  ) throws(CheckpointError) -> ImportedValue? {
    if arithmetic == .multiply, let function = gate(left, right) ?? gate(right, left) {
      return try function.value(&self)
    }
    let factor: Double
    switch (arithmetic, right.constant?.scalar, left.constant?.scalar) {
    case (.divide, let divisor?, _): factor = 1 / divisor
    case (.multiply, let scalar?, _), (.multiply, _, let scalar?): factor = scalar
    default: return nil
    }
    let value = left.constant == nil ? left : right
    guard case .computed(let computed) = value, computed.codes == nil,
      computed.shape == shape.dimensions
    else { return nil }
    if abs(factor - 1 / 6) < 1e-6 { return try sixth(computed) }
    return nil
  }

  /// relu6(x + 3) / 6, and x · relu6(x + 3) / 6.
  private mutating func sixth(_ value: ComputedValue) throws(CheckpointError) -> ImportedValue? {
    if let source = heldAboveMinusThree(value.node) {
      return try replaced(value, by: .function(.hardSigmoid), of: source)
    }
    let node = nodes[value.node]
    guard node.operation == .multiply || node.operation == .tensor(.arithmetic(.multiply)),
      shapes[node.inputs[0]] == shapes[node.inputs[1]]
    else { return nil }
    for (gate, source) in [(0, 1), (1, 0)]
    where heldAboveMinusThree(node.inputs[gate]) == node.inputs[source] {
      return try replaced(value, by: .function(.hardSwish), of: node.inputs[source])
    }
    return nil
  }

  /// A product of a value with a function of itself.
  private struct Gate {
    let value: ComputedValue
    let function: ElementFunction
    let source: Node.ID

    func value(_ importer: inout ONNXImporter) throws(CheckpointError) -> ImportedValue {
      try importer.replaced(value, by: .function(function), of: source)
    }
  }

  /// x · sigmoid(x) and x · hardSigmoid(x).
  private func gate(_ value: ImportedValue, _ gate: ImportedValue) -> Gate? {
    guard case .computed(let value) = value, case .computed(let gate) = gate,
      value.shape == gate.shape, value.layout == gate.layout, value.codes == nil,
      gate.codes == nil, nodes[gate.node].inputs == [value.node]
    else { return nil }
    switch nodes[gate.node].operation {
    case .function(.sigmoid): return Gate(value: value, function: .silu, source: value.node)
    case .function(.hardSigmoid):
      return Gate(value: value, function: .hardSwish, source: value.node)
    default: return nil
    }
  }

  /// x, where a node is relu6(x + 3).
  private func heldAboveMinusThree(_ node: Node.ID) -> Node.ID? {
    guard nodes[node].operation == .activation(.relu6),
      let sum = nodes[node].inputs.first,
      nodes[sum].operation == .tensor(.map(.affine(factor: 1, offset: 3)))
    else { return nil }
    return nodes[sum].inputs.first
  }

  private mutating func replaced(
    _ value: ComputedValue, by operation: Operation, of source: Node.ID
  ) throws(CheckpointError) -> ImportedValue {
    let node = try append(operation, [source])
    return .computed(
      ComputedValue(
        node: node, shape: value.shape, layout: value.layout, element: value.element))
  }
}
