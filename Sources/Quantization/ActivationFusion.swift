public import Graphs

extension Graph {
  /// The graph with every clamp that is the only consumer of a linear, convolution, depthwise, add
  /// or multiply node moved into that node.
  ///
  /// The merged node keeps the name of the first (so parameters keep their names) and the place of the
  /// clamp (so the last node stays the output). A node that already clamps keeps its clamp, and the
  /// second one stays a node. Values do not change.
  ///
  /// - Throws: `QuantizationError.graph`, if the result were not a graph.
  public func fusingActivations() throws(QuantizationError) -> Graph {
    let readers = consumers
    func host(of node: Node) -> Node? {
      guard case .activation = node.operation, node.fusedActivation == nil else { return nil }
      let producer = nodes[node.inputs[0]]
      let fusible =
        producer.operation.hasWeight || producer.operation == .add
        || producer.operation == .multiply
      guard fusible, producer.fusedActivation == nil, readers[producer.id].count == 1 else {
        return nil
      }
      return producer
    }
    let hosts = nodes.map(host(of:))
    let absorbed = Set(hosts.compactMap { $0?.id })
    var rewrite = GraphRewrite()
    for node in nodes where !absorbed.contains(node.id) {
      if let host = hosts[node.id], case .activation(let activation) = node.operation {
        rewrite.append(
          name: host.name, host.operation, inputs: host.inputs, activation: activation,
          for: node.id)
      } else {
        rewrite.keep(node)
      }
    }
    return try rewrite.graph()
  }
}
