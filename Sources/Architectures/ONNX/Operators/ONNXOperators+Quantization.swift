import Checkpoints
import Graphs
import NumberFormats

extension ONNXOperator {
  /// Codes and what they stand for.
  static let quantization: [ONNXOperator] = [
    ONNXOperator("QuantizeLinear") { (importer) throws(CheckpointError) in
      let zero = importer.optional(2)
      let stated = Int32(exactly: try importer.integer("output_dtype", 0)).flatMap {
        ONNXElement(rawValue: $0)
      }
      let element = zero?.element ?? stated ?? .uint8
      let parameters = try importer.quantization(
        scale: importer.operand(1), zeroPoint: zero, of: importer.operand(0).shape)
      return [try importer.quantized(importer.operand(0), parameters, element)]
    },
    ONNXOperator("DequantizeLinear") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let parameters = try importer.quantization(
        scale: importer.operand(1), zeroPoint: importer.optional(2), of: value.shape)
      return [try importer.dequantized(value, parameters)]
    },
    ONNXOperator("DynamicQuantizeLinear") { (importer) throws(CheckpointError) in
      try importer.dynamicallyQuantized()
    },
    ONNXOperator("QLinearConv") { (importer) throws(CheckpointError) in
      let image = try importer.dequantized(at: 0)
      let weight = try importer.dequantized(at: 3)
      guard let weight = weight.constant else {
        throw importer.failure("weights known before it runs", "the result of another operator")
      }
      let bias = try importer.integerBias(8, operand: 1, weight: weight)
      let product = try importer.convolution(image, weight, bias)
      return [try importer.quantizedResult(product, at: 6)]
    },
    ONNXOperator("QLinearMatMul") { (importer) throws(CheckpointError) in
      let product = try importer.matrixProduct(
        importer.dequantized(at: 0), importer.dequantized(at: 3))
      return [try importer.quantizedResult(product, at: 6)]
    },
    ONNXOperator("MatMulInteger") { (importer) throws(CheckpointError) in
      let left = try importer.centred(0, zeroPoint: 2, isRow: true)
      let right = try importer.centred(1, zeroPoint: 3, isRow: false)
      importer.rememberProduct()
      return [try importer.cast(importer.matrixProduct(left, right), to: .int32)]
    },
    ONNXOperator("ConvInteger") { (importer) throws(CheckpointError) in
      let image = try importer.centred(0, zeroPoint: 2, isRow: true)
      guard let weight = try importer.centred(1, zeroPoint: 3, isRow: true).constant else {
        throw importer.failure("weights known before it runs", "the result of another operator")
      }
      importer.rememberProduct()
      return [try importer.cast(importer.convolution(image, weight, nil), to: .int32)]
    },
    ONNXOperator("com.microsoft.QGemm") { (importer) throws(CheckpointError) in
      let left = try importer.dequantized(at: 0)
      guard try importer.integer("transA", 0) == 0, try importer.float("alpha", 1) == 1,
        case .computed(let value) = left
      else { throw importer.failure("a computed first operand as it is", "another") }
      let isTurned = try importer.integer("transB", 0) == 1
      let weight = try importer.dequantized(at: 3, axis: isTurned ? 0 : 1)
      guard let weight = weight.constant, weight.shape.count == 2 else {
        throw importer.failure("a matrix known before it runs", "another operand")
      }
      let bias = try importer.integerBias(6, operand: 1, weight: weight)
      let product = try importer.linear(value, isTurned ? weight : weight.permuted([1, 0]), bias)
      if importer.optional(7) == nil { return [product] }
      return [try importer.quantizedResult(product, at: 7)]
    },
    pair("com.microsoft.QLinearAdd", .add), pair("com.microsoft.QLinearMul", .multiply),
    single("com.microsoft.QLinearSigmoid") { (importer, value) throws(CheckpointError) in
      try importer.function(.sigmoid, value)
    },
    single("com.microsoft.QLinearLeakyRelu") { (importer, value) throws(CheckpointError) in
      try importer.function(.leakyRelu(slope: importer.float("alpha", 0.01)), value)
    },
    single("com.microsoft.QLinearSoftmax") { (importer, value) throws(CheckpointError) in
      let axis = try importer.axis(try importer.integer("axis", -1), of: value.shape.count)
      return try importer.softmax(value, axis)
    },
    single("com.microsoft.QLinearGlobalAveragePool") { (importer, value) throws(CheckpointError) in
      guard try importer.integer("channels_last", 0) == 0 else {
        throw importer.failure("channels first", "channels last")
      }
      return try importer.globalAverage(value)
    },
    single("com.microsoft.QLinearAveragePool") { (importer, value) throws(CheckpointError) in
      guard try importer.integer("channels_last", 0) == 0 else {
        throw importer.failure("channels first", "channels last")
      }
      let countsPadding = try importer.integer("count_include_pad", 0) == 1
      return try importer.pooled(value, .mean(countsPadding: countsPadding))
    },
    ONNXOperator("com.microsoft.QLinearConcat") { (importer) throws(CheckpointError) in
      let count = importer.current.inputs.count
      guard count >= 5, (count - 2).isMultiple(of: 3) else {
        throw importer.failure("codes, a scale and a zero point for each part", "\(count) operands")
      }
      var result = try importer.dequantized(at: 2)
      let axis = try importer.axis(try importer.integer("axis", 0), of: result.shape.count)
      for index in stride(from: 5, to: count, by: 3) {
        result = try importer.joined(result, importer.dequantized(at: index), axis)
      }
      return [try importer.quantizedResult(result, at: 0)]
    },
  ]

  /// A function of two operands in codes.
  private static func pair(_ name: String, _ arithmetic: Arithmetic) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      let (left, right) = (try importer.dequantized(at: 0), try importer.dequantized(at: 3))
      return [try importer.quantizedResult(importer.combine(arithmetic, left, right), at: 6)]
    }
  }

  /// A function of one operand in codes.
  private static func single(
    _ name: String,
    _ function:
      @escaping @Sendable (inout ONNXImporter, ImportedValue) throws(CheckpointError) ->
      ImportedValue
  ) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      let value = try importer.dequantized(at: 0)
      return [try importer.quantizedResult(function(&importer, value), at: 3)]
    }
  }
}

/// Scales and zero points of a tensor, spread over its extents.
struct TensorQuantization {
  let scale: ImportedValue
  let zeroPoint: ImportedValue?
  let sharing: QuantizedConstant.Sharing

  /// One scale and zero point, where they are known and there is one.
  var single: (scale: Float, zeroPoint: Int)? {
    guard let scale = scale.constant?.scalar, sharing == .tensor else { return nil }
    guard let zeroPoint else { return (Float(scale), 0) }
    return zeroPoint.constant?.scalar.flatMap { Int(exactly: $0) }.map { (Float(scale), $0) }
  }
}

extension ONNXImporter {
  /// What operands and settings say about a tensor of some extents.
  fileprivate func quantization(
    scale: ImportedValue, zeroPoint: ImportedValue?, of shape: [Int]
  ) throws(CheckpointError) -> TensorQuantization {
    guard zeroPoint == nil || zeroPoint?.count == scale.count else {
      throw failure("as many zero points as scales", "\(zeroPoint?.count ?? 0) and \(scale.count)")
    }
    if scale.count == 1, shape.count <= 1 || scale.shape.count <= 1 {
      return TensorQuantization(scale: scale, zeroPoint: zeroPoint, sharing: .tensor)
    }
    let axis = try axis(try integer("axis", 1), of: shape.count)
    if scale.shape.count <= 1 {
      guard scale.count == shape[axis] else {
        throw failure("\(shape[axis]) scales for axis \(axis)", "\(scale.count)")
      }
      return TensorQuantization(scale: scale, zeroPoint: zeroPoint, sharing: .axis(axis))
    }
    let size = try integer("block_size", 0)
    var blocks = shape
    if size > 0 { blocks[axis] = (shape[axis] + size - 1) / size }
    guard size > 0, scale.shape == blocks else {
      throw failure("scales \(Shape(blocks)) for blocks", "\(Shape(scale.shape))")
    }
    return TensorQuantization(
      scale: scale, zeroPoint: zeroPoint, sharing: .blocks(axis: axis, size: size))
  }

  /// Scales, or zero points, in extents that suit the tensor's.
  private mutating func spread(
    _ value: ImportedValue, _ sharing: QuantizedConstant.Sharing, over shape: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    switch sharing {
    case .tensor: return try reshaped(value, to: [])
    case .axis(let axis):
      var extents = Array(repeating: 1, count: shape.count)
      extents[axis] = shape[axis]
      return try reshaped(value, to: extents)
    case .blocks(let axis, let size):
      return try taken(value, axis, (0..<shape[axis]).map { $0 / size })
    }
  }

  /// The codes of a value: `round-half-even(x / scale) + zero point`, held in the type's range.
  fileprivate mutating func quantized(
    _ value: ImportedValue, _ parameters: TensorQuantization, _ element: ONNXElement
  ) throws(CheckpointError) -> ImportedValue {
    guard let range = element.codeRange else {
      throw failure("codes of an integer type of at most 16 bits", "\(element)")
    }
    if let (scale, zeroPoint) = parameters.single, case .computed(let computed) = value,
      let meaning = CodeMeaning(scale: scale, zeroPoint: zeroPoint, element)
    {
      let node = try append(.rounding(meaning.affine), [computed.node])
      return .computed(
        ComputedValue(
          node: node, shape: computed.shape, layout: computed.layout, element: element,
          codes: meaning))
    }
    let scale = try spread(parameters.scale, parameters.sharing, over: value.shape)
    let quotient = try combine(.divide, value, scale, .float32)
    var codes = try apply(.map(.round), [quotient], .float32)
    if let zeroPoint = parameters.zeroPoint {
      let spread = try spread(zeroPoint, parameters.sharing, over: value.shape)
      codes = try combine(.add, codes, cast(spread, to: .float32), .float32)
    }
    let held = Mapping.clamp(low: Float(range.lowerBound), high: Float(range.upperBound))
    return try cast(apply(.map(held), [codes]), to: element)
  }

  /// The numbers that codes stand for.
  fileprivate mutating func dequantized(
    _ value: ImportedValue, _ parameters: TensorQuantization
  ) throws(CheckpointError) -> ImportedValue {
    switch value {
    case .constant(let constant):
      if let scales = parameters.scale.constant,
        parameters.zeroPoint == nil || parameters.zeroPoint?.constant != nil
      {
        let quantized = QuantizedConstant(
          codes: constant, sharing: parameters.sharing, scales: scales,
          zeroPoints: parameters.zeroPoint?.constant)
        return .constant(
          ImportedConstant(
            shape: constant.shape, element: .float32, contents: .quantized(quantized)))
      }
    case .computed(let computed):
      if let (scale, zeroPoint) = parameters.single,
        let meaning = CodeMeaning(scale: scale, zeroPoint: zeroPoint, value.element)
      {
        if computed.codes == meaning {
          return .computed(
            ComputedValue(
              node: computed.node, shape: computed.shape, layout: computed.layout,
              element: .float32, grid: meaning))
        }
        let plain = computed.codes == nil ? computed : try numbers(computed)
        var node = try append(
          .tensor(.map(.affine(factor: 1, offset: -Float(zeroPoint)))), [plain.node])
        node = try append(.tensor(.map(.affine(factor: scale, offset: 0))), [node])
        return .computed(
          ComputedValue(
            node: node, shape: plain.shape, layout: plain.layout, element: .float32,
            grid: meaning))
      }
    }
    var numbers = try cast(value, to: .float32)
    if let zeroPoint = parameters.zeroPoint {
      let spread = try spread(zeroPoint, parameters.sharing, over: value.shape)
      numbers = try combine(.subtract, numbers, cast(spread, to: .float32))
    }
    let scale = try spread(parameters.scale, parameters.sharing, over: value.shape)
    return try combine(.multiply, numbers, scale)
  }

  /// What codes at one operand, with scale and zero point after it, stand for.
  ///
  /// - Parameter axis: That of the outputs of weights; `nil` for the operator's own: the first axis of filters, the
  ///   last of a matrix.
  fileprivate mutating func dequantized(
    at index: Int, axis: Int? = nil
  ) throws(CheckpointError) -> ImportedValue {
    let value = try operand(index)
    let scale = try operand(index + 1)
    let axis = axis ?? (current.operation == "QLinearConv" ? 0 : value.shape.count - 1)
    let isRow = index == 0 && current.operation == "QLinearMatMul"
    let sharing: QuantizedConstant.Sharing =
      scale.count == 1 ? .tensor : .axis(isRow ? max(0, value.shape.count - 2) : axis)
    if case .axis(let axis) = sharing, axis >= value.shape.count || scale.count != value.shape[axis]
    {
      throw failure("a scale for each output", "\(scale.count)")
    }
    if let zero = optional(index + 2), zero.count != scale.count {
      throw failure("as many zero points as scales", "\(zero.count) and \(scale.count)")
    }
    return try dequantized(
      value,
      TensorQuantization(scale: scale, zeroPoint: optional(index + 2), sharing: sharing))
  }

  /// A result in codes, with scale and zero point from an operand on.
  fileprivate mutating func quantizedResult(
    _ value: ImportedValue, at index: Int
  ) throws(CheckpointError) -> ImportedValue {
    let zero = optional(index + 1)
    return try quantized(
      value,
      TensorQuantization(scale: operand(index), zeroPoint: zero, sharing: .tensor),
      zero?.element ?? .uint8)
  }

  /// A bias in units of operand scale times weight scale.
  fileprivate func integerBias(
    _ index: Int, operand: Int, weight: ImportedConstant
  ) throws(CheckpointError) -> [Float]? {
    guard let bias = try constant(index, "a bias")?.integers else { return nil }
    guard let scale = try constant(operand, "a scale")?.scalar,
      case .quantized(let quantized) = weight.contents
    else { throw failure("a scale known before it runs", "another") }
    let scales = quantized.scales.floats
    guard scales.count == 1 || scales.count == bias.count else {
      throw failure("a bias for each of \(scales.count) outputs", "\(bias.count)")
    }
    return bias.indices.map { row in
      Float(bias[row]) * (Float(scale) * scales[scales.count == 1 ? 0 : row])
    }
  }

  /// Codes of whole numbers less their zero point; weights with scale 1.
  fileprivate mutating func centred(
    _ index: Int, zeroPoint: Int, isRow: Bool
  ) throws(CheckpointError) -> ImportedValue {
    let value = try operand(index)
    let zero = optional(zeroPoint)
    let axis = isRow ? max(0, value.shape.count - 2) : value.shape.count - 1
    let sharing: QuantizedConstant.Sharing =
      zero == nil || zero?.count == 1
      ? .tensor : .axis(current.operation == "ConvInteger" ? 0 : axis)
    let places =
      current.operation == "ConvInteger"
      ? value.shape.first : value.shape.count > axis ? value.shape[axis] : nil
    guard zero == nil || zero?.count == 1 || zero?.count == places else {
      throw failure("one zero point, or one for each row or column", "\(zero?.count ?? 0)")
    }
    let one = ImportedConstant(
      shape: zero?.shape ?? [], element: .float32,
      values: Array(repeating: 1, count: zero?.count ?? 1))
    return try dequantized(
      value, TensorQuantization(scale: .constant(one), zeroPoint: zero, sharing: sharing))
  }
}

extension CodeMeaning {
  /// What codes of 8 bits stand for; `nil` for other types and unusable scales.
  init?(scale: Float, zeroPoint: Int, _ element: ONNXElement) {
    guard element == .uint8 || element == .int8, scale > 0, scale.isFinite,
      element.codeRange?.contains(zeroPoint) == true
    else { return nil }
    let isSigned = element == .int8
    self.init(
      affine: AffineParameters(scale: scale, zeroPoint: Int32(zeroPoint + (isSigned ? 128 : 0))),
      isSigned: isSigned)
  }
}

extension ONNXElement {
  /// What a quantized tensor's codes can be.
  fileprivate var codeRange: ClosedRange<Int>? {
    guard isInteger, self != .bool, bits <= 16 else { return nil }
    return isUnsigned ? 0...(1 << bits) - 1 : -(1 << (bits - 1))...(1 << (bits - 1)) - 1
  }
}
