import Graphs

/// All parameters of a graph in one run of memory, in the order of `Graph.parameters`, and their
/// gradients in another. A tied parameter lies where the one it repeats lies, so that their gradients add.
struct ParameterMemory: ~Copyable {
  let specifications: [ParameterSpecification]
  let offsets: [Int]
  /// Whether an optimiser moves the parameter: neither stored statistics nor a second name.
  let isTrained: [Bool]
  /// Whether weight decay pulls at it: what multiplies, except the gains of normalizations.
  let isDecayed: [Bool]
  let values: FloatArena
  let gradients: FloatArena

  /// - Parameter tied: Parameters that are another, earlier one of the same size under a second name.
  init(_ graph: Graph, tied: [String: String] = [:]) {
    specifications = graph.parameters
    var offsets: [Int] = []
    var isTrained: [Bool] = []
    var isDecayed: [Bool] = []
    var places: [String: (offset: Int, count: Int)] = [:]
    var end = 0
    for specification in specifications {
      let shared = tied[specification.name].flatMap { places[$0] }
      let count = specification.elementCount
      precondition(shared.map { $0.count == count } ?? true, "tied parameters differ in size")
      let offset = shared?.offset ?? end
      places[specification.name] = (offset, count)
      offsets.append(offset)
      if shared == nil { end += count }
      let isStored = specification.role == .mean || specification.role == .variance
      isTrained.append(shared == nil && !isStored)
      var isGain = false
      if case .normalization = graph.nodes[specification.node].operation { isGain = true }
      isDecayed.append(specification.role == .weight && !isGain)
    }
    self.offsets = offsets
    self.isTrained = isTrained
    self.isDecayed = isDecayed
    values = FloatArena(count: end)
    gradients = FloatArena(count: end)
  }

  /// Takes every tensor of `weights`, which must fit the graph; of tied ones the first.
  func load(_ weights: Weights) {
    var end = 0
    for (specification, offset) in zip(specifications, offsets) where offset >= end {
      end = offset + specification.elementCount
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
