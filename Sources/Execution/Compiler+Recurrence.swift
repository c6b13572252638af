import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// Appends all steps of a recurrent layer.
  mutating func lowerRecurrence(
    _ node: Node, _ recurrence: Recurrence
  ) throws(ExecutionError) {
    let packedBefore = weights.bytes
    let (matrix, rounding) = try stateWeight(of: node, recurrence)
    let biases = bias(of: node)
    let weightBytes = weights.bytes - packedBefore
    let source = try floatOperand(node, 0)
    let state = try buffer(recurrence.features, elementSize: 4)
    let cells = recurrence.kind == .lstm ? try buffer(recurrence.features, elementSize: 4) : state
    let products = try buffer(recurrence.products, elementSize: 4)
    let result = try floatResult(node)
    let isInteger = rounding != nil && rounding?.decoded == nil
    let product = Product(
      operand: rounding.map { $0.decoded ?? $0.codes } ?? state,
      affine: isInteger ? rounding.map { .perExample($0.affines) } ?? .none : .none,
      result: products, form: .float, outputs: recurrence.products, length: recurrence.features,
      operandStride: isInteger ? Self.codeStride(recurrence.features) : nil, matrix: matrix,
      bias: biases, bounds: qg_bounds(nil))
    let step = RecurrentSteps(
      source: source, result: result, kind: recurrence.kind, selection: recurrence.result,
      count: graph.shapes[node.inputs[0]].dimensions[0], features: recurrence.features,
      product: product, state: state, cells: cells, rounding: rounding)
    let scratch = rounding.map { [$0.codes, $0.affines] + ($0.decoded.map { [$0] } ?? []) } ?? []
    emit(
      .recur(step), node, kernel: "\(recurrence.kind.rawValue)_cell_f32+" + matrix.kernel,
      touching: [source, state, cells, products] + scratch + [result], weightBytes: weightBytes)
    try deliver(node, result)
  }

  /// The packed weight of the state, and how the state is rounded for it.
  private mutating func stateWeight(
    of node: Node, _ recurrence: Recurrence
  ) throws(ExecutionError) -> (PackedMatrix, StateRounding?) {
    guard let arithmetic = model.arithmetic[node.id] else {
      throw .arithmeticMissing(node: node.name)
    }
    let matrix = try pack(arithmetic, of: node)
    switch arithmetic {
    case .float32, .bfloat16, .experts: return (matrix, nil)
    case .reference(_, let dynamic):
      guard let dynamic else { return (matrix, nil) }
      return (matrix, try stateRounding(recurrence, dynamic, isDecoded: true))
    case .integer(_, let dynamic), .blocks(_, let dynamic), .codebook(_, let dynamic):
      return (matrix, try stateCodes(node, recurrence, dynamic))
    }
  }

  private mutating func stateCodes(
    _ node: Node, _ recurrence: Recurrence, _ dynamic: DynamicRange?
  ) throws(ExecutionError) -> StateRounding {
    guard let dynamic else { throw .dynamicRangeMissing(node: node.name) }
    return try stateRounding(recurrence, dynamic, isDecoded: false)
  }

  private mutating func stateRounding(
    _ recurrence: Recurrence, _ dynamic: DynamicRange, isDecoded: Bool
  ) throws(ExecutionError) -> StateRounding {
    StateRounding(
      codes: try buffer(Self.codeStride(recurrence.features), elementSize: 1),
      affines: try buffer(1, elementSize: MemoryLayout<qg_affine>.stride),
      isSymmetric: dynamic == .symmetric,
      decoded: isDecoded ? try buffer(recurrence.features, elementSize: 4) : nil)
  }

  /// Codes of a state begin at cache lines, so that no thread reads past its own.
  static func codeStride(_ features: Int) -> Int { ArenaPlan.aligned(features) }
}
