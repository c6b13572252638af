public import Graphs

/// Weights before the first step.
public enum Initialisation {
  /// He's initialisation: weights normal with variance 2 / (products summed), each parameter from its
  /// own stream of the seed; biases and shifts 0, scales 1; stored mean 0 and variance 1.
  public static func weights(_ graph: Graph, seed: UInt64) -> Weights {
    var weights = Weights()
    for (index, specification) in graph.parameters.enumerated() {
      var tensor = Tensor(shape: specification.shape, repeating: 0)
      switch specification.role {
      case .weight:
        let sum = graph.summationLength(of: graph.nodes[specification.node])
        let deviation = (2 / Double(sum)).squareRoot()
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
}
