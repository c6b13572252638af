/// What one inference of one example costs in arithmetic and traffic, before any quantization.
public struct Cost: Hashable, Sendable {
  /// Multiplications paired with an addition, in linear and convolution nodes.
  public var multiplyAccumulates: Int
  /// All other element operations: additions, comparisons, exponentials, divisions.
  public var elementOperations: Int
  /// Parameter elements read; of experts, those of the chosen ones.
  public var parameterElements: Int
  /// Elements of operands read and of results written.
  public var activationElements: Int

  /// Creates a cost.
  public init(
    multiplyAccumulates: Int = 0, elementOperations: Int = 0, parameterElements: Int = 0,
    activationElements: Int = 0
  ) {
    self.multiplyAccumulates = multiplyAccumulates
    self.elementOperations = elementOperations
    self.parameterElements = parameterElements
    self.activationElements = activationElements
  }

  /// Arithmetic operations: two for a multiply-accumulate, one for everything else.
  public var operations: Int { 2 * multiplyAccumulates + elementOperations }

  /// The sum of two costs.
  public static func + (left: Cost, right: Cost) -> Cost {
    Cost(
      multiplyAccumulates: left.multiplyAccumulates + right.multiplyAccumulates,
      elementOperations: left.elementOperations + right.elementOperations,
      parameterElements: left.parameterElements + right.parameterElements,
      activationElements: left.activationElements + right.activationElements)
  }
}

extension Graph {
  /// The cost of one node for one example, or one token.
  ///
  /// - Parameter context: How many tokens attention sees, the token itself included.
  public func cost(of node: Node, context: Int = 1) -> Cost {
    let result = shapes[node.id]
    let operands = node.inputs.map { shapes[$0].elementCount }
    let count = result.elementCount
    var cost = Cost(
      parameterElements: parameters(of: node).reduce(0) { $0 + $1.elementCount },
      activationElements: operands.reduce(count, +))
    switch node.operation {
    case .input: cost.activationElements = 0
    case .linear(_, let hasBias):
      cost.multiplyAccumulates = count * operands[0]
      cost.elementOperations = hasBias ? count : 0
    case .convolution(_, let window, let hasBias):
      cost.multiplyAccumulates = count * window.taps * shapes[node.inputs[0]].channels
      cost.elementOperations = hasBias ? count : 0
    case .transposedConvolution(_, let window, _, let hasBias):
      cost.multiplyAccumulates = operands[0] * window.taps * result.channels
      cost.elementOperations = hasBias ? count : 0
    case .depthwiseConvolution(let window, let hasBias):
      cost.multiplyAccumulates = count * window.taps
      cost.elementOperations = hasBias ? count : 0
    case .recurrence(let recurrence):
      let steps = operands[0] / recurrence.products
      cost.multiplyAccumulates = steps * recurrence.products * recurrence.features
      // Sigmoids and hyperbolic tangents count four, as functions do.
      cost.elementOperations =
        steps * recurrence.features * (recurrence.kind == .lstm ? 27 : 19)
    case .batchNormalization: cost.multiplyAccumulates = count
    case .activation, .add, .multiply: cost.elementOperations = count
    case .maxPooling(let window), .averagePooling(let window):
      cost.elementOperations = count * window.taps
    case .globalAveragePooling: cost.elementOperations = operands[0] + count
    case .flatten: cost.activationElements = 0
    case .softmax: cost.elementOperations = 4 * count
    case .function(let function): cost.elementOperations = function.operations * count
    case .gatedSilu: cost.elementOperations = 5 * count
    case .embedding(_, let features):
      cost.parameterElements = features
    case .positionEmbedding:
      cost.parameterElements = count
      cost.elementOperations = count
    case .normalization: cost.elementOperations = 5 * count
    case .rotaryEmbedding: cost.elementOperations = 3 * count
    case .attention(let attention):
      // Scores and the weighted sum of values, each over the context.
      cost.multiplyAccumulates = 2 * count * context
      cost.elementOperations = 4 * attention.heads * context
      cost.activationElements += 2 * operands[1] * context
    case .tokens: cost.activationElements = 0
    case .unitLength: cost.elementOperations = 2 * count
    case .rounding: cost.elementOperations = 2 * count
    case .tensor(let operation):
      let own = operation.cost(operands: node.inputs.map { shapes[$0] }, result: result)
      cost.multiplyAccumulates = own.multiplyAccumulates
      cost.elementOperations = own.elementOperations
      if case .rows = operation { cost.parameterElements = own.parameterElements }
      if case .reshape = operation { cost.activationElements = 0 }
    case .routing(let routing):
      // Softmax, and a comparison per choice and expert.
      cost.elementOperations = (4 + routing.chosen) * routing.experts
    case .experts(let layer):
      cost.multiplyAccumulates = count * summationLength(of: node)
      cost.parameterElements = cost.parameterElements / layer.experts * layer.chosen
    case .mixture(let chosen): cost.elementOperations = 2 * chosen * count
    }
    if node.fusedActivation != nil { cost.elementOperations += count }
    return cost
  }

  /// The cost of the whole graph for one example, or one token that attends to itself.
  public var cost: Cost { cost(context: 1) }

  /// The cost of the whole graph for one token.
  ///
  /// - Parameter context: How many tokens attention sees, the token itself included.
  public func cost(context: Int) -> Cost {
    nodes.reduce(Cost()) { $0 + cost(of: $1, context: context) }
  }
}

extension ElementFunction {
  /// What one element counts for; an exponential is one operation.
  fileprivate var operations: Int {
    switch self {
    case .leakyRelu: 1
    case .hardSigmoid, .elu: 3
    case .gelu, .geluTanh, .silu, .sigmoid, .tanh, .hardSwish: 4
    }
  }
}
