public import Results

/// Compares the results of layers with the float run's, layer by layer, without keeping them.
public struct LayerComparison: Sendable {
  private struct Layer: Sendable {
    let name: String
    let operation: String
    var fidelity = OutputFidelity()
    var cosines = CosineAccumulator()
  }

  private var layers: [Layer] = []
  private var places: [String: Int] = [:]

  /// Creates one that has seen nothing.
  public init() {}

  /// Adds one result vector of a layer. Layers are listed in the order in which they first come.
  public mutating func add(
    layer name: String, operation: String, values: Span<Float>, float: Span<Float>
  ) {
    precondition(values.count == float.count, "both runs have the same shape")
    let place = places[name] ?? layers.count
    if place == layers.count {
      places[name] = place
      layers.append(Layer(name: name, operation: operation))
    }
    layers[place].cosines.add(values, float: float, from: 0, count: values.count)
    for index in 0..<values.count {
      layers[place].fidelity.add(values[index], float: float[index])
    }
  }

  /// What was added.
  public var summary: [LayerFidelity] {
    layers.compactMap { layer in
      layer.cosines.summary.map { cosine in
        LayerFidelity(
          name: layer.name, operation: layer.operation, sqnr: layer.fidelity.decibel,
          cosine: cosine)
      }
    }
  }
}
