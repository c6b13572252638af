public import Graphs

extension TransformerShape {
  /// The graph, with one token id as its input. Its nodes, by name:
  ///
  /// - `embedding`, then `positions` and `embedding_norm` where there are any;
  /// - per layer N: `layers.N.` and `attention_norm`, `query`, `key`, `value`, `query_norm`, `key_norm`,
  ///   `query_rotary`, `key_rotary`, `attention`, `attention_output`, `attention_sum`, `feed_forward_norm`,
  ///   `gate`, `up`, `activation`, `down`, `feed_forward_sum`; with experts instead of the first four `router`,
  ///   `routing`, `expert_gate`, `expert_up`, `expert_activation`, `expert_down`, `experts`, and where one computes
  ///   every token `shared_gate`, `shared_up`, `shared_activation`, `shared_down`, `shared_router`,
  ///   `shared_weight`, `shared`, `feed_forward`;
  /// - `output_tokens`, `norm`, `head` of a decoder; `pool` and `unit_length`, or `pooler`, `pooler_activation` and
  ///   `head`, of an encoder.
  ///
  /// - Throws: `GraphError` when heads and widths do not fit each other.
  public func graph() throws(GraphError) -> Graph {
    var builder = TransformerBuilder(shape: self)
    builder.build()
    return try Graph(builder.nodes)
  }
}

extension TransformerShape.Pooler {
  /// What follows the layer.
  fileprivate var operation: Operation {
    switch self {
    case .tanh: .function(.tanh)
    case .relu: .activation(.relu)
    }
  }
}

/// Appends the nodes of a transformer in order.
private struct TransformerBuilder {
  let shape: TransformerShape
  var nodes = [Node(id: 0, name: "input", operation: .input(Shape([1])), inputs: [])]

  mutating func build() {
    var x = add("embedding", .embedding(rows: shape.vocabulary, features: shape.width), 0)
    if case .learned(let rows) = shape.positions {
      x = add("positions", .positionEmbedding(rows: rows), x)
    }
    if shape.normalizationPlace == .after { x = norm("embedding_norm", x) }
    for layer in 0..<shape.layers { x = self.layer(layer, x) }
    switch shape.output {
    case .nextToken(let hasBias):
      x = add("output_tokens", .tokens(.requested), x)
      if shape.normalizationPlace == .before { x = norm("norm", x) }
      _ = linear("head", shape.vocabulary, hasBias: hasBias, x)
    case .pooled(let selection, let isUnitLength):
      if shape.normalizationPlace == .before { x = norm("norm", x) }
      x = add("pool", .tokens(selection), x)
      if isUnitLength { _ = add("unit_length", .unitLength, x) }
    case .classes(let selection, let pooler, let count):
      if shape.normalizationPlace == .before { x = norm("norm", x) }
      x = add("pool", .tokens(selection), x)
      if let pooler {
        x = linear("pooler", shape.width, hasBias: true, x)
        x = add("pooler_activation", pooler.operation, x)
      }
      _ = linear("head", count, hasBias: true, x)
    }
  }

  private mutating func add(_ name: String, _ operation: Operation, _ inputs: Int...) -> Int {
    nodes.append(Node(id: nodes.count, name: name, operation: operation, inputs: inputs))
    return nodes.count - 1
  }

  private mutating func norm(_ name: String, _ x: Int, parts: Int = 1) -> Int {
    let normalization = Normalization(
      shape.normalization, epsilon: shape.epsilon, parts: parts,
      hasBias: shape.normalization == .layer)
    return add(name, .normalization(normalization), x)
  }

  private mutating func linear(
    _ name: String, _ features: Int, hasBias: Bool, _ x: Int
  ) -> Int {
    add(name, .linear(outFeatures: features, hasBias: hasBias), x)
  }

  private mutating func layer(_ index: Int, _ input: Int) -> Int {
    let name = "layers.\(index)."
    let isBefore = shape.normalizationPlace == .before
    var x = isBefore ? norm(name + "attention_norm", input) : input
    x = attention(name, x, window: index < shape.windows.count ? shape.windows[index] : nil)
    x = add(name + "attention_sum", .add, input, x)
    if !isBefore { x = norm(name + "attention_norm", x) }
    let sum = x
    if isBefore { x = norm(name + "feed_forward_norm", x) }
    if let experts = shape.experts, !experts.denseLayers.contains(index) {
      x = routed(name, x, experts)
    } else {
      x = feedForward(name, x)
    }
    x = add(name + "feed_forward_sum", .add, sum, x)
    return isBefore ? x : norm(name + "feed_forward_norm", x)
  }

  private mutating func attention(_ name: String, _ x: Int, window: Int?) -> Int {
    let size = shape.headSize
    let hasBias = shape.biases.contains(.attentionInput)
    var query = linear(name + "query", shape.heads * size, hasBias: hasBias, x)
    var key = linear(name + "key", shape.keyValueHeads * size, hasBias: hasBias, x)
    let value = linear(name + "value", shape.keyValueHeads * size, hasBias: hasBias, x)
    if shape.normalizesHeads {
      query = norm(name + "query_norm", query, parts: shape.heads)
      key = norm(name + "key_norm", key, parts: shape.keyValueHeads)
    }
    if case .rotary(let angles) = shape.positions {
      query = add(
        name + "query_rotary", .rotaryEmbedding(rotary(angles, heads: shape.heads)), query)
      key = add(
        name + "key_rotary", .rotaryEmbedding(rotary(angles, heads: shape.keyValueHeads)), key)
    }
    let attention = Attention(
      heads: shape.heads, keyValueHeads: shape.keyValueHeads, headSize: size,
      scale: 1 / Float(size).squareRoot(), isCausal: shape.isCausal, window: window)
    let mixed = add(name + "attention", .attention(attention), query, key, value)
    return linear(
      name + "attention_output", shape.width, hasBias: shape.biases.contains(.attentionOutput),
      mixed)
  }

  private func rotary(_ angles: RotaryAngles, heads: Int) -> RotaryEmbedding {
    RotaryEmbedding(
      heads: heads, headSize: shape.headSize, rotary: angles.rotary ?? shape.headSize,
      pairing: angles.pairing, base: angles.base, positionScale: angles.positionScale,
      frequencyDivisors: angles.frequencyDivisors, magnitude: angles.magnitude)
  }

  /// The sum of a token's experts, and of the one that computes every token.
  private mutating func routed(
    _ name: String, _ x: Int, _ experts: TransformerShape.Experts
  ) -> Int {
    func layer(_ features: Int, _ operand: ExpertLayer.Operand) -> Operation {
      .experts(
        ExpertLayer(
          experts: experts.count, chosen: experts.perToken, outFeatures: features,
          operand: operand))
    }
    let scores = linear(name + "router", experts.count, hasBias: false, x)
    let routing = add(
      name + "routing",
      .routing(
        Routing(
          experts: experts.count, chosen: experts.perToken, isNormalized: experts.isNormalized)),
      scores)
    let gate = add(name + "expert_gate", layer(experts.width, .shared), x, routing)
    let up = add(name + "expert_up", layer(experts.width, .shared), x, routing)
    let inner = add(name + "expert_activation", .gatedSilu, gate, up)
    let down = add(name + "expert_down", layer(shape.width, .own), inner, routing)
    let sum = add(name + "experts", .mixture(chosen: experts.perToken), down, routing)
    guard let width = experts.sharedWidth else { return sum }
    let shared = sharedExpert(name, x, width)
    return add(name + "feed_forward", .add, sum, shared)
  }

  private mutating func sharedExpert(_ name: String, _ x: Int, _ width: Int) -> Int {
    let gate = linear(name + "shared_gate", width, hasBias: false, x)
    let up = linear(name + "shared_up", width, hasBias: false, x)
    let inner = add(name + "shared_activation", .gatedSilu, gate, up)
    let down = linear(name + "shared_down", shape.width, hasBias: false, inner)
    let score = linear(name + "shared_router", 1, hasBias: false, x)
    let weight = add(name + "shared_weight", .function(.sigmoid), score)
    return add(name + "shared", .multiply, down, weight)
  }

  private mutating func feedForward(_ name: String, _ x: Int) -> Int {
    let hasBias = shape.biases.contains(.feedForward)
    let width = shape.feedForwardWidth
    let inner: Int
    switch shape.feedForward {
    case .gatedSilu:
      let gate = linear(name + "gate", width, hasBias: hasBias, x)
      let up = linear(name + "up", width, hasBias: hasBias, x)
      inner = add(name + "activation", .gatedSilu, gate, up)
    case .plain(let function):
      let up = linear(name + "up", width, hasBias: hasBias, x)
      inner = add(name + "activation", .function(function), up)
    }
    return linear(name + "down", shape.width, hasBias: hasBias, inner)
  }
}
