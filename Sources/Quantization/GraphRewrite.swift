import Graphs

/// A list of nodes under reconstruction: ids of the old graph in, ids of the new graph out.
struct GraphRewrite {
  private(set) var nodes: [Node] = []
  /// The new id of each old node's result.
  private var newIDs: [Node.ID: Node.ID] = [:]

  /// Appends a node that computes the result of the old node `id`.
  ///
  /// - Parameter inputs: Operands by old id.
  mutating func append(
    name: String, _ operation: Operation, inputs: [Node.ID], activation: Activation?,
    for id: Node.ID
  ) {
    let operands = inputs.map { input in
      guard let operand = newIDs[input] else { preconditionFailure("operand not yet rewritten") }
      return operand
    }
    newIDs[id] = nodes.count
    nodes.append(
      Node(
        id: nodes.count, name: name, operation: operation, inputs: operands,
        fusedActivation: activation))
  }

  /// Appends an old node as it is.
  mutating func keep(_ node: Node) {
    append(
      name: node.name, node.operation, inputs: node.inputs, activation: node.fusedActivation,
      for: node.id)
  }

  /// The new graph.
  func graph() throws(QuantizationError) -> Graph {
    do { return try Graph(nodes) } catch { throw .graph(error) }
  }
}
