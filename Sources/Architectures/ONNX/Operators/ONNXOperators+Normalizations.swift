import Checkpoints
import Graphs

extension ONNXOperator {
  /// Normalizations.
  static let normalizations: [ONNXOperator] = [
    ONNXOperator("BatchNormalization") { (importer) throws(CheckpointError) in
      [try importer.batchNormalization()]
    },
    ONNXOperator("LayerNormalization") { (importer) throws(CheckpointError) in
      try importer.layerNormalization()
    },
    ONNXOperator("RMSNormalization") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axis = try importer.axis(try importer.integer("axis", -1), of: value.shape.count)
      return [try importer.normalized(value, from: axis, .rms, scale: 1, bias: nil)]
    },
    ONNXOperator("InstanceNormalization") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      guard value.shape.count > 1 else {
        throw importer.failure("channels", "\(Shape(value.shape))")
      }
      return [try importer.grouped(value, value.shape[1])]
    },
    ONNXOperator("GroupNormalization") { (importer) throws(CheckpointError) in
      [try importer.grouped(importer.operand(0), importer.integer("num_groups", 1))]
    },
    ONNXOperator("MeanVarianceNormalization") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axes = try importer.axes(importer.integers("axes") ?? [0, 2, 3], of: value.shape.count)
      let mean = try importer.apply(.reduction(.mean, axes: axes), [value])
      let rest = try importer.combine(.subtract, value, mean)
      let squares = try importer.combine(.multiply, rest, rest)
      let variance = try importer.apply(.reduction(.mean, axes: axes), [squares])
      let deviation = try importer.apply(.map(.squareRoot), [variance])
      let divisor = try importer.apply(.map(.affine(factor: 1, offset: 1e-9)), [deviation])
      return [try importer.combine(.divide, rest, divisor)]
    },
    ONNXOperator("LpNormalization") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axis = try importer.axis(try importer.integer("axis", -1), of: value.shape.count)
      let isFirst = try importer.integer("p", 2) == 1
      let sizes = isFirst ? try importer.apply(.map(.absolute), [value]) : value
      let sum = try importer.apply(
        .reduction(isFirst ? .sum : .sumOfSquares, axes: [axis]), [sizes])
      let length = isFirst ? sum : try importer.apply(.map(.squareRoot), [sum])
      // A vector of zeros stays one.
      let isZero = try importer.apply(.map(.not), [length], .bool)
      let divisor = try importer.combine(.add, length, isZero)
      return [try importer.combine(.divide, value, divisor)]
    },
    ONNXOperator("LRN") { (importer) throws(CheckpointError) in [try importer.localResponse()] },
  ]
}

extension ONNXImporter {
  fileprivate mutating func batchNormalization() throws(CheckpointError) -> ImportedValue {
    guard try integer("training_mode", 0) == 0 else {
      throw failure("stored statistics", "training mode")
    }
    let value = try operand(0)
    guard value.shape.count > 1 else { throw failure("channels", "\(Shape(value.shape))") }
    let channels = value.shape[1]
    var parameters: [(ParameterRole, [Float])] = []
    for (index, role) in [ParameterRole.scale, .shift, .mean, .variance].enumerated() {
      guard let values = try constant(index + 1, "statistics")?.floats, values.count == channels
      else { throw failure("\(channels) numbers as operand \(index + 2)", "another number") }
      parameters.append((role, values))
    }
    let epsilon = try float("epsilon", 1e-5)
    let node: Node.ID
    let result: ImportedValue
    if value.shape.count == 2, value.shape[0] == 1, case .computed(let computed) = value {
      let vector = try reshaped(plainNode(computed.node, computed), to: Shape([channels]))
      node = try append(.batchNormalization(epsilon: epsilon), [vector])
      result = .computed(ComputedValue(node: node, shape: value.shape, element: .float32))
    } else {
      let image = try image(value)
      node = try append(.batchNormalization(epsilon: epsilon), [image.node])
      result = imageResult(node, like: image)
    }
    for (role, values) in parameters {
      weights["\(nodes[node].name).\(role.rawValue)"] = Tensor(shape: [channels], values: values)
    }
    return result
  }

  /// The value normalized over all axes from one on.
  ///
  /// - Parameters:
  ///   - scale: The operand that scales, in the extents of those axes; `nil` for ones.
  ///   - bias: The operand that is added, if any.
  fileprivate mutating func normalized(
    _ value: ImportedValue, from axis: Int, _ kind: Normalization.Kind, scale: Int?, bias: Int?
  ) throws(CheckpointError) -> ImportedValue {
    let count = value.shape[axis...].reduce(1, *)
    let outer = value.shape[..<axis].reduce(1, *)
    func parameter(_ index: Int?, _ what: String) throws(CheckpointError) -> Tensor? {
      guard let index, let constant = try constant(index, what) else { return nil }
      let inner = Shape(Array(value.shape[axis...]))
      guard inner.broadcast(with: Shape(constant.shape)) == inner else {
        throw failure("\(what) of \(inner)", "\(Shape(constant.shape))")
      }
      if constant.count == count { return constant.parameter(shape: [count]) }
      let values = constant.floats
      return Tensor(
        shape: [count],
        values: View(repeating: Shape(constant.shape), to: inner).elements.map { values[$0] })
    }
    let weight = try parameter(scale, "a scale") ?? Tensor(shape: [count], repeating: 1)
    let added = try parameter(bias, "a bias")
    let rows = try reshaped(node(value), to: Shape(outer == 1 ? [count] : [outer, count]))
    let normalization = Normalization(
      kind, epsilon: try float("epsilon", 1e-5), hasBias: added != nil)
    let result = try append(.normalization(normalization), [rows])
    weights["\(nodes[result].name).weight"] = weight
    weights["\(nodes[result].name).bias"] = added
    return .computed(ComputedValue(node: result, shape: value.shape, element: .float32))
  }

  fileprivate mutating func layerNormalization() throws(CheckpointError) -> [ImportedValue] {
    let value = try operand(0)
    let axis = try axis(try integer("axis", -1), of: value.shape.count)
    let result = try normalized(value, from: axis, .layer, scale: 1, bias: 2)
    let wanted = current.outputs.dropFirst().filter { readers[$0] != nil }
    guard !wanted.isEmpty else { return [result] }
    let axes = Array(axis..<value.shape.count)
    let mean = try apply(.reduction(.mean, axes: axes), [value])
    let rest = try combine(.subtract, value, mean)
    let variance = try apply(.reduction(.mean, axes: axes), [combine(.multiply, rest, rest)])
    let raised = try apply(
      .map(.affine(factor: 1, offset: float("epsilon", 1e-5))), [variance])
    let inverse = try apply(.map(.reciprocal), [apply(.map(.squareRoot), [raised])])
    return [result, mean, inverse]
  }

  /// Channels normalized in equal groups, then scaled and moved one by one.
  fileprivate mutating func grouped(
    _ value: ImportedValue, _ groups: Int
  ) throws(CheckpointError) -> ImportedValue {
    guard value.shape.count > 1, groups > 0, value.count > 0, value.shape[1].isMultiple(of: groups)
    else {
      throw failure("channels in \(groups) equal groups", "\(Shape(value.shape))")
    }
    let (examples, channels) = (value.shape[0], value.shape[1])
    let rows = try reshaped(value, to: [examples * groups, value.count / (examples * groups)])
    let parts = try normalized(rows, from: 1, .layer, scale: nil, bias: nil)
    var result = try reshaped(parts, to: value.shape)
    for (index, arithmetic) in [(1, Arithmetic.multiply), (2, .add)] {
      guard let factors = try constant(index, "a scale and a bias")?.floats,
        factors.count == channels || factors.count == groups
      else { throw failure("\(channels) numbers as operand \(index + 1)", "another number") }
      let repeats = channels / factors.count
      let tensor = ONNXTensor(
        name: "", shape: [channels] + Array(repeating: 1, count: value.shape.count - 2),
        values: (0..<channels).map { factors[$0 / repeats] })
      result = try combine(arithmetic, result, .constant(ImportedConstant(tensor)))
    }
    return result
  }

  fileprivate mutating func localResponse() throws(CheckpointError) -> ImportedValue {
    let value = try operand(0)
    let size = try integer("size", 1)
    guard value.shape.count > 1, 1...value.shape[1] * 2 ~= size else {
      throw failure("a size of at least 1", "\(size)")
    }
    let squares = try combine(.multiply, value, value)
    let (before, channels) = ((size - 1) / 2, value.shape[1])
    try requireSmall(channels, times: size)
    var sum: ImportedValue?
    for step in 0..<size {
      let places = (0..<channels).map { channel in
        let place = channel - before + step
        return 0..<channels ~= place ? place : -1
      }
      let part = try taken(squares, 1, places)
      sum = try sum.map { (sum) throws(CheckpointError) in try combine(.add, sum, part) } ?? part
    }
    let alpha = try float("alpha", 1e-4) / Float(size)
    let base = try apply(
      .map(.affine(factor: alpha, offset: float("bias", 1))), [sum ?? squares])
    let exponent = ImportedValue.number(try float("beta", 0.75))
    return try combine(.divide, value, combine(.power, base, exponent))
  }
}
