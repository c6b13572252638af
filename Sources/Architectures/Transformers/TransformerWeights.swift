public import Graphs

/// Why a checkpoint's tensors are not the parameters of a transformer.
public enum TransformerWeightsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A tensor is not there.
  case missing(tensor: String, parameter: String)
  /// A tensor has another shape than the parameter needs.
  case shape(tensor: String, expected: [Int], found: [Int])

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .missing(let tensor, let parameter):
      "expected a tensor '\(tensor)' (for \(parameter)), found none"
    case .shape(let tensor, let expected, let found):
      "tensor '\(tensor)': expected shape \(Shape(expected)), found \(Shape(found))"
    }
  }
}

extension TransformerShape {
  /// The parameters of this shape's graph, out of a checkpoint's tensors.
  ///
  /// - Parameters:
  ///   - graph: What `graph()` returned.
  ///   - naming: How the checkpoint names and lays out its tensors.
  ///   - tensor: A tensor by the checkpoint's name for it; `nil` where there is none.
  /// - Throws: `TransformerWeightsError` for the first parameter that cannot be made.
  public func weights(
    of graph: Graph, named naming: CheckpointNaming, in tensor: (String) -> Tensor?
  ) throws(TransformerWeightsError) -> Weights {
    var weights = Weights()
    for parameter in graph.parameters {
      let place = naming.place(of: parameter.name, isTied: isTied)
      var found: [Tensor] = []
      for name in place.tensors {
        guard let tensor = tensor(name) else {
          throw .missing(tensor: name, parameter: parameter.name)
        }
        found.append(tensor)
      }
      let made = place.parameter(from: found)
      guard let made, made.shape == parameter.shape else {
        throw .shape(
          tensor: place.tensor, expected: parameter.shape, found: made?.shape ?? found[0].shape)
      }
      weights[parameter.name] = made
    }
    return weights
  }
}
