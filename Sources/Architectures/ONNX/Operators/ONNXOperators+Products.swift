import Checkpoints
import Graphs
import NumberFormats

extension ONNXOperator {
  /// Products of matrices.
  static let products: [ONNXOperator] = [
    ONNXOperator("Gemm") { (importer) throws(CheckpointError) in [try importer.gemm()] },
    ONNXOperator("MatMul") { (importer) throws(CheckpointError) in
      [try importer.matrixProduct(importer.operand(0), importer.operand(1))]
    },
    ONNXOperator("CumSum") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      guard let place = try importer.constant(1, "an axis")?.integers.first else {
        throw importer.failure("an axis", "none")
      }
      let axis = try importer.axis(place, of: value.shape.count)
      let extent = value.shape[axis]
      guard extent > 0 else { throw importer.failure("at least one element", "none") }
      try importer.requireSmall(extent, times: extent)
      let isExclusive = try importer.integer("exclusive", 0) == 1
      let isReversed = try importer.integer("reverse", 0) == 1
      let triangle = ImportedConstant(
        shape: [extent, extent], element: value.element,
        values: (0..<extent * extent).map { place in
          let (from, to) = place.quotientAndRemainder(dividingBy: extent)
          let distance = isReversed ? from - to : to - from
          return distance > 0 || distance == 0 && !isExclusive ? 1 : 0
        })
      let last = try importer.movedLast(value, axis)
      let rows = try importer.reshaped(last, to: [value.count / extent, extent])
      let sums = try importer.apply(.matrixProduct, [rows, .constant(triangle)])
      let shaped = try importer.reshaped(sums, to: last.shape)
      return [try importer.movedBack(shaped, axis)]
    },
  ]
}

extension ONNXImporter {
  /// The operand of a node whose weight is `weight`: where both are stored as codes, a node whose result is.
  mutating func weightedOperand(
    _ value: ComputedValue, _ weight: ImportedConstant
  ) throws(CheckpointError) -> Node.ID {
    guard case .quantized = weight.contents, let grid = value.grid, !isRounding(value.node) else {
      return value.node
    }
    return try append(.rounding(grid.affine), [value.node])
  }

  private func isRounding(_ node: Node.ID) -> Bool {
    switch nodes[node].operation {
    case .rounding: true
    case .tensor(.reshape), .flatten: isRounding(nodes[node].inputs[0])
    default: false
    }
  }

  /// Keeps the parameters of a node; the first axis of `weight` counts outputs.
  mutating func hold(
    _ weight: ImportedConstant, _ bias: [Float]?, of node: Node.ID, isDepthwise: Bool = false,
    dynamic: DynamicRange? = nil
  ) {
    let name = nodes[node].name
    if let bias { weights["\(name).bias"] = Tensor(shape: [bias.count], values: bias) }
    let filter = isDepthwise ? weight.permuted([2, 3, 0, 1]) : weight
    let shape = isDepthwise ? Array(filter.shape.dropLast()) : filter.shape
    if case .quantized(let quantized) = weight.contents, let matrix = quantized.matrix {
      weights["\(name).weight"] = Tensor(
        shape: shape,
        source: QuantizedWeight(matrix: matrix, isDepthwise: isDepthwise, dynamic: dynamic))
    } else {
      weights["\(name).weight"] = filter.parameter(shape: shape)
    }
  }

  /// `x · weightᵀ + bias` over the last axis.
  ///
  /// - Parameter weight: `[outputs, features]`.
  mutating func linear(
    _ value: ComputedValue, _ weight: ImportedConstant, _ bias: [Float]?,
    dynamic: DynamicRange? = nil
  ) throws(CheckpointError) -> ImportedValue {
    let (outputs, features) = (weight.shape[0], weight.shape[1])
    let shape = Array(value.shape.dropLast()) + [outputs]
    guard value.shape.last == features, bias == nil || bias?.count == outputs else {
      throw failure("a product with \(features) features", "\(Shape(value.shape))")
    }
    var source = value
    var weight = weight
    if case .flattened(let image) = value.layout {
      // The weights are turned around instead of the image.
      let (rows, columns) = (image.dimensions[0], image.dimensions[1])
      weight = weight.reshaped([outputs, image.channels, rows, columns]).permuted([0, 2, 3, 1])
        .reshaped([outputs, features])
    } else {
      source = value.moved(to: try plainNode(value.node, value), shape: value.shape)
    }
    let rows = value.shape.dropLast().reduce(1, *)
    let operand = try weightedOperand(source, weight)
    let node: Node.ID
    if rows == 1 {
      node = try append(
        .linear(outFeatures: outputs, hasBias: bias != nil),
        [reshaped(operand, to: Shape([features]))])
      hold(weight, bias, of: node, dynamic: dynamic)
    } else {
      node = try append(
        .convolution(
          outChannels: outputs, window: Window(height: 1, width: 1), hasBias: bias != nil),
        [reshaped(operand, to: Shape([rows, 1, features]))])
      hold(weight, bias, of: node, dynamic: dynamic)
      weights["\(nodes[node].name).weight"] = weights["\(nodes[node].name).weight"]?.pointwise
    }
    products[node] = current.outputs.first
    return .computed(ComputedValue(node: node, shape: shape, element: .float32))
  }

  /// The first operand with the second added as a bias, where that is a layer without one that nothing else
  /// reads; `nil` elsewhere.
  mutating func biased(_ index: Int, by other: Int) throws(CheckpointError) -> ImportedValue? {
    guard case .computed(let value) = try operand(index),
      let addend = try operand(other).constant, products[value.node] == current.inputs[index],
      readers[current.inputs[index]] == 1, value.layout != .channelsLast || addend.shape.count > 1
    else { return nil }
    let channels = shapes[value.node].channels
    let suits: Bool
    if value.layout == .channelsLast {
      let padded =
        Array(repeating: 1, count: max(0, value.shape.count - addend.shape.count)) + addend.shape
      suits = padded.count == value.shape.count && padded[1] == channels && addend.count == channels
    } else {
      suits =
        addend.shape.last == channels && addend.count == channels
        && addend.shape.count <= value.shape.count
    }
    let node = nodes[value.node]
    let operation = node.operation.withBias
    guard suits, operation != node.operation else { return nil }
    nodes[value.node] = Node(
      id: node.id, name: node.name, operation: operation, inputs: node.inputs)
    weights["\(node.name).bias"] = Tensor(shape: [channels], values: addend.floats)
    products[value.node] = nil
    return .computed(value)
  }

  fileprivate mutating func gemm() throws(CheckpointError) -> ImportedValue {
    let (alpha, beta) = (try float("alpha", 1), try float("beta", 1))
    var (left, right) = (try operand(0), try operand(1))
    guard left.shape.count == 2, right.shape.count == 2 else {
      throw failure("two matrices", "\(Shape(left.shape)) and \(Shape(right.shape))")
    }
    if try integer("transA", 0) == 1 { left = try permuted(left, [1, 0]) }
    let isTurned = try integer("transB", 0) == 1
    let addend = optional(2)
    if let weight = right.constant, case .computed(let value) = left, alpha == 1 {
      let weight = isTurned ? weight : weight.permuted([1, 0])
      let bias = addend?.constant.flatMap { constant in
        constant.count == weight.shape[0] && constant.shape.last == weight.shape[0] && beta == 1
          ? constant.floats : nil
      }
      let plain = value.codes == nil ? value : try numbers(value)
      let product = try linear(plain, weight, bias)
      guard let addend, bias == nil else { return product }
      return try combine(.add, product, scaled(addend, by: beta))
    }
    if isTurned { right = try permuted(right, [1, 0]) }
    let product = try scaled(apply(.matrixProduct, [left, right], .float32), by: alpha)
    return try addend.map { (addend) throws(CheckpointError) in
      try combine(.add, product, scaled(addend, by: beta))
    } ?? product
  }

  private mutating func scaled(
    _ value: ImportedValue, by factor: Float
  ) throws(CheckpointError) -> ImportedValue {
    factor == 1 ? value : try apply(.map(.affine(factor: factor, offset: 0)), [value])
  }

  /// The product of the last two axes; vectors are rows, or columns, of a matrix.
  mutating func matrixProduct(
    _ left: ImportedValue, _ right: ImportedValue, dynamic: DynamicRange? = nil
  ) throws(CheckpointError) -> ImportedValue {
    guard !left.shape.isEmpty, !right.shape.isEmpty else {
      throw failure("vectors or matrices", "a number")
    }
    if right.shape.count == 2, let weight = right.constant, case .computed(let value) = left {
      let plain = value.codes == nil ? value : try numbers(value)
      return try linear(plain, weight.permuted([1, 0]), nil, dynamic: dynamic)
    }
    let first = left.shape.count > 1 ? left : try reshaped(left, to: [1] + left.shape)
    let second = right.shape.count > 1 ? right : try reshaped(right, to: right.shape + [1])
    let product = try apply(.matrixProduct, [first, second], .float32)
    var shape = product.shape
    if right.shape.count == 1 { shape.removeLast() }
    if left.shape.count == 1 {
      shape.remove(at: right.shape.count == 1 ? shape.count - 1 : shape.count - 2)
    }
    return try reshaped(product, to: shape)
  }
}

extension Tensor {
  /// A matrix as the weight of a 1 × 1 convolution.
  fileprivate var pointwise: Tensor {
    let shape = [self.shape[0], 1, 1, self.shape[1]]
    if let source { return Tensor(shape: shape, source: source) }
    return Tensor(shape: shape, values: values)
  }
}
