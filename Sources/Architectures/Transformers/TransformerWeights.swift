public import Checkpoints
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

/// Why a checkpoint does not give a transformer its parameters.
public enum TransformerCheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A tensor cannot be read.
  case checkpoint(CheckpointError)
  /// The tensors are not the parameters.
  case weights(file: String, TransformerWeightsError)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .checkpoint(let error): error.description
    case .weights(let file, let error): "\(file): \(error)"
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
        guard let tensor = tensor(name) ?? naming.otherName(of: name).flatMap(tensor) else {
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

  /// The parameters of this shape's graph, out of a checkpoint, whose tensors stay where they are.
  ///
  /// - Parameters:
  ///   - graph: What `graph()` returned.
  ///   - naming: How the checkpoint names and lays out its tensors.
  ///   - checkpoint: The tensors.
  /// - Throws: `TransformerCheckpointError` for the first parameter that cannot be made.
  public func weights(
    of graph: Graph, named naming: CheckpointNaming, from checkpoint: any TensorCollection
  ) throws(TransformerCheckpointError) -> Weights {
    var failure: CheckpointError?
    let weights: Weights
    do throws(TransformerWeightsError) {
      weights = try self.weights(of: graph, named: naming) { name in
        do throws(CheckpointError) {
          return try checkpoint.tensor(name)
        } catch {
          failure = failure ?? error
          return nil
        }
      }
    } catch {
      throw failure.map { .checkpoint($0) } ?? .weights(file: checkpoint.file, error)
    }
    return weights
  }
}
