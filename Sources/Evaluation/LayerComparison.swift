public import Results

/// Compares the results of layers with the float run's, layer by layer, without keeping them.
public struct LayerComparison: Sendable {
  private struct Layer: Sendable {
    let name: String
    let operation: String
    var fidelity = OutputFidelity()
    var cosines = CosineAccumulator()
    var elements = 0
    var saturated = 0
  }

  private var layers: [Layer] = []
  private var places: [String: Int] = [:]

  /// Creates one that has seen nothing.
  public init() {}

  /// Adds one result vector of a layer. Layers are listed in the order in which they first come.
  ///
  /// - Parameter range: What a result can hold; float results beyond it saturate. `nil` where nothing does.
  public mutating func add(
    layer name: String, operation: String, values: Span<Float>, float: Span<Float>,
    range: ClosedRange<Float>? = nil
  ) {
    precondition(values.count == float.count, "both runs have the same shape")
    let place = places[name] ?? layers.count
    if place == layers.count {
      places[name] = place
      layers.append(Layer(name: name, operation: operation))
    }
    layers[place].cosines.add(values, float: float, from: 0, count: values.count)
    layers[place].elements += values.count
    for index in 0..<values.count {
      layers[place].fidelity.add(values[index], float: float[index])
      if let range, !range.contains(float[index]) { layers[place].saturated += 1 }
    }
  }

  /// What was added.
  public var summary: [LayerFidelity] {
    layers.compactMap { layer in
      layer.cosines.summary.map { cosine in
        LayerFidelity(
          name: layer.name, operation: layer.operation, sqnr: layer.fidelity.decibel,
          cosine: cosine, elements: layer.elements, saturated: layer.saturated)
      }
    }
  }
}
