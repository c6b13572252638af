import Checkpoints
import Graphs
import NumberFormats

/// Operands and settings of the current operator.
extension ONNXImporter {
  /// An operand, or `nil` where it is left out.
  func optional(_ index: Int) -> ImportedValue? {
    guard current.inputs.indices.contains(index), !current.inputs[index].isEmpty else { return nil }
    return values[current.inputs[index]]
  }

  /// An operand that must be there.
  func operand(_ index: Int) throws(CheckpointError) -> ImportedValue {
    guard let value = optional(index) else {
      throw failure("an operand \(index + 1)", "\(current.inputs.count)")
    }
    return value
  }

  /// All operands; at least one.
  func operands() throws(CheckpointError) -> [ImportedValue] {
    var all: [ImportedValue] = [try operand(0)]
    for index in current.inputs.indices.dropFirst() { all.append(try operand(index)) }
    return all
  }

  /// An operand that is known at import, or `nil` where it is left out.
  func constant(_ index: Int, _ what: String) throws(CheckpointError) -> ImportedConstant? {
    guard let value = optional(index) else { return nil }
    guard let constant = value.constant else {
      throw failure("\(what) known before it runs", "the result of another operator")
    }
    return constant
  }

  /// A whole-number setting.
  func integer(_ name: String, _ fallback: Int) throws(CheckpointError) -> Int {
    switch current.attributes[name] {
    case nil: return fallback
    case .integer(let value): return value
    default: throw failure("a whole number '\(name)'", "another type")
    }
  }

  /// A setting that is a number.
  func float(_ name: String, _ fallback: Float) throws(CheckpointError) -> Float {
    switch current.attributes[name] {
    case nil: return fallback
    case .float(let value): return value
    default: throw failure("a number '\(name)'", "another type")
    }
  }

  /// A setting that is a word.
  func text(_ name: String, _ fallback: String) throws(CheckpointError) -> String {
    switch current.attributes[name] {
    case nil: return fallback
    case .text(let value): return value
    default: throw failure("a word '\(name)'", "another type")
    }
  }

  /// A setting that lists whole numbers; `nil` where it is left out.
  func integers(_ name: String) throws(CheckpointError) -> [Int]? {
    switch current.attributes[name] {
    case nil: return nil
    case .integers(let values): return values
    default: throw failure("whole numbers '\(name)'", "another type")
    }
  }

  /// A list that older versions have as a setting and newer ones as an operand; `nil` where it is left out.
  func integers(_ name: String, orOperand index: Int) throws(CheckpointError) -> [Int]? {
    if let values = try integers(name) { return values }
    return try constant(index, "'\(name)'")?.integers
  }

  /// An axis that may count from the end.
  func axis(_ axis: Int, of rank: Int) throws(CheckpointError) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw failure("an axis of \(-rank)…\(rank - 1)", "\(axis)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Axes in ascending order, each once.
  func axes(_ axes: [Int], of rank: Int) throws(CheckpointError) -> [Int] {
    var found: Set<Int> = []
    for axis in axes {
      guard found.insert(try self.axis(axis, of: rank)).inserted else {
        throw failure("every axis once", "\(axes)")
      }
    }
    return found.sorted()
  }

}

/// Values as nodes.
extension ONNXImporter {
  /// The node with other extents of the same product; itself where they are the same.
  mutating func reshaped(_ node: Node.ID, to shape: Shape) throws(CheckpointError) -> Node.ID {
    guard shapes[node] != shape else { return node }
    if case .tensor(.reshape) = nodes[node].operation {
      return try reshaped(nodes[node].inputs[0], to: shape)
    }
    return try append(.tensor(.reshape(shape)), [node])
  }

  /// The numbers of a value in ONNX's order and extents; codes of an activation as the codes.
  mutating func numbers(_ value: ComputedValue) throws(CheckpointError) -> ComputedValue {
    var node = value.node
    if let codes = value.codes {
      // Quotients lie within 10⁻⁴ of whole numbers.
      let factor = 1 / codes.affine.scale
      let offset = Float(Int(codes.affine.zeroPoint) - codes.shift)
      node = try append(.tensor(.map(.affine(factor: factor, offset: offset))), [node])
      node = try append(.tensor(.map(.round)), [node])
    }
    node = try plainNode(node, value)
    return ComputedValue(
      node: node, shape: value.shape, element: value.element,
      grid: value.codes == nil ? value.grid : nil)
  }

  /// A node in ONNX's order and extents.
  mutating func plainNode(
    _ node: Node.ID, _ value: ComputedValue
  ) throws(CheckpointError) -> Node.ID {
    let image: Shape
    switch value.layout {
    case .plain: return try reshaped(node, to: Shape(value.shape))
    case .channelsLast: image = Self.imageShape(of: value.shape)
    case .flattened(let shape): image = shape
    }
    let flat = try reshaped(node, to: image)
    let isVector = image.channels == image.elementCount || image.channels == 1
    let turned =
      isVector ? flat : try append(.tensor(.view(View(of: image, order: [2, 0, 1]))), [flat])
    return try reshaped(turned, to: Shape(value.shape))
  }

  /// The node of any value in ONNX's order and extents.
  mutating func node(_ value: ImportedValue) throws(CheckpointError) -> Node.ID {
    switch value {
    case .computed(let computed): return try numbers(computed).node
    case .constant(let constant):
      return try self.constant(constant, shape: Shape(constant.shape))
    }
  }

  /// A node that holds a constant.
  mutating func constant(
    _ constant: ImportedConstant, shape: Shape
  ) throws(CheckpointError) -> Node.ID {
    let node = try append(.tensor(.constant(shape)), [])
    weights["\(nodes[node].name).weight"] = constant.parameter(shape: shape.dimensions)
    return node
  }

  /// The node of a value as an image `[rows, columns, channels]`.
  mutating func image(_ value: ImportedValue) throws(CheckpointError) -> ComputedValue {
    guard (3...4).contains(value.shape.count), value.shape[0] == 1 else {
      throw failure(
        "one image [1, channels, rows, columns], or [1, channels, length]",
        "\(Shape(value.shape))")
    }
    guard case .computed(let computed) = value else {
      let node = try node(value)
      return try image(
        .computed(ComputedValue(node: node, shape: value.shape, element: value.element)))
    }
    let shape = Self.imageShape(of: computed.shape)
    if computed.layout == .channelsLast {
      return computed.moved(
        to: try reshaped(computed.node, to: shape), shape: computed.shape, layout: .channelsLast)
    }
    guard computed.layout == .plain else {
      let plain = try plainNode(computed.node, computed)
      return try image(.computed(computed.moved(to: plain, shape: computed.shape)))
    }
    let planes = Shape([shape.channels, shape.dimensions[0], shape.dimensions[1]])
    var node = try reshaped(computed.node, to: planes)
    if planes.dimensions[0] > 1, planes.dimensions[0] < planes.elementCount {
      node = try append(.tensor(.view(View(of: planes, order: [1, 2, 0]))), [node])
    }
    return computed.moved(
      to: try reshaped(node, to: shape), shape: computed.shape, layout: .channelsLast)
  }

  /// The result of an operator over images.
  func imageResult(_ node: Node.ID, like value: ComputedValue) -> ImportedValue {
    let image = shapes[node].dimensions
    let spatial = value.shape.count == 3 ? [image[0]] : [image[0], image[1]]
    return .computed(
      ComputedValue(
        node: node, shape: [1, image[2]] + spatial, layout: .channelsLast, element: .float32))
  }

  /// The result of tensor operations, in ONNX's order.
  func plainResult(_ node: Node.ID, _ element: ONNXElement = .float32) -> ImportedValue {
    .computed(ComputedValue(node: node, shape: shapes[node].dimensions, element: element))
  }
}

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
    if let result = try recognized(arithmetic, left, right) { return result }
    if let shape = Shape(left.shape).broadcast(with: Shape(right.shape)),
      let result = try scaled(arithmetic, left, right, shape, element)
    {
      return result
    }
    if let result = try imagesCombined(arithmetic, left, right, element) { return result }
    let first = try node(left)
    let second = try node(right)
    let operation = arithmetic.operation(shapes[first], shapes[second])
    let result = try append(operation, [first, second])
    return plainResult(result, element)
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

extension Float {
  /// The nearest number of bfloat16, ties to even; what is no number stays none.
  fileprivate var roundedToBFloat16: Float {
    if !isFinite { return self }
    let bits = bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
