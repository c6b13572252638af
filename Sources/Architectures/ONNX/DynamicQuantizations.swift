import Checkpoints
import Graphs
import NumberFormats

/// What is known about values that are quantized on the fly, so that the product of their codes, brought to
/// scale, becomes a layer whose operand is: the pattern `DynamicQuantizeLinear`, `MatMulInteger` or `ConvInteger`,
/// `Cast`, `Mul` by both scales.
struct DynamicQuantizations {
  /// A product of codes.
  struct Product {
    /// The operator, with the names of its operands.
    let node: ONNXNode
    /// The value whose codes it multiplies.
    let source: ImportedValue
    /// That value's scale, by name.
    let scale: String
  }

  /// Quantized values, by the name of their codes.
  var sources: [String: (value: ImportedValue, scale: String)] = [:]
  /// Products, by the name of their result or of its cast.
  var products: [String: Product] = [:]
  /// Products of an operand's scale with a weight's, by name.
  var scales: [String: (scale: String, weight: ImportedConstant)] = [:]
}

extension ONNXImporter {
  /// Codes, scale and zero point of a value: the range includes 0.
  mutating func dynamicallyQuantized() throws(CheckpointError) -> [ImportedValue] {
    let value = try operand(0)
    let axes = Array(value.shape.indices)
    let zero = ImportedValue.number(0)
    let highest = try reshaped(apply(.reduction(.maximum, axes: axes), [value]), to: [])
    let lowest = try reshaped(apply(.reduction(.minimum, axes: axes), [value]), to: [])
    let high = try combine(.maximum, highest, zero)
    let low = try combine(.minimum, lowest, zero)
    let steps = ImportedValue.number(255)
    let range = try combine(.divide, combine(.subtract, high, low), steps)
    // A value of zeros has scale 1, as the engine's own dynamic ranges.
    let scale = try combine(.add, range, apply(.map(.not), [range], .float32))
    let shift = try apply(.map(.negative), [combine(.divide, low, scale)])
    let held = try apply(.map(.clamp(low: 0, high: 255)), [shift])
    let zeroPoint = try apply(.map(.round), [held])
    let quotient = try apply(.map(.round), [combine(.divide, value, scale)])
    let moved = try combine(.add, quotient, zeroPoint)
    let codes = try cast(apply(.map(.clamp(low: 0, high: 255)), [moved]), to: .uint8)
    if current.outputs.count > 1 {
      dynamic.sources[current.outputs[0]] = (value, current.outputs[1])
    }
    return [codes, scale, try cast(zeroPoint, to: .uint8)]
  }

  /// Keeps a product of codes that were quantized on the fly with constant ones.
  mutating func rememberProduct() {
    guard current.inputs.count > 1, let result = current.outputs.first,
      let source = dynamic.sources[current.inputs[0]], values[current.inputs[1]]?.constant != nil
    else { return }
    dynamic.products[result] = DynamicQuantizations.Product(
      node: current, source: source.value, scale: source.scale)
  }

  /// Keeps a product of codes under the name of its cast.
  mutating func rememberCast() {
    guard let result = current.outputs.first, let product = dynamic.products[current.inputs[0]]
    else { return }
    dynamic.products[result] = product
  }

  /// The layer that a product of codes, brought to scale, is; `nil` where the two are something else. A product
  /// of scales is kept.
  mutating func layerOfCodes(_ first: Int, _ second: Int) throws(CheckpointError) -> ImportedValue?
  {
    let (name, other) = (current.inputs[first], current.inputs[second])
    if let weight = values[other]?.constant,
      dynamic.sources.values.contains(where: { $0.scale == name }),
      let result = current.outputs.first
    {
      dynamic.scales[result] = (name, weight)
      return nil
    }
    guard let product = dynamic.products[name], let scales = dynamic.scales[other],
      scales.scale == product.scale, let codes = values[product.node.inputs[1]]?.constant
    else { return nil }
    let isConvolution = product.node.operation == "ConvInteger"
    let outputs = isConvolution ? codes.shape.first : codes.shape.last
    let count = scales.weight.count
    guard count == 1 || count == outputs, codes.shape.count >= 2 else { return nil }
    var zeroPoints: ImportedConstant?
    if product.node.inputs.count > 3, !product.node.inputs[3].isEmpty {
      guard let constant = values[product.node.inputs[3]]?.constant,
        constant.count == 1 || constant.count == count
      else { return nil }
      zeroPoints = ImportedConstant(
        shape: [count], element: constant.element,
        values: constant.count == count
          ? constant.values : Array(repeating: constant.values[0], count: count))
    }
    let weight = ImportedConstant(
      shape: codes.shape, element: .float32,
      contents: .quantized(
        QuantizedConstant(
          codes: codes,
          sharing: count == 1 ? .tensor : .axis(isConvolution ? 0 : codes.shape.count - 1),
          scales: scales.weight.reshaped([count]), zeroPoints: zeroPoints)))
    let scaling = current
    current = product.node
    defer { current = scaling }
    let layer =
      isConvolution
      ? try convolution(product.source, weight, nil, dynamic: .asymmetric)
      : try matrixProduct(product.source, .constant(weight), dynamic: .asymmetric)
    if case .computed(let value) = layer { products[value.node] = scaling.outputs.first }
    return layer
  }
}
