/// Which experts compute a token, and how much each counts.
///
/// Operand: a score per expert. Result: `[2 · chosen]`, the numbers of the chosen experts in ascending order, then
/// their weights in the same order. The largest scores are chosen, of equal ones the lowest numbers; a NaN ranks
/// as −∞. The weights are those that softmax gives over all scores.
///
/// Source: Shazeer et al., arXiv 1701.06538; Jiang et al., Mixtral of Experts, arXiv 2401.04088.
public struct Routing: Hashable, Sendable {
  /// Experts to choose from.
  public let experts: Int
  /// Experts that compute a token.
  public let chosen: Int
  /// Whether the weights are divided by their sum, which is taken in ascending order of experts.
  public let isNormalized: Bool

  /// Creates a routing.
  public init(experts: Int, chosen: Int, isNormalized: Bool) {
    self.experts = experts
    self.chosen = chosen
    self.isNormalized = isNormalized
  }
}

/// A linear layer of each expert, without bias, computed for the experts that a routing has chosen.
///
/// Operands: the value, and the routing. Result: `[chosen · outFeatures]`, expert after expert in the routing's
/// order. Each expert has a weight `[outFeatures, inFeatures]` of its own, `<node>.<expert>.weight`.
public struct ExpertLayer: Hashable, Sendable {
  /// What an expert reads.
  public enum Operand: Hashable, Sendable {
    /// All experts of a token read the same vector: `[inFeatures]`.
    case shared
    /// Each reads its own part of a vector: `[chosen · inFeatures]`.
    case own
  }

  /// Experts to choose from.
  public let experts: Int
  /// Experts that compute a token.
  public let chosen: Int
  /// Elements of an expert's result.
  public let outFeatures: Int
  /// What an expert reads.
  public let operand: Operand

  /// Creates a layer.
  public init(experts: Int, chosen: Int, outFeatures: Int, operand: Operand) {
    self.experts = experts
    self.chosen = chosen
    self.outFeatures = outFeatures
    self.operand = operand
  }

  /// Rows that experts read of one token's operand.
  public var operandRows: Int { operand == .own ? chosen : 1 }
}

extension Node {
  /// The node as often as it has a weight: itself, or once per expert with the name `<name>.<expert>`, so that
  /// what holds for a linear layer holds for an expert. Empty for a node without a weight.
  public var weighted: [Node] {
    guard operation.hasWeight else { return [] }
    guard case .experts(let layer) = operation else { return [self] }
    return (0..<layer.experts).map { expert in
      Node(
        id: id, name: "\(name).\(expert)", operation: operation, inputs: inputs,
        fusedActivation: fusedActivation)
    }
  }
}

extension Graph {
  /// Checks that the second operand of a node over experts is a routing among as many.
  static func checkRouting(of node: Node, among nodes: [Node]) throws(GraphError) {
    let expected: (experts: Int?, chosen: Int)
    switch node.operation {
    case .experts(let layer): expected = (layer.experts, layer.chosen)
    case .mixture(let chosen): expected = (nil, chosen)
    default: return
    }
    if case .routing(let routing) = nodes[node.inputs[1]].operation,
      routing.chosen == expected.chosen, routing.experts == expected.experts ?? routing.experts
    {
      return
    }
    throw .routing(node: node.name, experts: expected.experts, chosen: expected.chosen)
  }

  /// Whether a node only decides which experts compute and how much each counts: a linear layer that routings
  /// alone read, or one whose result, passed through a function, is one factor of a whole vector.
  public func isRouter(_ node: Node) -> Bool {
    guard case .linear = node.operation, node.id != output else { return false }
    if isRead(node.id, onlyBy: \.operation.isRouting) { return true }
    guard shapes[node.id].elementCount == 1 else { return false }
    return isRead(node.id) { reader in
      guard case .function = reader.operation, reader.id != output else { return false }
      return isRead(reader.id) { $0.operation == .multiply }
    }
  }

  /// Whether a condition holds for all nodes that read a result.
  private func isRead(_ id: Node.ID, onlyBy condition: (Node) -> Bool) -> Bool {
    nodes.allSatisfy { !$0.inputs.contains(id) || condition($0) }
  }

  /// Number of trained values that one token, or example, is computed with: of experts those of the chosen ones
  /// alone, of tables all.
  public var activeParameterCount: Int {
    nodes.reduce(0) { sum, node in
      let count = parameters(of: node).reduce(0) { $0 + $1.elementCount }
      guard case .experts(let layer) = node.operation else { return sum + count }
      return sum + count / layer.experts * layer.chosen
    }
  }
}

extension Operation {
  /// Whether the operation chooses experts.
  public var isRouting: Bool { if case .routing = self { true } else { false } }
}
