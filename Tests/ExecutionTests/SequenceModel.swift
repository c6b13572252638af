import Graphs
import NumberFormats
import TestSupport

/// Small random sequence models of the families that decoders and encoders come in.
enum SequenceModel: CaseIterable {
  /// RMS norm, rotary halves, grouped heads, SwiGLU, norms of query and key, a window.
  case llama
  /// Layer norm, learned positions, GELU, biases.
  case gpt2
  /// Attention over whole sequences, mean and unit length at the end.
  case encoder
  /// As `llama`, with experts in place of the feed-forward part.
  case experts

  static let vocabulary = 23
  static let width = 32
  static let longest = 40

  var isCausal: Bool { self != .encoder }
  fileprivate var isLlama: Bool { self == .llama || self == .experts }

  /// A random model; equal seeds give equal models.
  ///
  /// - Parameter isQuantized: int8 weights and a dynamic range per token, instead of fp32.
  func make(
    seed: UInt64, isQuantized: Bool, cache: CacheStorage = .float32
  ) throws -> QuantizedModel {
    var builder = Builder(family: self)
    builder.build()
    let graph = try Graph(builder.nodes)
    var generator = SeededGenerator(seed: seed)
    var weights = Weights()
    var arithmetic: [Node.ID: NodeArithmetic] = [:]
    for specification in graph.parameters {
      let values = (0..<specification.elementCount).map { _ in
        Float.random(in: -0.5...0.5, using: &generator)
      }
      let node = graph.nodes[specification.node]
      if node.operation.hasWeight, specification.role == .weight, isQuantized {
        let matrix = FloatMatrix(
          name: specification.name, rows: specification.shape[0],
          columns: specification.shape[1], values: values)
        let integer = NodeArithmetic.integer(
          weight: try AffineFormat.int8.encode(
            matrix, grouping: Grouping(.channel, symmetric: true)),
          dynamic: .asymmetric)
        if case .experts(let parts)? = arithmetic[node.id] {
          arithmetic[node.id] = .experts(parts + [integer])
        } else if case .experts = node.operation {
          arithmetic[node.id] = .experts([integer])
        } else {
          arithmetic[node.id] = integer
        }
        continue
      }
      if node.operation.hasWeight, !isQuantized { arithmetic[node.id] = .float32 }
      weights[specification.name] = Tensor(shape: specification.shape, values: values)
    }
    return QuantizedModel(
      graph: graph, weights: weights, arithmetic: arithmetic,
      storage: Array(repeating: .float32, count: graph.nodes.count), cache: cache)
  }

  static func tokens(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float(Int.random(in: 0..<vocabulary, using: &generator)) }
  }
}

private struct Builder {
  let family: SequenceModel
  var nodes = [Node(id: 0, name: "input", operation: .input(Shape([1])), inputs: [])]

  mutating func add(_ name: String, _ operation: Operation, _ inputs: Int...) -> Int {
    nodes.append(Node(id: nodes.count, name: name, operation: operation, inputs: inputs))
    return nodes.count - 1
  }

  mutating func build() {
    let width = SequenceModel.width
    var x = add("embed", .embedding(rows: SequenceModel.vocabulary, features: width), 0)
    if !family.isLlama {
      x = add("positions", .positionEmbedding(rows: SequenceModel.longest), x)
    }
    for layer in 0..<2 { x = block("layer\(layer)", x) }
    switch family {
    case .encoder:
      x = add("pool", .tokens(.mean), x)
      _ = add("unit", .unitLength, x)
    case .llama, .gpt2, .experts:
      x = add("selected", .tokens(.requested), x)
      x = norm("norm", x)
      _ = add("head", .linear(outFeatures: SequenceModel.vocabulary, hasBias: false), x)
    }
  }

  private mutating func norm(_ name: String, _ x: Int, parts: Int = 1) -> Int {
    family.isLlama
      ? add(name, .normalization(Normalization(.rms, epsilon: 1e-5, parts: parts)), x)
      : add(name, .normalization(Normalization(.layer, epsilon: 1e-5, hasBias: true)), x)
  }

  private mutating func linear(_ name: String, _ features: Int, _ x: Int) -> Int {
    add(name, .linear(outFeatures: features, hasBias: !family.isLlama), x)
  }

  private mutating func block(_ name: String, _ input: Int) -> Int {
    let size = 8
    let keyHeads = family.isLlama ? 2 : 4
    let x = family == .encoder ? input : norm(name + ".norm1", input)
    var query = linear(name + ".query", 4 * size, x)
    var key = linear(name + ".key", keyHeads * size, x)
    let value = linear(name + ".value", keyHeads * size, x)
    if family.isLlama {
      query = norm(name + ".query_norm", query, parts: 4)
      key = norm(name + ".key_norm", key, parts: keyHeads)
      query = add(name + ".query_turned", .rotaryEmbedding(rotary(4, size)), query)
      key = add(name + ".key_turned", .rotaryEmbedding(rotary(keyHeads, size)), key)
    }
    let attention = Attention(
      heads: 4, keyValueHeads: keyHeads, headSize: size, scale: 1 / Float(size).squareRoot(),
      isCausal: family.isCausal, window: family.isLlama ? 5 : nil)
    var y = add(name + ".attention", .attention(attention), query, key, value)
    y = add(name + ".sum1", .add, input, linear(name + ".output", SequenceModel.width, y))
    if family == .encoder { y = norm(name + ".norm1", y) }
    let z = family == .encoder ? y : norm(name + ".norm2", y)
    if family == .experts { return add(name + ".sum2", .add, y, experts(name, z)) }
    var inner = linear(name + ".up", 48, z)
    if family == .llama {
      inner = add(name + ".gated", .gatedSilu, linear(name + ".gate", 48, z), inner)
    } else {
      inner = add(
        name + ".gelu", .function(family == .gpt2 ? .geluTanh : .gelu), inner)
    }
    y = add(name + ".sum2", .add, y, linear(name + ".down", SequenceModel.width, inner))
    return family == .encoder ? norm(name + ".norm2", y) : y
  }

  private mutating func experts(_ name: String, _ x: Int) -> Int {
    func layer(_ features: Int, _ operand: ExpertLayer.Operand) -> Operation {
      .experts(ExpertLayer(experts: 6, chosen: 2, outFeatures: features, operand: operand))
    }
    let scores = linear(name + ".router", 6, x)
    let routing = add(
      name + ".routing", .routing(Routing(experts: 6, chosen: 2, isNormalized: true)), scores)
    let up = add(name + ".up", layer(48, .shared), x, routing)
    let gate = add(name + ".gate", layer(48, .shared), x, routing)
    let inner = add(name + ".gated", .gatedSilu, gate, up)
    let down = add(name + ".down", layer(SequenceModel.width, .own), inner, routing)
    return add(name + ".experts", .mixture(chosen: 2), down, routing)
  }

  private func rotary(_ heads: Int, _ size: Int) -> RotaryEmbedding {
    RotaryEmbedding(heads: heads, headSize: size, rotary: 6, pairing: .halves, base: 100)
  }
}
