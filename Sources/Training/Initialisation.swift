public import Graphs

/// Weights before the first step.
public enum Initialisation {
  /// He's initialisation: weights normal with variance 2 / (products summed), each parameter from its
  /// own stream of the seed; biases and shifts 0, scales 1; stored mean 0 and variance 1.
  ///
  /// In a graph over sequences the variance is 1 / (products summed), tables of embeddings have the
  /// standard deviation 0.02, and the gains of normalizations are 1.
  public static func weights(_ graph: Graph, seed: UInt64) -> Weights {
    var weights = Weights()
    for (index, specification) in graph.parameters.enumerated() {
      var tensor = Tensor(shape: specification.shape, repeating: 0)
      switch specification.role {
      case .weight:
        guard let deviation = deviation(graph.nodes[specification.node], in: graph) else {
          tensor = Tensor(shape: specification.shape, repeating: 1)
          break
        }
        var random = RandomStream(seed: seed, purpose: .weights, index: index)
        for element in tensor.values.indices {
          tensor.values[element] = Float(deviation * random.normal())
        }
      case .scale, .variance:
        tensor = Tensor(shape: specification.shape, repeating: 1)
      case .bias, .shift, .mean:
        break
      }
      weights[specification.name] = tensor
    }
    return weights
  }

  /// The standard deviation of a node's weights; `nil` where they start as ones.
  private static func deviation(_ node: Node, in graph: Graph) -> Double? {
    switch node.operation {
    case .normalization: nil
    case .embedding, .positionEmbedding: 0.02
    default:
      ((graph.isSequence ? 1 : 2) / Double(graph.summationLength(of: node))).squareRoot()
    }
  }
}
