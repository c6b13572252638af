public import Graphs

/// A graph and the parameters it names.
public struct FloatModel: Equatable, Sendable {
  /// The operators.
  public let graph: Graph
  /// The parameters of `graph`.
  public let weights: Weights

  /// Pairs a graph with its weights.
  ///
  /// - Throws: `QuantizationError.graph` when a parameter is missing, misshapen, not finite or unknown.
  public init(graph: Graph, weights: Weights) throws(QuantizationError) {
    do { try graph.validate(weights) } catch { throw .graph(error) }
    self.graph = graph
    self.weights = weights
  }

  /// Pairs a graph with weights that are known to suit it.
  init(validated graph: Graph, _ weights: Weights) {
    self.graph = graph
    self.weights = weights
  }
}

extension FloatModel {
  /// The most features of a vector normalization that becomes a diagonal matrix (64 MiB of weights).
  static let widestDiagonal = 4096

  /// The model without batch normalizations.
  ///
  /// Per channel, in fp32 and in this order: factor = scale / √(variance + epsilon), then
  /// `weight · factor` for every weight of the channel and `shift + (bias − mean) · factor` with one fused
  /// multiply-add (bias 0 where there was none).
  ///
  /// - Into the preceding linear, convolution or depthwise node, if that node's result is read by nothing
  ///   else and not clamped, and its weight is not stored as integers. The merged node has the name of that node
  ///   and the place of the normalization.
  /// - Otherwise the normalization is computed as a layer of its own, with its own name: an image becomes a
  ///   depthwise 1×1 convolution, a vector a linear layer with a diagonal matrix (up to 4,096 features).
  ///
  /// - Throws: `QuantizationError` for a variance that is not positive, a result that is not finite, or a
  ///   vector too wide.
  public func foldingBatchNormalization() throws(QuantizationError) -> FloatModel {
    let readers = graph.consumers
    func host(of node: Node) -> Node? {
      guard case .batchNormalization = node.operation else { return nil }
      let producer = graph.nodes[node.inputs[0]]
      switch producer.operation {
      case .recurrence, .experts: return nil
      default: break
      }
      guard producer.operation.hasWeight, producer.fusedActivation == nil,
        readers[producer.id].count == 1,
        weights["\(producer.name).weight"]?.source?.integers == nil
      else { return nil }
      return producer
    }
    let hosts = graph.nodes.map(host(of:))
    let absorbed = Set(hosts.compactMap { $0?.id })
    var rewrite = GraphRewrite()
    var folded = weights
    for node in graph.nodes where !absorbed.contains(node.id) {
      guard case .batchNormalization(let epsilon) = node.operation else {
        rewrite.keep(node)
        continue
      }
      let affine = try channelAffine(of: node, epsilon: epsilon)
      for role in [ParameterRole.scale, .shift, .mean, .variance] {
        folded["\(node.name).\(role.rawValue)"] = nil
      }
      let target = hosts[node.id] ?? node
      let operation: Operation
      if hosts[node.id] != nil {
        operation = target.operation.withBias
        fold(affine, into: target, &folded)
      } else {
        operation = try standalone(affine, for: node, &folded)
      }
      try requireFinite(target, folded)
      rewrite.append(
        name: target.name, operation, inputs: target.inputs, activation: node.fusedActivation,
        for: node.id)
    }
    return FloatModel(validated: try rewrite.graph(), folded)
  }
}

/// What a batch normalization does to each channel: `(x − mean) · factor + shift`.
private struct ChannelAffine {
  var factor: [Float]
  var mean: [Float]
  var shift: [Float]

  /// The image of `x` in a channel.
  func apply(_ x: Float, channel: Int) -> Float {
    shift[channel].addingProduct(x - mean[channel], factor[channel])
  }
}

extension FloatModel {
  /// The values of a parameter that `init` has found present.
  private func values(_ node: Node, _ role: ParameterRole) -> [Float] {
    weights["\(node.name).\(role.rawValue)"]?.values ?? []
  }

  private func channelAffine(
    of node: Node, epsilon: Float
  ) throws(QuantizationError) -> ChannelAffine {
    let variance = values(node, .variance)
    var factor = values(node, .scale)
    for channel in factor.indices {
      let total = variance[channel] + epsilon
      guard total > 0, total.isFinite else {
        throw .variance(node: node.name, channel: channel, found: total)
      }
      factor[channel] /= total.squareRoot()
    }
    return ChannelAffine(
      factor: factor, mean: values(node, .mean), shift: values(node, .shift))
  }

  private func fold(_ affine: ChannelAffine, into node: Node, _ folded: inout Weights) {
    let channels = affine.factor.count
    let weightName = "\(node.name).weight"
    if var weight = folded[weightName] {
      let perChannel = weight.values.count / channels
      // Depthwise weights are [kh, kw, channels]; the others begin with the output channel.
      let channelIsInnermost =
        if case .depthwiseConvolution = node.operation { true } else { false }
      for index in weight.values.indices {
        let channel = channelIsInnermost ? index % channels : index / perChannel
        weight.values[index] *= affine.factor[channel]
      }
      folded[weightName] = weight
    }
    let bias = folded["\(node.name).bias"]?.values ?? [Float](repeating: 0, count: channels)
    folded["\(node.name).bias"] = Tensor(
      shape: [channels],
      values: bias.indices.map { affine.apply(bias[$0], channel: $0) })
  }

  private func standalone(
    _ affine: ChannelAffine, for node: Node, _ folded: inout Weights
  ) throws(QuantizationError) -> Operation {
    let channels = affine.factor.count
    folded["\(node.name).bias"] = Tensor(
      shape: [channels], values: (0..<channels).map { affine.apply(0, channel: $0) })
    if graph.shapes[node.id].rank == 3 {
      folded["\(node.name).weight"] = Tensor(shape: [1, 1, channels], values: affine.factor)
      return .depthwiseConvolution(window: Window(height: 1, width: 1), hasBias: true)
    }
    guard channels <= Self.widestDiagonal else {
      throw .normalizationTooWide(
        node: node.name, limit: Self.widestDiagonal, found: channels)
    }
    var diagonal = Tensor(shape: [channels, channels], repeating: 0)
    for channel in 0..<channels {
      diagonal.values[channel * channels + channel] = affine.factor[channel]
    }
    folded["\(node.name).weight"] = diagonal
    return .linear(outFeatures: channels, hasBias: true)
  }

  private func requireFinite(_ node: Node, _ folded: Weights) throws(QuantizationError) {
    for name in ["\(node.name).weight", "\(node.name).bias"] {
      guard let values = folded[name]?.values,
        let index = values.firstIndex(where: { !$0.isFinite })
      else { continue }
      throw .foldingNotFinite(parameter: name, index: index, value: values[index])
    }
  }
}
