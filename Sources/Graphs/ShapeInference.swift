extension Operation {
  /// The largest number of elements a value may have: 2³¹ − 1, so that byte offsets never overflow.
  static let largestValue = Int(Int32.max)
  /// The most experts of a layer.
  static let mostExperts = 4_096

  /// The shape of the result for operands of the given shapes.
  ///
  /// - Parameters:
  ///   - operands: As many shapes as `operandCount`.
  ///   - node: Named in errors.
  /// - Returns: The shape of the result.
  /// - Throws: `GraphError` when the operands do not suit the operation.
  package func resultShape(operands: [Shape], node: String) throws(GraphError) -> Shape {
    let result = try uncheckedResultShape(operands: operands, node: node)
    guard result.dimensions.allSatisfy({ $0 > 0 }) else {
      throw .emptyResult(node: node, operand: operands.first ?? result)
    }
    var count = 1
    for extent in result.dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Operation.largestValue else { throw .tooLarge(node: node) }
      count = product
    }
    return result
  }

  private func uncheckedResultShape(
    operands: [Shape], node: String
  ) throws(GraphError) -> Shape {
    switch self {
    case .input(let shape):
      return shape
    case .linear(let outFeatures, _):
      _ = try operands[0].vector(node: node)
      return Shape([outFeatures])
    case .convolution(let outChannels, let window, _):
      return try window.slide(over: operands[0], channels: outChannels, node: node)
    case .transposedConvolution(let outChannels, let window, let extra, _):
      return try window.spread(over: operands[0], channels: outChannels, extra: extra, node: node)
    case .depthwiseConvolution(let window, _), .maxPooling(let window),
      .averagePooling(let window):
      return try window.slide(over: operands[0], channels: operands[0].channels, node: node)
    case .recurrence(let recurrence):
      let image = try operands[0].image(node: node)
      guard recurrence.features > 0, recurrence.features <= Window.largestExtent,
        image.dimensions[1] == 1, image.channels == recurrence.products
      else {
        throw .operandShape(
          node: node, expected: "steps×1×\(recurrence.products)", found: operands[0])
      }
      return recurrence.result == .last
        ? Shape([recurrence.features]) : Shape([image.dimensions[0], 1, recurrence.features])
    case .batchNormalization, .activation:
      return operands[0]
    case .add:
      guard operands[0] == operands[1] else {
        throw .unequalOperands(node: node, operands[0], operands[1])
      }
      return operands[0]
    case .multiply:
      let factors = Shape([operands[0].channels])
      let isScaled = operands[0].rank == 1 && operands[1] == Shape([1])
      guard
        operands[1] == operands[0] || isScaled || operands[0].rank == 3 && operands[1] == factors
      else {
        throw .unequalOperands(node: node, operands[0], operands[1])
      }
      return operands[0]
    case .globalAveragePooling:
      return Shape([try operands[0].image(node: node).channels])
    case .flatten:
      return Shape([operands[0].elementCount])
    case .softmax, .unitLength:
      return try operands[0].vector(node: node)
    case .function, .tokens, .rounding:
      return operands[0]
    case .tensor(let operation):
      return try operation.resultShape(operands: operands, node: node)
    case .gatedSilu:
      guard operands[0] == operands[1] else {
        throw .unequalOperands(node: node, operands[0], operands[1])
      }
      return operands[0]
    case .routing, .experts, .mixture:
      return try expertResultShape(operands: operands, node: node)
    case .embedding, .positionEmbedding, .normalization, .rotaryEmbedding, .attention:
      return try sequenceResultShape(operands: operands, node: node)
    }
  }

  private func expertResultShape(operands: [Shape], node: String) throws(GraphError) -> Shape {
    let vector = try operands[0].vector(node: node)
    switch self {
    case .routing(let routing):
      guard vector == Shape([routing.experts]) else {
        throw .operandShape(
          node: node, expected: "a score for each of \(routing.experts) experts", found: vector)
      }
      try requireChoice(of: routing.chosen, among: routing.experts, node: node)
      return Shape([2 * routing.chosen])
    case .experts(let layer):
      try requireChoice(of: layer.chosen, among: layer.experts, node: node)
      try vector.require(parts: layer.operandRows, node: node)
      let (count, overflow) = layer.chosen.multipliedReportingOverflow(by: layer.outFeatures)
      guard !overflow else { throw .tooLarge(node: node) }
      return Shape([count])
    case .mixture(let chosen):
      try vector.require(parts: chosen, node: node)
      return Shape([vector.elementCount / chosen])
    default: return vector
    }
  }

  private func requireChoice(
    of chosen: Int, among experts: Int, node: String
  ) throws(GraphError) {
    guard (1...Self.mostExperts).contains(experts), (1...experts).contains(chosen) else {
      throw .expertCount(node: node, experts: experts, chosen: chosen)
    }
  }

  private func sequenceResultShape(operands: [Shape], node: String) throws(GraphError) -> Shape {
    switch self {
    case .embedding(_, let features):
      guard operands[0] == Shape([1]) else {
        throw .operandShape(node: node, expected: "one token id", found: operands[0])
      }
      return Shape([features])
    case .normalization(let normalization):
      guard normalization.parts > 0, operands[0].channels.isMultiple(of: normalization.parts) else {
        throw .operandShape(
          node: node, expected: "a multiple of \(normalization.parts) elements", found: operands[0])
      }
      return operands[0]
    case .rotaryEmbedding(let rotary):
      try operands[0].require(rotary.heads, of: rotary.headSize, node: node)
      guard rotary.rotary.isMultiple(of: 2), (0...rotary.headSize).contains(rotary.rotary) else {
        throw .operandShape(
          node: node, expected: "an even number of at most \(rotary.headSize) rotary elements",
          found: Shape([rotary.rotary]))
      }
      return operands[0]
    case .attention(let attention):
      try operands[0].require(attention.heads, of: attention.headSize, node: node)
      try operands[1].require(attention.keyValueHeads, of: attention.headSize, node: node)
      try operands[2].require(attention.keyValueHeads, of: attention.headSize, node: node)
      guard attention.heads.isMultiple(of: attention.keyValueHeads) else {
        throw .operandShape(
          node: node, expected: "heads in equal groups of \(attention.keyValueHeads)",
          found: Shape([attention.heads]))
      }
      return operands[0]
    default:
      return try operands[0].vector(node: node)
    }
  }
}

extension Shape {
  fileprivate func require(_ heads: Int, of size: Int, node: String) throws(GraphError) {
    guard heads > 0, size > 0, self == Shape([heads * size]) else {
      throw .operandShape(node: node, expected: "\(heads) heads of \(size)", found: self)
    }
  }

  fileprivate func require(parts: Int, node: String) throws(GraphError) {
    guard parts > 0, elementCount.isMultiple(of: parts) else {
      throw .operandShape(node: node, expected: "a multiple of \(parts) elements", found: self)
    }
  }

  fileprivate func vector(node: String) throws(GraphError) -> Shape {
    guard rank == 1 else {
      throw .operandShape(node: node, expected: "a vector (flatten it first)", found: self)
    }
    return self
  }

  fileprivate func image(node: String) throws(GraphError) -> Shape {
    guard rank == 3 else {
      throw .operandShape(node: node, expected: "an image height×width×channels", found: self)
    }
    return self
  }
}

extension Window {
  fileprivate func slide(
    over operand: Shape, channels: Int, node: String
  ) throws(GraphError) -> Shape {
    let image = try operand.image(node: node)
    guard isUsable else { throw .emptyResult(node: node, operand: operand) }
    return Shape([
      outputHeight(image.dimensions[0]), outputWidth(image.dimensions[1]), channels,
    ])
  }

  /// `(extent − 1) · stride − margins + reach + extra`.
  fileprivate func spread(
    over operand: Shape, channels: Int, extra: Spacing, node: String
  ) throws(GraphError) -> Shape {
    let image = try operand.image(node: node)
    // More at the end would be positions that no tap reaches.
    guard isUsable else { throw .emptyResult(node: node, operand: operand) }
    guard (0..<max(strides.rows, dilations.rows)).contains(extra.rows),
      (0..<max(strides.columns, dilations.columns)).contains(extra.columns)
    else {
      throw .operandShape(
        node: node, expected: "fewer extra rows and columns than the stride",
        found: Shape([extra.rows, extra.columns]))
    }
    return Shape([
      (image.dimensions[0] - 1) * strides.rows - margins.top - margins.bottom + reachedRows
        + extra.rows,
      (image.dimensions[1] - 1) * strides.columns - margins.left - margins.right + reachedColumns
        + extra.columns, channels,
    ])
  }
}
