import Graphs

/// All parameters of a graph in one run of memory, in the order of `Graph.parameters`, and their
/// gradients in another.
struct ParameterMemory: ~Copyable {
  let specifications: [ParameterSpecification]
  let offsets: [Int]
  let values: FloatArena
  let gradients: FloatArena

  init(_ graph: Graph) {
    specifications = graph.parameters
    var offsets: [Int] = []
    var end = 0
    for specification in specifications {
      offsets.append(end)
      end += specification.elementCount
    }
    self.offsets = offsets
    values = FloatArena(count: end)
    gradients = FloatArena(count: end)
  }

  /// Takes every tensor of `weights`, which must fit the graph.
  func load(_ weights: Weights) {
    for (specification, offset) in zip(specifications, offsets) {
      guard let tensor = weights[specification.name] else { continue }
      for (index, value) in tensor.values.enumerated() { values.base[offset + index] = value }
    }
  }

  /// Copies of all tensors, of the values or of the gradients.
  func tensors(of arena: borrowing FloatArena) -> Weights {
    var weights = Weights()
    for (specification, offset) in zip(specifications, offsets) {
      let run = UnsafeBufferPointer(
        start: arena.base + offset, count: specification.elementCount)
      weights[specification.name] = Tensor(shape: specification.shape, values: Array(run))
    }
    return weights
  }

  var weights: Weights { tensors(of: values) }
  var gradientTensors: Weights { tensors(of: gradients) }

  /// The places of one node's parameters.
  func slots(of node: Node.ID) -> [ParameterRole: ParameterSlot] {
    var slots: [ParameterRole: ParameterSlot] = [:]
    for (specification, offset) in zip(specifications, offsets) where specification.node == node {
      slots[specification.role] = ParameterSlot(
        value: values.base + offset, gradient: gradients.base + offset)
    }
    return slots
  }
}

/// Where one parameter and its gradient begin.
struct ParameterSlot {
  let value: Floats
  let gradient: Floats
}
