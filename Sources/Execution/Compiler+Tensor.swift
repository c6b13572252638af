import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// Appends the steps of an operation over tensors.
  mutating func lowerTensor(
    _ node: Node, _ operation: TensorOperation
  ) throws(ExecutionError) {
    if case .reshape = operation { return try lowerFlatten(node) }
    if case .map(let mapping) = operation, try lowerMappedCodes(node, mapping) { return }
    var operands: [BufferID] = []
    for index in node.inputs.indices { operands.append(try floatOperand(node, index)) }
    if case .matrixProduct = operation { return try lowerMatrixProduct(node, operands) }
    let packedBefore = weights.bytes
    let result = try floatResult(node)
    let (step, kernel) = tensorStep(node, operation, operands, result)
    emit(
      .tensor(step), node, kernel: kernel, touching: operands + [result],
      weightBytes: operation.hasParameter ? weights.bytes - packedBefore : 0)
    try deliver(node, result)
  }

  private mutating func tensorStep(
    _ node: Node, _ operation: TensorOperation, _ operands: [BufferID], _ result: BufferID
  ) -> (TensorStep, kernel: String) {
    let shape = graph.shapes[node.id]
    let shapes = node.inputs.map { graph.shapes[$0] }
    switch operation {
    case .reshape, .matrixProduct: preconditionFailure("lowered elsewhere")
    case .constant:
      let values = parameter(node, "weight")
      return (.fill(values, result: result, count: shape.elementCount), "copy")
    case .view(let view):
      let plan = TraversalPlan(
        extents: shape.dimensions, strides: [view.strides], counts: [shapes[0].elementCount],
        origin: view.offset)
      return (
        .walk(source: operands[0], result: result, plan.placed(in: &weights)), "walk"
      )
    case .take(let selection): return (take(selection, shapes[0], operands[0], result), "take")
    case .concatenation(let axis):
      let joined = JoinedTensors(
        first: operands[0], second: operands[1], result: result,
        outer: shape.dimensions[..<axis].reduce(1, *),
        firstRun: shapes[0].dimensions[axis...].reduce(1, *),
        secondRun: shapes[1].dimensions[axis...].reduce(1, *))
      return (.join(joined), "join")
    case .map(let mapping):
      return (.map(each(node, operands[0], result), mapping), mapping.name)
    case .arithmetic(let arithmetic):
      let plan = TraversalPlan(shape, operands: shapes)
      return (
        .combine(
          arithmetic, operands[0], operands[1], result: result, plan.placed(in: &weights),
          qg_bounds(nil)), arithmetic.rawValue
      )
    case .choice:
      let plan = TraversalPlan(shape, operands: shapes)
      return (
        .choose(
          operands[0], operands[1], operands[2], result: result, plan.placed(in: &weights)),
        "choice"
      )
    case .reduction(let reduction, let axes):
      return (
        .reduce(self.reduction(reduction, axes, shapes[0], operands[0], result)),
        reduction.rawValue
      )
    case .rows(let rows, let features):
      let selection = RowSelection(
        indices: operands[0], result: result, table: parameter(node, "weight"), rows: rows,
        features: features, count: shapes[0].elementCount)
      return (.lookUp(selection), "rows")
    case .softmax:
      let vector = Elementwise(source: operands[0], result: result, count: shape.channels)
      return (.softmax(vector, vectors: shape.elementCount / shape.channels), "softmax_f32")
    case .gather: return (.gather(placed(operands, shapes, result)), "gather")
    case .scatter(let scattering):
      return (
        .scatter(placed(operands, shapes, result), updates: operands[2], scattering), "scatter"
      )
    case .topK(let chosen, let isAscending):
      let length = shapes[0].channels
      let vector = Elementwise(source: operands[0], result: result, count: length)
      return (
        .topK(
          vector, vectors: shapes[0].elementCount / length, chosen: chosen,
          isAscending: isAscending), "top_k"
      )
    }
  }

  private func placed(
    _ operands: [BufferID], _ shapes: [Shape], _ result: BufferID
  ) -> PlacedElements {
    PlacedElements(
      source: operands[0], places: operands[1], result: result,
      sourceCount: shapes[0].elementCount, placeCount: shapes[1].elementCount)
  }

  private mutating func take(
    _ selection: Selection, _ shape: Shape, _ source: BufferID, _ result: BufferID
  ) -> TensorStep {
    let extents = shape.dimensions
    return .take(
      TakenSlices(
        source: source, result: result, outer: extents[..<selection.axis].reduce(1, *),
        extent: extents[selection.axis], inner: extents[(selection.axis + 1)...].reduce(1, *),
        indices: weights.copy(selection.indices, padded: selection.indices.count),
        taken: selection.indices.count, filling: selection.filling))
  }

  private mutating func reduction(
    _ reduction: Reduction, _ axes: [Int], _ shape: Shape, _ source: BufferID, _ result: BufferID
  ) -> TensorReduction {
    let strides = shape.strides
    func plan(_ chosen: [Int]) -> TraversalPlan {
      TraversalPlan(
        extents: chosen.map { shape.dimensions[$0] }, strides: [chosen.map { strides[$0] }],
        counts: [shape.elementCount])
    }
    let kept = plan(shape.dimensions.indices.filter { !axes.contains($0) })
    return TensorReduction(
      source: source, result: result, reduction: reduction, kept: kept.placed(in: &weights),
      reduced: plan(axes).placed(in: &weights))
  }

  private mutating func lowerMatrixProduct(
    _ node: Node, _ operands: [BufferID]
  ) throws(ExecutionError) {
    let (left, right) = (graph.shapes[node.inputs[0]], graph.shapes[node.inputs[1]])
    func outer(_ shape: Shape) -> Shape { Shape(Array(shape.dimensions.dropLast(2))) }
    let plan = TraversalPlan(
      outer(graph.shapes[node.id]), operands: [outer(left), outer(right)])
    let panelCount = qg_packed_f32_count(right.channels, left.channels)
    let panels = try buffer(outer(right).elementCount * panelCount, elementSize: 4)
    let result = try floatResult(node)
    let product = MatrixProduct(
      left: operands[0], right: operands[1], panels: panels, result: result,
      rows: left.dimensions[left.rank - 2], columns: right.channels, length: left.channels,
      rightMatrices: outer(right).elementCount, panelCount: panelCount,
      matrices: plan.placed(in: &weights), bounds: qg_bounds(node.fusedActivation))
    emit(
      .tensor(.packRight(product)), node, kernel: "pack_f32", touching: [operands[1], panels])
    emit(
      .tensor(.multiply(product)), node, kernel: "gemm_f32",
      touching: [operands[0], panels, result])
    try deliver(node, result, isClamped: true)
  }

  /// Appends the codes of a checkpoint's own rounding, or the numbers they stand for.
  mutating func lowerRounding(
    _ node: Node, _ affine: AffineParameters
  ) throws(ExecutionError) {
    let operand = values[node.inputs[0]]
    if operand.affine == affine, storage(node) == affine {
      values.append(operand)
      // As in `lowerFlatten`.
      if !steps.isEmpty { keep(operand.buffer, at: steps.count - 1) }
      return
    }
    let source = try floatOperand(node, 0)
    guard storage(node) == nil else { return try deliver(node, source) }
    let codes = try buffer(operand.count, elementSize: 1)
    let result = try floatResult(node)
    emit(
      .quantize(each(node, source, codes), qg_affine(affine)), node, kernel: "quantize_u8",
      touching: [source, codes])
    emit(
      .dequantize(each(node, codes, result), qg_affine(affine)), node, kernel: "dequantize_u8",
      touching: [codes, result])
    try deliver(node, result)
  }
}

extension TensorOperation {
  /// Whether the operation has a parameter.
  fileprivate var hasParameter: Bool {
    switch self {
    case .constant, .rows: true
    default: false
    }
  }
}
