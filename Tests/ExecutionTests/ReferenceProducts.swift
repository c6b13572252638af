import Graphs
import NumberFormats

extension ReferenceInterpreter {
  /// One product of an output's sum: which operand element, which column of the weight's row.
  typealias Term = (element: Int, column: Int)

  /// The result of a node with a weight, before its activation.
  func weighted(_ node: Node, _ operand: Value) -> [Float] {
    let shape = model.graph.shapes[node.id]
    let biases = model.weights["\(node.name).bias"]?.values
    let blocks = blocks(of: node)
    let blocksPerRow = blocks.count / shape.channels
    return (0..<shape.elementCount).map { index in
      let channel = index % shape.channels
      let terms = terms(node, operand.shape, shape, index)
      switch model.arithmetic[node.id] {
      case .blocks(_, let dynamic):
        let (codes, affine) = codes(of: operand, dynamic)
        return blockSum(
          terms, codes, affine, blocks[channel * blocksPerRow..<(channel + 1) * blocksPerRow],
          biases?[channel])
      case .integer(let weight, let dynamic):
        return integerSum(
          terms, operand, dynamic, weight, channel, biases?[channel],
          isDepthwise: node.operation.isDepthwise)
      case .reference(let weight, let dynamic):
        let reals = dynamic == nil ? operand.reals : rounded(operand, dynamic)
        let sum = terms.reduce(Float(0)) {
          $0.addingProduct(reals[$1.element], weight.values[channel * weight.columns + $1.column])
        }
        return biases.map { sum + $0[channel] } ?? sum
      default:
        let weight = model.weights["\(node.name).weight"]?.values ?? []
        let sum = terms.reduce(Float(0)) { sum, term in
          let position =
            node.operation.isDepthwise
            ? term.column * shape.channels + channel
            : channel * (weight.count / shape.channels) + term.column
          return sum.addingProduct(operand.reals[term.element], weight[position])
        }
        return biases.map { sum + $0[channel] } ?? sum
      }
    }
  }

  /// What the codes of an fp32 operand stand for.
  private func rounded(_ operand: Value, _ dynamic: DynamicRange?) -> [Float] {
    let (codes, affine) = codes(of: operand, dynamic)
    return codes.map { Float($0 - Int(affine.zeroPoint)) * affine.scale }
  }

  private func terms(_ node: Node, _ image: Shape, _ shape: Shape, _ index: Int) -> [Term] {
    let window: Window
    switch node.operation {
    case .convolution(_, let geometry, _), .depthwiseConvolution(let geometry, _):
      window = geometry
    default: return (0..<image.elementCount).map { ($0, $0) }
    }
    let pixel = index / shape.channels
    let taps = inside(
      window, image, row: pixel / shape.dimensions[1], column: pixel % shape.dimensions[1])
    if node.operation.isDepthwise {
      return taps.map { ($0.pixel * image.channels + index % shape.channels, $0.tap) }
    }
    return taps.flatMap { tap, pixel in
      (0..<image.channels).map {
        (pixel * image.channels + $0, tap * image.channels + $0)
      }
    }
  }

  private func integerSum(
    _ terms: [Term], _ operand: Value, _ dynamic: DynamicRange?, _ weight: QuantizedMatrix,
    _ row: Int, _ bias: Float?, isDepthwise: Bool
  ) -> Float {
    let (codes, affine) = codes(of: operand, dynamic)
    // Sums per set of weight parameters; int8 rows and depthwise filters have one.
    var sums: [Int: Int] = [:]
    for term in terms {
      let group = weight.parameterIndex(row: row, column: term.column)
      let code = Int(weight.codes[row * weight.columns + term.column])
      sums[group, default: 0] +=
        (codes[term.element] - Int(affine.zeroPoint))
        * (code - Int(weight.parameters[group].zeroPoint))
    }
    if weight.bits == 4, !isDepthwise {
      let first = weight.parameterIndex(row: row, column: 0)
      let last = weight.parameterIndex(row: row, column: weight.columns - 1)
      let sum = (first...last).reduce(Float(0)) {
        $0.addingProduct(Float(sums[$1] ?? 0), weight.parameters[$1].scale)
      }
      return bias.map { $0.addingProduct(sum, affine.scale) } ?? sum * affine.scale
    }
    let group = weight.parameterIndex(row: row, column: 0)
    let scale = affine.scale * weight.parameters[group].scale
    let sum = Float(sums[group] ?? 0)
    return bias.map { $0.addingProduct(sum, scale) } ?? sum * scale
  }

  /// The operand's codes: stored, or quantized with the range of this example.
  private func codes(
    of operand: Value, _ dynamic: DynamicRange?
  ) -> ([Int], AffineParameters) {
    if let affine = operand.affine { return (operand.codes, affine) }
    let affine: AffineParameters
    if dynamic == .symmetric {
      let magnitude = operand.reals.map(abs).max() ?? 0
      affine = AffineParameters(scale: magnitude > 0 ? magnitude / 127 : 1, zeroPoint: 128)
    } else {
      let low = min(operand.reals.min() ?? 0, 0)
      let high = max(operand.reals.max() ?? 0, 0)
      let scale = high > low ? (high - low) / 255 : 1
      let zero = (-low / scale).rounded(.toNearestOrEven)
      affine = AffineParameters(scale: scale, zeroPoint: Int32(min(max(zero, 0), 255)))
    }
    let codes = operand.reals.map {
      Int(
        min(
          max(($0 / affine.scale).rounded(.toNearestOrEven), Float(-affine.zeroPoint)),
          Float(255 - affine.zeroPoint))) + Int(affine.zeroPoint)
    }
    return (codes, affine)
  }
}

extension Operation {
  var isDepthwise: Bool { if case .depthwiseConvolution = self { true } else { false } }
}
