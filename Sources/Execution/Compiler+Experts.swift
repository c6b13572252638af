import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// What makes a gathered operand.
  struct GatheredOperand: Hashable {
    let node: Node.ID
    let routing: Node.ID
    let parts: Int
    let isFloat: Bool
    let range: DynamicRange?
  }

  /// Appends the steps of an operator over experts.
  mutating func lowerExpert(_ node: Node) throws(ExecutionError) {
    switch node.operation {
    case .routing(let routing): try lowerRouting(node, routing)
    case .experts(let layer): try lowerExperts(node, layer)
    case .mixture(let chosen):
      let source = try floatOperand(node, 0)
      let routing = values[node.inputs[1]].buffer
      let result = try floatResult(node)
      let step = MixtureStep(
        source: source, routing: routing, result: result, chosen: chosen, count: count(node))
      emit(.mix(step), node, kernel: "mixture_f32", touching: [source, routing, result])
      try deliver(node, result)
    default: break
    }
  }

  private mutating func lowerRouting(_ node: Node, _ routing: Routing) throws(ExecutionError) {
    let scores = try floatOperand(node, 0)
    let probabilities = try buffer(routing.experts, elementSize: 4)
    emit(
      .softmax(Elementwise(source: scores, result: probabilities, count: routing.experts)), node,
      kernel: "softmax_f32", touching: [scores, probabilities])
    let result = try floatResult(node)
    let step = RoutingStep(
      scores: scores, probabilities: probabilities, result: result, experts: routing.experts,
      chosen: routing.chosen, isNormalized: routing.isNormalized)
    emit(.route(step), node, kernel: "route", touching: [scores, probabilities, result])
    try deliver(node, result)
  }

  private mutating func lowerExperts(_ node: Node, _ layer: ExpertLayer) throws(ExecutionError) {
    let groups = try expertGroups(node, layer)
    let packedBefore = weights.bytes
    let matrices = try packExperts(of: node, layer)
    let weightBytes = weights.bytes - packedBefore
    let (operand, affine) = try expertOperand(node, layer, groups)
    let form = storage(node).map { ResultForm.codes(qg_affine($0)) } ?? .float
    let sorted = try buffer(count(node), elementSize: form.elementSize)
    let result = try resultBuffer(node)
    let product = Product(
      operand: operand, affine: affine, result: sorted, form: form, outputs: layer.outFeatures,
      length: graph.summationLength(of: node), matrix: matrices[0], bias: nil,
      bounds: qg_bounds(node.fusedActivation))
    emit(
      .multiplyExperts(
        ExpertProduct(groups: groups, product: product, matrices: matrices, result: result)), node,
      kernel: product.matrix.kernel,
      touching: [operand, groups.order, groups.offsets, sorted] + affine.buffers + [result],
      weightBytes: weightBytes)
    values.append(Value(buffer: result, count: count(node), affine: storage(node)))
  }

  /// Which expert reads which row; found out once per routing.
  private mutating func expertGroups(
    _ node: Node, _ layer: ExpertLayer
  ) throws(ExecutionError) -> ExpertGroups {
    let routing = node.inputs[1]
    if let groups = expertGroups[routing] { return groups }
    let groups = ExpertGroups(
      routing: values[routing].buffer, order: try buffer(layer.chosen, elementSize: 4),
      offsets: try buffer(layer.experts + 1, elementSize: 4, perExample: false),
      experts: layer.experts, chosen: layer.chosen)
    emit(
      .group(groups), node, kernel: "group",
      touching: [groups.routing, groups.offsets, groups.order])
    expertGroups[routing] = groups
    return groups
  }

  private mutating func packExperts(
    of node: Node, _ layer: ExpertLayer
  ) throws(ExecutionError) -> UnsafePointer<PackedMatrix> {
    let parts: [NodeArithmetic]
    switch model.arithmetic[node.id] {
    case .experts(let experts): parts = experts
    case .float32: parts = Array(repeating: .float32, count: layer.experts)
    default: throw .arithmeticMissing(node: node.name)
    }
    let matrices = weights.allocate(layer.experts, of: PackedMatrix.self)
    for (index, (expert, arithmetic)) in zip(node.weighted, parts).enumerated() {
      (matrices + index).initialize(to: try pack(arithmetic, of: expert))
    }
    return UnsafePointer(matrices)
  }

  /// The operand's rows in the order of experts, in the form that all experts read; gate and up share them.
  private mutating func expertOperand(
    _ node: Node, _ layer: ExpertLayer, _ groups: ExpertGroups
  ) throws(ExecutionError) -> (BufferID, OperandAffine) {
    let reading = model.arithmetic[node.id]?.reading ?? .float(nil)
    let parts = layer.operandRows
    let key = GatheredOperand(
      node: node.inputs[0], routing: node.inputs[1], parts: parts, isFloat: reading.isFloat,
      range: reading.range)
    if let gathered = gatheredOperands[key] { return gathered }
    let source: BufferID
    var affine = OperandAffine.none
    switch reading {
    case .float(nil): source = try floatOperand(node, 0)
    case .float(let range?): source = try roundedOperand(node, range, parts: parts)
    case .codes(let range): (source, affine) = try integerOperand(node, range, parts: parts)
    }
    let length = graph.summationLength(of: node)
    let size = reading.isFloat ? 4 : 1
    let result = try buffer(layer.chosen * length, elementSize: size)
    var gatheredAffine = affine
    var affines: RowGathering.Affines?
    if case .perExample(let buffer) = affine {
      let own = try self.buffer(layer.chosen, elementSize: MemoryLayout<qg_affine>.stride)
      affines = RowGathering.Affines(source: buffer, result: own)
      gatheredAffine = .perExample(own)
    }
    let step = RowGathering(
      groups: groups, source: source, result: result, rowBytes: length * size,
      choicesPerRow: layer.operand == .own ? 1 : layer.chosen, affines: affines)
    emit(
      .gather(step), node, kernel: "gather",
      touching: [source, groups.order] + affine.buffers + gatheredAffine.buffers + [result])
    gatheredOperands[key] = (result, gatheredAffine)
    return (result, gatheredAffine)
  }
}

/// The form in which a product reads its operand.
enum OperandReading: Equatable {
  /// fp32, rounded as a dynamic range says.
  case float(DynamicRange?)
  /// uint8: as stored, or quantized on the fly.
  case codes(DynamicRange?)

  var isFloat: Bool { if case .float = self { true } else { false } }

  var range: DynamicRange? {
    switch self {
    case .float(let range), .codes(let range): range
    }
  }
}

extension NodeArithmetic {
  /// The form in which the operand is read; of experts, the first one's.
  var reading: OperandReading {
    switch self {
    case .float32, .bfloat16: .float(nil)
    case .reference(_, let dynamic): .float(dynamic)
    case .integer(_, let dynamic), .blocks(_, let dynamic), .codebook(_, let dynamic):
      .codes(dynamic)
    case .experts(let experts): experts.first?.reading ?? .float(nil)
    }
  }
}
