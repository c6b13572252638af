import Graphs
import TestSupport

/// Compares gradients with central differences of the double-precision reference.
struct GradientCheck {
  /// The largest distance accepted, relative to the largest difference quotient of the same tensor:
  /// fp32 rounding of sums of some hundred products, amplified by batch normalization.
  static let tolerance = 2e-4

  let graph: Graph
  let weights: Weights
  let inputs: [Float]
  /// One per example or per token of it; −1 for none.
  let labels: [Int]
  let tokens: Int
  let tied: [String: String]

  /// Seeded weights, inputs and labels; a graph over sequences gets windows of token ids, and labels for
  /// all but the last token where it scores tokens.
  init(
    _ graph: Graph, examples: Int, tokens: Int = 1, tied: [String: String] = [:], seed: UInt64
  ) {
    self.tokens = tokens
    self.tied = tied
    var random = SeededGenerator(seed: seed)
    func value(_ scale: Float) -> Float { Float.random(in: -scale...scale, using: &random) }
    var weights = Weights()
    for specification in graph.parameters {
      let values = (0..<specification.elementCount).map { _ in
        Self.isGain(specification, graph) ? 1 + value(0.3) : value(0.7)
      }
      weights[specification.name] = Tensor(shape: specification.shape, values: values)
    }
    for (name, original) in tied { weights[name] = weights[original] }
    self.graph = graph
    self.weights = weights
    guard graph.isSequence else {
      inputs = (0..<examples * graph.inputShape.elementCount).map { _ in value(2) }
      labels = (0..<examples).map { _ in
        Int.random(in: 0..<graph.outputShape.elementCount, using: &random)
      }
      return
    }
    let vocabulary = weights["embedding.weight"]?.shape[0] ?? 1
    inputs = (0..<examples * tokens).map { _ in
      Float(Int.random(in: 0..<vocabulary, using: &random))
    }
    let isPooled = graph.nodes.contains {
      $0.operation == .tokens(.first) || $0.operation == .tokens(.mean)
    }
    labels = (0..<(isPooled ? examples : examples * tokens)).map { row in
      !isPooled && (row + 1).isMultiple(of: tokens)
        ? -1 : Int.random(in: 0..<graph.outputShape.elementCount, using: &random)
    }
  }

  private static func isGain(_ specification: ParameterSpecification, _ graph: Graph) -> Bool {
    if case .normalization = graph.nodes[specification.node].operation {
      return specification.role == .weight
    }
    return specification.role == .scale || specification.role == .variance
  }

  /// The reference with the same weights.
  var reference: ReferenceNetwork {
    ReferenceNetwork(graph: graph, weights: weights, tokens: tokens, tied: tied)
  }

  /// What is wrong with `gradients`, one line a parameter; empty when nothing is.
  func complaints(about gradients: Weights) -> [String] {
    var complaints: [String] = []
    let doubles = inputs.map(Double.init)
    for specification in graph.parameters where specification.role != .mean {
      if specification.role == .variance { continue }
      guard let found = gradients[specification.name]?.values else {
        complaints.append("\(specification.name): no gradient")
        continue
      }
      var network = reference
      // Every element of small tensors, about sixty of large ones.
      let step = max(1, found.count / 60)
      let places = Array(stride(from: 0, to: found.count, by: step))
      let quotients = places.map { place in
        quotient(&network, tied[specification.name] ?? specification.name, place, doubles)
      }
      let largest = quotients.map(abs).max() ?? 0
      for (place, expected) in zip(places, quotients)
      where !(abs(Double(found[place]) - expected) <= Self.tolerance * largest + 1e-7) {
        complaints.append(
          "\(specification.name)[\(place)]: expected \(expected), found \(found[place])")
        break
      }
    }
    return complaints
  }

  private func quotient(
    _ network: inout ReferenceNetwork, _ name: String, _ place: Int, _ inputs: [Double]
  ) -> Double {
    // Small enough that no clamp or maximum switches between the two sides.
    let distance = 1e-6
    guard let value = network.tensors[name]?[place] else { return .nan }
    network.tensors[name]?[place] = value + distance
    let above = network.loss(inputs: inputs, labels: labels)
    network.tensors[name]?[place] = value - distance
    let below = network.loss(inputs: inputs, labels: labels)
    network.tensors[name]?[place] = value
    return (above - below) / (2 * distance)
  }
}
