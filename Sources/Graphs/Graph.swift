/// One operator of a graph. Its result is the value that other nodes refer to by the node's `id`.
public struct Node: Hashable, Sendable {
  /// Position in `Graph.nodes`; operands always have smaller ids.
  public typealias ID = Int
  /// Position in `Graph.nodes`.
  public let id: ID
  /// Unique within the graph; prefixes the names of the node's parameters.
  public let name: String
  /// What it computes.
  public let operation: Operation
  /// Operands, by node id.
  public let inputs: [ID]
  /// A clamp applied to the result before anything else sees it; set by the fusion pass.
  public let fusedActivation: Activation?

  /// Creates a node.
  public init(
    id: ID, name: String, operation: Operation, inputs: [ID], fusedActivation: Activation? = nil
  ) {
    self.id = id
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.fusedActivation = fusedActivation
  }
}

/// A validated, acyclic graph of operators in execution order, with every shape inferred.
///
/// Node 0 is the only input; the last node is the output.
public struct Graph: Hashable, Sendable {
  /// Nodes in execution order.
  public let nodes: [Node]
  /// The shape of each node's result, per example, indexed by node id.
  public let shapes: [Shape]
  /// Whether a node's rows are what a selection of tokens let through, indexed by node id.
  public let isSelected: [Bool]

  /// Checks `nodes` and infers every shape.
  ///
  /// - Parameter nodes: Nodes in execution order; `nodes[i].id == i`.
  /// - Throws: `GraphError` that names the node, what was expected and what was found.
  public init(_ nodes: [Node]) throws(GraphError) {
    guard let first = nodes.first, case .input = first.operation else {
      throw .missingInput
    }
    var names: Set<String> = []
    var isSelected: [Bool] = []
    var shapes: [Shape] = []
    shapes.reserveCapacity(nodes.count)
    for (position, node) in nodes.enumerated() {
      guard node.id == position else {
        throw .misnumbered(node: node.name, expected: position, found: node.id)
      }
      guard names.insert(node.name).inserted else { throw .duplicateName(node.name) }
      if position > 0, case .input = node.operation { throw .secondInput(node.name) }
      guard node.inputs.count == node.operation.operandCount else {
        throw .operandCount(
          node: node.name, expected: node.operation.operandCount, found: node.inputs.count)
      }
      if let late = node.inputs.first(where: { !(0..<position).contains($0) }) {
        throw .operandNotBefore(node: node.name, operand: late)
      }
      try Self.checkRouting(of: node, among: nodes)
      isSelected.append(try Self.isSelected(node, operands: node.inputs.map { isSelected[$0] }))
      shapes.append(
        try node.operation.resultShape(operands: node.inputs.map { shapes[$0] }, node: node.name))
    }
    self.nodes = nodes
    self.shapes = shapes
    self.isSelected = isSelected
  }

  /// Whether the node's rows are selected tokens; operands agree, and nothing that needs all tokens of a
  /// sequence comes after a selection.
  private static func isSelected(_ node: Node, operands: [Bool]) throws(GraphError) -> Bool {
    let first = operands.first ?? false
    guard operands.allSatisfy({ $0 == first }), !(first && node.operation.needsSequence) else {
      throw .selectedOperand(node: node.name)
    }
    if case .tokens = node.operation { return true }
    return first
  }

  /// Whether rows are tokens of sequences rather than independent examples.
  public var isSequence: Bool { nodes.contains { $0.operation.needsSequence } }

  /// The shape of the input, per example.
  public var inputShape: Shape { shapes[0] }
  /// The shape of the output, per example.
  public var outputShape: Shape { shapes[shapes.count - 1] }
  /// The id of the node whose result is the graph's output.
  public var output: Node.ID { nodes.count - 1 }

  /// Ids of the nodes that read each node's result, indexed by node id.
  public var consumers: [[Node.ID]] {
    var result = [[Node.ID]](repeating: [], count: nodes.count)
    for node in nodes {
      for input in node.inputs { result[input].append(node.id) }
    }
    return result
  }
}

/// Why a list of nodes is not a graph.
public enum GraphError: Error, Equatable, Sendable, CustomStringConvertible {
  case missingInput
  case secondInput(String)
  case misnumbered(node: String, expected: Int, found: Int)
  case duplicateName(String)
  case operandCount(node: String, expected: Int, found: Int)
  case operandNotBefore(node: String, operand: Int)
  case operandShape(node: String, expected: String, found: Shape)
  case unequalOperands(node: String, Shape, Shape)
  case emptyResult(node: String, operand: Shape)
  case selectedOperand(node: String)
  case tooLarge(node: String)
  case expertCount(node: String, experts: Int, chosen: Int)
  case routing(node: String, experts: Int?, chosen: Int)
  case parameterMissing(name: String, shape: [Int])
  case parameterShape(name: String, expected: [Int], found: [Int])
  case parameterNotFinite(name: String, index: Int, value: Float)
  case parameterUnknown(name: String, nearest: String?)

  /// The name of the node it is about; for a parameter, of the node it belongs to.
  public var node: String? {
    switch self {
    case .missingInput: nil
    case .secondInput(let node), .misnumbered(let node, _, _), .duplicateName(let node),
      .operandCount(let node, _, _), .operandNotBefore(let node, _),
      .operandShape(let node, _, _), .unequalOperands(let node, _, _), .emptyResult(let node, _),
      .tooLarge(let node), .selectedOperand(let node), .expertCount(let node, _, _),
      .routing(let node, _, _):
      node
    case .parameterMissing(let name, _), .parameterShape(let name, _, _),
      .parameterNotFinite(let name, _, _), .parameterUnknown(let name, _):
      name.lastIndex(of: ".").map { String(name[..<$0]) }
    }
  }

  /// The error in one sentence that names the node or the parameter.
  public var description: String {
    switch self {
    case .missingInput: "the first node must be the input"
    case .secondInput(let node): "\(node): a graph has one input, this is a second one"
    case .misnumbered(let node, let expected, let found):
      "\(node): expected id \(expected), found \(found)"
    case .duplicateName(let node): "\(node): the name is used twice"
    case .operandCount(let node, let expected, let found):
      "\(node): expected \(expected) operands, found \(found)"
    case .operandNotBefore(let node, let operand):
      "\(node): operand \(operand) is not computed before it"
    case .operandShape(let node, let expected, let found):
      "\(node): expected \(expected), found \(found)"
    case .unequalOperands(let node, let first, let second):
      "\(node): operands must have equal shapes, found \(first) and \(second)"
    case .emptyResult(let node, let operand):
      "\(node): the window does not fit into \(operand)"
    case .selectedOperand(let node):
      "\(node): expected operands over all tokens, found one over selected tokens"
    case .tooLarge(let node): "\(node): the shape overflows"
    case .expertCount(let node, let experts, let chosen):
      "\(node): expected 1 to \(Operation.mostExperts) experts and a choice of at least one and at most "
        + "all of them, found \(chosen) of \(experts)"
    case .routing(let node, let experts, let chosen):
      "\(node): expected the routing of \(chosen)\(experts.map { " of \($0)" } ?? "") experts as the "
        + "second operand, found something else"
    case .parameterMissing(let name, let shape):
      "\(name): expected a tensor \(Shape(shape)), found none"
    case .parameterShape(let name, let expected, let found):
      "\(name): expected shape \(Shape(expected)), found \(Shape(found))"
    case .parameterNotFinite(let name, let index, let value):
      "\(name)[\(index)]: expected a finite number, found \(value)"
    case .parameterUnknown(let name, let nearest):
      "\(name): no parameter has this name" + (nearest.map { " (did you mean \($0)?)" } ?? "")
    }
  }
}
