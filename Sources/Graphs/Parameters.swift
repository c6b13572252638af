/// The part a parameter plays in its node.
public enum ParameterRole: String, Hashable, Sendable, CaseIterable {
  /// Multiplied with the operand.
  case weight
  /// Added per output channel.
  case bias
  /// Batch normalization's factor per channel.
  case scale
  /// Batch normalization's offset per channel.
  case shift
  /// Batch normalization's stored mean per channel.
  case mean
  /// Batch normalization's stored variance per channel.
  case variance
}

/// A tensor that a node needs.
public struct ParameterSpecification: Hashable, Sendable {
  /// The node it belongs to.
  public let node: Node.ID
  /// The part it plays there.
  public let role: ParameterRole
  /// `<node name>.<role>`, or `<node name>.<expert>.<role>`: the key in `Weights` and in checkpoints.
  public let name: String
  /// Extents, outermost first.
  public let shape: [Int]

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }
}

extension Graph {
  /// The parameters of one node, in a fixed order.
  public func parameters(of node: Node) -> [ParameterSpecification] {
    func specification(_ role: ParameterRole, _ shape: [Int]) -> ParameterSpecification {
      ParameterSpecification(
        node: node.id, role: role, name: "\(node.name).\(role.rawValue)", shape: shape)
    }
    let channels = shapes[node.id].channels
    let bias = specification(.bias, [channels])
    switch node.operation {
    case .linear(_, let hasBias):
      let weight = specification(.weight, [channels, shapes[node.inputs[0]].elementCount])
      return hasBias ? [weight, bias] : [weight]
    case .convolution(_, let window, let hasBias),
      .transposedConvolution(_, let window, _, let hasBias):
      let weight = specification(
        .weight, [channels, window.height, window.width, shapes[node.inputs[0]].channels])
      return hasBias ? [weight, bias] : [weight]
    case .depthwiseConvolution(let window, let hasBias):
      let weight = specification(.weight, [window.height, window.width, channels])
      return hasBias ? [weight, bias] : [weight]
    case .recurrence(let recurrence):
      return [
        specification(.weight, [recurrence.products, recurrence.features]),
        specification(.bias, [recurrence.products]),
      ]
    case .batchNormalization:
      return [ParameterRole.scale, .shift, .mean, .variance].map {
        specification($0, [channels])
      }
    case .embedding(let rows, let features):
      return [specification(.weight, [rows, features])]
    case .positionEmbedding(let rows):
      return [specification(.weight, [rows, channels])]
    case .normalization(let normalization):
      let size = channels / normalization.parts
      let weight = specification(.weight, [size])
      return normalization.hasBias ? [weight, specification(.bias, [size])] : [weight]
    case .experts:
      let shape = [weightRows(of: node), summationLength(of: node)]
      return node.weighted.map {
        ParameterSpecification(
          node: node.id, role: .weight, name: "\($0.name).weight", shape: shape)
      }
    case .input, .activation, .add, .multiply, .maxPooling, .averagePooling, .globalAveragePooling,
      .flatten, .softmax, .function, .gatedSilu, .rotaryEmbedding, .attention, .tokens,
      .unitLength, .rounding, .routing, .mixture:
      return []
    case .tensor(let operation):
      return operation.parameterShape.map { [specification(.weight, $0)] } ?? []
    }
  }

  /// How many rows the weight of a node, or of each of its experts, has: sums that are computed with it.
  public func weightRows(of node: Node) -> Int {
    switch node.operation {
    case .recurrence(let recurrence): recurrence.products
    case .experts(let layer): layer.outFeatures
    default: shapes[node.id].channels
    }
  }

  /// How many products one result of a node with a weight sums; 0 for other nodes.
  public func summationLength(of node: Node) -> Int {
    switch node.operation {
    case .linear: shapes[node.inputs[0]].elementCount
    case .convolution(_, let window, _), .transposedConvolution(_, let window, _, _):
      window.taps * shapes[node.inputs[0]].channels
    case .depthwiseConvolution(let window, _): window.taps
    case .recurrence(let recurrence): recurrence.features
    case .experts(let layer): shapes[node.inputs[0]].elementCount / layer.operandRows
    default: 0
    }
  }

  /// Every parameter of the graph, in execution order.
  public var parameters: [ParameterSpecification] { nodes.flatMap(parameters(of:)) }

  /// Number of trained values, batch normalization's statistics included.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.elementCount } }

  /// Checks that `weights` holds exactly this graph's parameters, in shape and all finite.
  ///
  /// - Throws: `GraphError` for the first missing, misshapen, non-finite or unknown tensor.
  public func validate(_ weights: Weights) throws(GraphError) {
    let specifications = parameters
    for specification in specifications {
      guard let tensor = weights[specification.name] else {
        throw .parameterMissing(name: specification.name, shape: specification.shape)
      }
      guard tensor.shape == specification.shape else {
        throw .parameterShape(
          name: specification.name, expected: specification.shape, found: tensor.shape)
      }
      if !nodes[specification.node].operation.isConstant, let (index, value) = tensor.firstNonFinite
      {
        throw .parameterNotFinite(name: specification.name, index: index, value: value)
      }
    }
    let known = Set(specifications.map(\.name))
    if let stranger = weights.tensors.keys.filter({ !known.contains($0) }).min() {
      let prefix = stranger.prefix { $0 != "." }
      throw .parameterUnknown(
        name: stranger, nearest: known.filter { $0.hasPrefix(prefix) }.min())
    }
  }
}
