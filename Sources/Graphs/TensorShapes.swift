extension TensorOperation {
  /// The shape of the result, as `Operation.resultShape`.
  func resultShape(operands: [Shape], node: String) throws(GraphError) -> Shape {
    switch self {
    case .reshape(let shape):
      guard shape.elementCount == operands[0].elementCount else {
        throw .operandShape(
          node: node, expected: "\(shape.elementCount) elements", found: operands[0])
      }
      return shape
    case .view(let view):
      guard let bounds = view.bounds, bounds.lowerBound >= 0,
        bounds.upperBound < operands[0].elementCount
      else {
        throw .operandShape(
          node: node, expected: "every element that the view visits", found: operands[0])
      }
      return view.shape
    case .take(let selection): return try selection.resultShape(operands[0], node: node)
    case .concatenation(let axis): return try concatenated(operands, axis, node: node)
    case .constant(let shape): return shape
    case .map, .softmax: return operands[0]
    case .arithmetic: return try broadcast(operands, node: node)
    case .choice: return try broadcast(operands, node: node)
    case .reduction(let reduction, let axes):
      guard axes == Set(axes).sorted(), axes.allSatisfy({ 0..<operands[0].rank ~= $0 }),
        !reduction.isPlace || axes.count == 1
      else {
        throw .operandShape(node: node, expected: "the axes \(axes)", found: operands[0])
      }
      return Shape(
        operands[0].dimensions.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
    case .matrixProduct: return try matrixProductShape(operands[0], operands[1], node: node)
    case .rows(_, let features): return Shape(operands[0].dimensions + [features])
    case .gather: return operands[1]
    case .scatter:
      guard operands[1] == operands[2] else {
        throw .unequalOperands(node: node, operands[1], operands[2])
      }
      return operands[0]
    case .topK(let count, _):
      guard operands[0].rank > 0, count > 0, count <= operands[0].channels else {
        throw .operandShape(
          node: node, expected: "at least \(count) elements along the last axis", found: operands[0]
        )
      }
      return Shape(operands[0].dimensions.dropLast() + [count])
    }
  }

  private func broadcast(_ operands: [Shape], node: String) throws(GraphError) -> Shape {
    var result = operands[0]
    for operand in operands.dropFirst() {
      guard let shape = result.broadcast(with: operand) else {
        throw .unequalOperands(node: node, result, operand)
      }
      result = shape
    }
    return result
  }

  private func concatenated(
    _ operands: [Shape], _ axis: Int, node: String
  ) throws(GraphError) -> Shape {
    var extents = operands[0].dimensions
    guard extents.indices.contains(axis), operands[1].rank == extents.count else {
      throw .unequalOperands(node: node, operands[0], operands[1])
    }
    extents[axis] = operands[1].dimensions[axis]
    guard extents == operands[1].dimensions else {
      throw .unequalOperands(node: node, operands[0], operands[1])
    }
    extents[axis] += operands[0].dimensions[axis]
    return Shape(extents)
  }

  private func matrixProductShape(
    _ left: Shape, _ right: Shape, node: String
  ) throws(GraphError) -> Shape {
    guard left.rank >= 2, right.rank >= 2,
      left.dimensions[left.rank - 1] == right.dimensions[right.rank - 2],
      let outer = Shape(Array(left.dimensions.dropLast(2))).broadcast(
        with: Shape(Array(right.dimensions.dropLast(2))))
    else { throw .unequalOperands(node: node, left, right) }
    return Shape(outer.dimensions + [left.dimensions[left.rank - 2], right.channels])
  }

  /// Shapes of the parameters: a table, or a constant.
  var parameterShape: [Int]? {
    switch self {
    case .constant(let shape): shape.dimensions
    case .rows(let count, let features): [count, features]
    default: nil
    }
  }

  /// What one inference costs, beside reading operands and writing the result.
  func cost(operands: [Shape], result: Shape) -> Cost {
    let count = result.elementCount
    return switch self {
    case .reshape, .view, .take, .concatenation, .constant, .gather: Cost()
    case .rows: Cost(parameterElements: count)
    // Exponentials and the like count four, as elsewhere.
    case .map(let mapping): Cost(elementOperations: mapping.isArithmetic ? count : 4 * count)
    case .arithmetic(let arithmetic):
      Cost(elementOperations: arithmetic == .power ? 4 * count : count)
    case .choice: Cost(elementOperations: count)
    case .reduction: Cost(elementOperations: operands[0].elementCount)
    case .matrixProduct: Cost(multiplyAccumulates: count * operands[0].channels)
    case .softmax: Cost(elementOperations: 4 * count)
    case .scatter: Cost(elementOperations: operands[2].elementCount)
    case .topK: Cost(elementOperations: operands[0].elementCount)
    }
  }
}

extension Selection {
  fileprivate func resultShape(_ operand: Shape, node: String) throws(GraphError) -> Shape {
    guard operand.dimensions.indices.contains(axis),
      indices.allSatisfy({ -1..<operand.dimensions[axis] ~= $0 })
    else {
      throw .operandShape(
        node: node, expected: "slices \(indices.min() ?? 0)…\(indices.max() ?? 0) of axis \(axis)",
        found: operand)
    }
    var extents = operand.dimensions
    extents[axis] = indices.count
    return Shape(extents)
  }
}

extension Reduction {
  /// Whether the result is the place of an element.
  public var isPlace: Bool { self == .firstMaximum || self == .firstMinimum }
}

extension Mapping {
  /// Whether a processor has an instruction for it.
  fileprivate var isArithmetic: Bool {
    switch self {
    case .exponential, .logarithm, .errorFunction, .sine, .cosine, .softplus: false
    default: true
    }
  }
}
