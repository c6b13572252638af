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
