extension Operation {
  /// The largest number of elements a value may have: 2³¹ − 1, so that byte offsets never overflow.
  static let largestValue = Int(Int32.max)

  /// The shape of the result for operands of the given shapes.
  ///
  /// - Parameters:
  ///   - operands: As many shapes as `operandCount`.
  ///   - node: Named in errors.
  /// - Returns: The shape of the result.
  /// - Throws: `GraphError` when the operands do not suit the operation.
  func resultShape(operands: [Shape], node: String) throws(GraphError) -> Shape {
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
    case .depthwiseConvolution(let window, _), .maxPooling(let window),
      .averagePooling(let window):
      return try window.slide(over: operands[0], channels: operands[0].channels, node: node)
    case .batchNormalization, .activation:
      return operands[0]
    case .add:
      guard operands[0] == operands[1] else {
        throw .unequalOperands(node: node, operands[0], operands[1])
      }
      return operands[0]
    case .globalAveragePooling:
      return Shape([try operands[0].image(node: node).channels])
    case .flatten:
      return Shape([operands[0].elementCount])
    case .softmax:
      return try operands[0].vector(node: node)
    }
  }
}

extension Shape {
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
    guard height > 0, width > 0, stride > 0, padding >= 0, padding < max(height, width) else {
      throw .emptyResult(node: node, operand: operand)
    }
    return Shape([
      outputExtent(image.dimensions[0], size: height),
      outputExtent(image.dimensions[1], size: width), channels,
    ])
  }
}
