import Checkpoints
import Graphs

/// Operations on values.
extension ONNXImporter {
  /// The result of an operation on operands in ONNX's order, computed now where all of them are known.
  mutating func apply(
    _ operation: TensorOperation, _ operands: [ImportedValue], _ element: ONNXElement? = nil
  ) throws(CheckpointError) -> ImportedValue {
    let element = element ?? operands[0].element
    if let result = try evaluated(operation, operands, element) { return .constant(result) }
    if operands.count == 1, case .map = operation, case .computed(let value) = operands[0],
      value.codes == nil
    {
      // The order of elements does not matter.
      let node = try append(.tensor(operation), [value.node])
      return .computed(
        ComputedValue(node: node, shape: value.shape, layout: value.layout, element: element))
    }
    if case .reshape(let shape) = operation, case .computed(let value) = operands[0] {
      return try reshapedValue(value, to: shape.dimensions)
    }
    if case .view(let view) = operation, case .computed(let value) = operands[0] {
      // Codes stay what they are wherever they go.
      let node = try append(.tensor(operation), [plainNode(value.node, value)])
      return .computed(value.moved(to: node, shape: view.shape.dimensions))
    }
    var inputs: [Node.ID] = []
    for operand in operands { inputs.append(try node(operand)) }
    let result = try append(.tensor(operation), inputs)
    return plainResult(result, element)
  }

  /// A value under other extents: a matter of counting where they only differ by extents of 1.
  private mutating func reshapedValue(
    _ value: ComputedValue, to shape: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    let isVector = value.shape.filter { $0 != 1 }.count <= 1
    if value.layout == .plain || isVector {
      return .computed(value.moved(to: value.node, shape: shape))
    }
    if value.shape == shape { return .computed(value) }
    if value.layout == .channelsLast, shape == [1, value.shape.reduce(1, *)] {
      let image = Self.imageShape(of: value.shape)
      return .computed(value.moved(to: value.node, shape: shape, layout: .flattened(image)))
    }
    return .computed(value.moved(to: try plainNode(value.node, value), shape: shape))
  }

  /// The result where all operands are constants and it is not too large.
  private mutating func evaluated(
    _ operation: TensorOperation, _ operands: [ImportedValue], _ element: ONNXElement
  ) throws(CheckpointError) -> ImportedConstant? {
    let constants = operands.compactMap(\.constant)
    guard constants.count == operands.count, let first = constants.first else { return nil }
    if case .reshape(let shape) = operation { return first.reshaped(shape.dimensions) }
    let shape: Shape
    do {
      shape = try Operation.tensor(operation).resultShape(
        operands: constants.map { Shape($0.shape) }, node: current.name)
    } catch {
      throw .unsuited(file: file, reason: error)
    }
    let evaluation = ConstantEvaluation(operation: operation, operands: constants, shape: shape)
    guard spend(evaluation.cost) else { return nil }
    let values = evaluation.values
    return ImportedConstant(
      shape: shape.dimensions, element: element, values: values.map(element.rounded))
  }

  /// A function of two values; images stay images.
  mutating func combine(
    _ arithmetic: Arithmetic, _ left: ImportedValue, _ right: ImportedValue,
    _ element: ONNXElement? = nil
  ) throws(CheckpointError) -> ImportedValue {
    let element = element ?? left.element
    if left.constant != nil, right.constant != nil {
      return try apply(.arithmetic(arithmetic), [left, right], element)
    }
    if let shape = Shape(left.shape).broadcast(with: Shape(right.shape)) {
      if let result = try recognized(arithmetic, left, right, shape) { return result }
      if let result = try scaled(arithmetic, left, right, shape, element) { return result }
    }
    if let result = try imagesCombined(arithmetic, left, right, element) { return result }
    let first = try node(left)
    let second = try node(right)
    let operation = arithmetic.operation(shapes[first], shapes[second])
    let result = try append(operation, [first, second])
    return plainResult(result, element)
  }

  /// What has been added up so far, if anything, and one value more.
  mutating func added(
    _ sum: ImportedValue?, _ value: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    guard let sum else { return value }
    return try combine(.add, sum, value)
  }

  /// A sum or product with one number: a function of one value.
  private mutating func scaled(
    _ arithmetic: Arithmetic, _ left: ImportedValue, _ right: ImportedValue, _ shape: Shape,
    _ element: ONNXElement
  ) throws(CheckpointError) -> ImportedValue? {
    let isTurned = left.constant != nil
    guard let number = (left.constant ?? right.constant)?.scalar,
      case .computed(let value) = isTurned ? right : left, value.shape == shape.dimensions,
      value.codes == nil
    else { return nil }
    let scalar = Float(number)
    let mapping: Mapping
    switch arithmetic {
    case .multiply: mapping = .affine(factor: scalar, offset: 0)
    case .add: mapping = .affine(factor: 1, offset: scalar)
    case .subtract where isTurned: mapping = .affine(factor: -1, offset: scalar)
    case .subtract: mapping = .affine(factor: 1, offset: -scalar)
    default: return nil
    }
    guard scalar.isFinite else { return nil }
    return try apply(.map(mapping), [.computed(value)], element)
  }

  /// The result over images, or `nil` where an operand is no image or the result is none.
  private mutating func imagesCombined(
    _ arithmetic: Arithmetic, _ left: ImportedValue, _ right: ImportedValue,
    _ element: ONNXElement
  ) throws(CheckpointError) -> ImportedValue? {
    guard let shape = Shape(left.shape).broadcast(with: Shape(right.shape))?.dimensions,
      (3...4).contains(shape.count), shape[0] == 1
    else { return nil }
    func isImage(_ value: ImportedValue) -> Bool {
      if case .computed(let value) = value {
        return value.layout == .channelsLast && value.codes == nil
          && value.shape.count == shape.count
      }
      return false
    }
    func suits(_ value: ImportedValue) -> Bool { isImage(value) || value.constant != nil }
    guard suits(left), suits(right), isImage(left) || isImage(right),
      [left, right].allSatisfy({ $0.constant == nil || $0.count <= ConstantEvaluation.mostElements }
      )
    else { return nil }
    func imageNode(
      _ value: ImportedValue, _ importer: inout ONNXImporter
    ) throws(CheckpointError) -> Node.ID {
      switch value {
      case .computed(let computed):
        return try importer.reshaped(computed.node, to: Self.imageShape(of: computed.shape))
      case .constant(let constant):
        let padded = Array(repeating: 1, count: shape.count - constant.shape.count) + constant.shape
        let image = Self.imageShape(of: padded)
        let planes = constant.reshaped([image.channels, image.dimensions[0], image.dimensions[1]])
        return try importer.constant(planes.permuted([1, 2, 0]), shape: image)
      }
    }
    let first = try imageNode(left, &self)
    let second = try imageNode(right, &self)
    let operation = arithmetic.operation(shapes[first], shapes[second])
    let isSwapped =
      operation == .multiply && shapes[first].elementCount < shapes[second].elementCount
    var inputs = isSwapped ? [second, first] : [first, second]
    if operation == .multiply, shapes[inputs[0]] != shapes[inputs[1]] {
      inputs[1] = try reshaped(inputs[1], to: Shape([shapes[inputs[1]].elementCount]))
    }
    let node = try append(operation, inputs)
    return .computed(
      ComputedValue(node: node, shape: shape, layout: .channelsLast, element: element))
  }
}

extension Arithmetic {
  /// The operation for operands of such extents: the families' own where it suits.
  fileprivate func operation(_ left: Shape, _ right: Shape) -> Operation {
    switch self {
    case .add where left == right: return .add
    case .multiply where left == right: return .multiply
    case .multiply where left.rank == 3 && right == Shape([1, 1, left.channels]): return .multiply
    case .multiply where right.rank == 3 && left == Shape([1, 1, right.channels]): return .multiply
    default: return .tensor(.arithmetic(self))
    }
  }
}

extension ONNXElement {
  /// A number as this type holds it.
  func rounded(_ value: Double) -> Double {
    switch self {
    case .float32, .float64: Double(Float(value))
    case .float16: Double(Float16(Float(value)))
    case .bfloat16: Double(Float(value).roundedToBFloat16)
    case .bool: value == 0 ? 0 : 1
    default: isInteger ? wrapped(value.rounded(.towardZero)) : Double(Float(value))
    }
  }

  /// A whole number as so many bits hold it.
  private func wrapped(_ value: Double) -> Double {
    guard bits <= 32, value.isFinite else { return value }
    let span = Double(1 << bits)
    let rest = value - span * (value / span).rounded(.down)
    return !isUnsigned && rest >= span / 2 ? rest - span : rest
  }
}
