public import Graphs
import NumberFormats

extension FloatModel {
  /// The model that is calibrated, quantized and executed: batch normalizations folded, then clamps
  /// fused. Deterministic, so that ranges observed on it fit what `quantize` makes.
  ///
  /// - Parameter keepingRoundings: Whether a checkpoint's own roundings stay.
  /// - Throws: `QuantizationError` when a batch normalization cannot be folded.
  public func prepared(keepingRoundings: Bool = false) throws(QuantizationError) -> FloatModel {
    let kept = keepingRoundings ? graph : try graph.withoutRoundings()
    let folded = try FloatModel(validated: kept, weights).foldingBatchNormalization()
    // Fusing changes no parameter.
    return FloatModel(validated: try folded.graph.fusingActivations(), folded.weights)
  }
}

/// Applies a scheme to a trained model.
///
/// - Parameters:
///   - graph: The graph as it was trained; it is prepared (folded and fused) here.
///   - weights: Its parameters.
///   - scheme: What to do.
///   - ranges: What `Calibration` found on the prepared graph with the scheme's observer; needed for static
///     activations, ignored otherwise.
/// - Returns: The prepared graph with arithmetic and storage chosen. Under static activations, values
///   are stored as `StorageAssignment` describes; a weighted node whose operand must stay fp32 (it is
///   also read by softmax) quantizes it per example. Under dynamic activations all values are fp32.
/// - Throws: `QuantizationError` that names the node or parameter.
public func quantize(
  graph: Graph, weights: Weights, scheme: Scheme, ranges: CalibratedRanges? = nil
) throws(QuantizationError) -> QuantizedModel {
  try quantize(FloatModel(graph: graph, weights: weights), scheme: scheme, ranges: ranges)
}

/// Applies a scheme to a trained model whose weights have been checked.
///
/// Parameters, result and errors are those of the variant with a graph.
public func quantize(
  _ model: FloatModel, scheme: Scheme, ranges: CalibratedRanges? = nil
) throws(QuantizationError) -> QuantizedModel {
  let model = try model.prepared(keepingRoundings: scheme.weights == .asStored)
  let storage = try storage(for: model.graph, scheme: scheme, ranges: ranges)
  var arithmetic: [Node.ID: NodeArithmetic] = [:]
  var remaining = model.weights
  for node in model.graph.nodes where node.operation.hasWeight {
    let isStored = storage[node.inputs[0]] != .float32
    let dynamic = isStored ? nil : scheme.activations.dynamicRange
    guard case .experts = node.operation else {
      let own = try model.arithmetic(
        of: node, scheme: scheme, dynamic: dynamic, isStored: isStored)
      arithmetic[node.id] = own
      if own != .float32 { remaining["\(node.name).weight"] = nil }
      continue
    }
    var experts: [NodeArithmetic] = []
    for expert in node.weighted {
      let own = try model.arithmetic(
        of: expert, scheme: scheme, dynamic: dynamic, isStored: isStored)
      experts.append(own)
      if own != .float32 { remaining["\(expert.name).weight"] = nil }
    }
    let isFloat = experts.allSatisfy { $0 == .float32 }
    arithmetic[node.id] = isFloat ? .float32 : .experts(experts)
  }
  return QuantizedModel(
    graph: model.graph, weights: remaining, arithmetic: arithmetic, storage: storage,
    cache: scheme.cache)
}

extension FloatModel {
  /// How a node with one weight, or one expert of a node, computes.
  fileprivate func arithmetic(
    of node: Node, scheme: Scheme, dynamic: DynamicRange?, isStored: Bool
  ) throws(QuantizationError) -> NodeArithmetic {
    if scheme.keepsInFloat(node, of: graph) { return .float32 }
    switch (scheme.weights, scheme.path(of: node, in: graph)) {
    case (.float32, _): return .float32
    case (.asStored, _):
      return try storedArithmetic(
        of: node, dynamic: dynamic, isStored: isStored,
        isRounded: scheme.activations != .float32)
    case (.affine(let format, let grouping), .kernel):
      return .integer(
        weight: try quantizedWeight(of: node, format: format, grouping: grouping),
        dynamic: dynamic)
    case (.affine(let format, let grouping), .reference):
      return .reference(
        weight: try storedWeight(of: node, format: format, grouping: grouping),
        dynamic: dynamic)
    case (.selfContained(let format), .kernel):
      return try kernelArithmetic(of: node, format: format.format, dynamic: dynamic)
    case (.selfContained(let format), .reference):
      // Such formats ignore the grouping.
      return .reference(
        weight: try storedWeight(
          of: node, format: format.format, grouping: Grouping(.tensor, symmetric: true)),
        dynamic: dynamic)
    }
  }
}

private func storage(
  for graph: Graph, scheme: Scheme, ranges: CalibratedRanges?
) throws(QuantizationError) -> [ValueStorage] {
  guard case .fixed(let symmetric, let observer) = scheme.activations else {
    return graph.roundedStorage()
  }
  guard let ranges else { throw .rangesMissing(scheme: scheme.name) }
  let names = graph.nodes.map(\.name)
  guard ranges.nodes == names else {
    throw .rangesOfAnotherGraph(
      expected: names.joined(separator: ", "), found: ranges.nodes.joined(separator: ", "))
  }
  guard ranges.observer == observer else {
    throw .rangesOfAnotherObserver(expected: observer, found: ranges.observer)
  }
  return StorageAssignment(graph: graph, ranges: ranges, symmetric: symmetric).storage()
}

extension ActivationScheme {
  /// How an fp32 operand of an integer product is quantized.
  fileprivate var dynamicRange: DynamicRange? {
    switch self {
    case .float32: nil
    case .fixed(let symmetric, _), .dynamic(let symmetric): symmetric ? .symmetric : .asymmetric
    }
  }
}
