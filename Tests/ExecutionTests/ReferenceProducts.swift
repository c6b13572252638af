import Graphs
import NumberFormats

extension ReferenceInterpreter {
  /// One product of an output's sum: which operand element, which column of the weight's row.
  typealias Term = (element: Int, column: Int)

  /// The result of a node with a weight, before its activation.
  func weighted(_ node: Node, _ operand: Value) -> [Float] {
    let shape = model.graph.shapes[node.id]
    return products(node, operand, count: shape.elementCount, rows: shape.channels) {
      terms(node, operand.shape, shape, $0)
    }
  }

  /// `count` sums with the rows of a node's weight in turn, each over its own terms.
  func products(
    _ node: Node, _ operand: Value, count: Int, rows: Int, _ terms: (Int) -> [Term]
  ) -> [Float] {
    let biases = model.weights["\(node.name).bias"]?.values
    let dynamic: DynamicRange? =
      switch model.arithmetic[node.id] {
      case .integer(_, let range), .blocks(_, let range), .codebook(_, let range),
        .reference(_, let range):
        range
      case .float32, .bfloat16, .experts, nil: nil
      }
    let (codes, affine) = codes(of: operand, dynamic)
    let rounded = codes.map { Float($0 - Int(affine.zeroPoint)) * affine.scale }
    let blocks = blocks(of: node)
    let blocksPerRow = blocks.count / rows
    return (0..<count).map { index in
      let channel = index % rows
      let terms = terms(index)
      switch model.arithmetic[node.id] {
      case .blocks:
        return blockSum(
          terms, codes, affine, blocks[channel * blocksPerRow..<(channel + 1) * blocksPerRow],
          biases?[channel])
      case .codebook(let weight, _):
        return levelSum(terms, codes, affine, weight, channel, biases?[channel])
      case .integer(let weight, _):
        return integerSum(
          terms, codes, affine, weight, channel, biases?[channel],
          isDepthwise: node.operation.isDepthwise)
      case .bfloat16(let weight):
        let sum = terms.reduce(Float(0)) {
          let code = weight.codes[channel * weight.columns + $1.column]
          return $0.addingProduct(operand.reals[$1.element], Float(bitPattern: UInt32(code) << 16))
        }
        return biases.map { sum + $0[channel] } ?? sum
      case .reference(let weight, _):
        let reals = dynamic == nil ? operand.reals : rounded
        let sum = terms.reduce(Float(0)) {
          $0.addingProduct(reals[$1.element], weight.values[channel * weight.columns + $1.column])
        }
        return biases.map { sum + $0[channel] } ?? sum
      default:
        let weight = model.weights["\(node.name).weight"]?.values ?? []
        let sum = terms.reduce(Float(0)) { sum, term in
          let position =
            node.operation.isDepthwise
            ? term.column * rows + channel
            : channel * (weight.count / rows) + term.column
          return sum.addingProduct(operand.reals[term.element], weight[position])
        }
        return biases.map { sum + $0[channel] } ?? sum
      }
    }
  }

  private func terms(_ node: Node, _ image: Shape, _ shape: Shape, _ index: Int) -> [Term] {
    let window: Window
    switch node.operation {
    case .transposedConvolution(_, let geometry, _, _):
      return spreadTerms(geometry, image, shape, pixel: index / shape.channels)
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

  /// Those of a transposed convolution, by looking for the operand's pixels that reach an output pixel.
  private func spreadTerms(
    _ window: Window, _ image: Shape, _ shape: Shape, pixel: Int
  ) -> [Term] {
    let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.dimensions[1])
    var terms: [Term] = []
    for tap in 0..<window.taps {
      let down = row + window.margins.top - tap / window.width * window.dilations.rows
      let along = column + window.margins.left - tap % window.width * window.dilations.columns
      guard let y = (0..<image.dimensions[0]).first(where: { $0 * window.strides.rows == down }),
        let x = (0..<image.dimensions[1]).first(where: { $0 * window.strides.columns == along })
      else { continue }
      for channel in 0..<image.channels {
        terms.append(
          ((y * image.dimensions[1] + x) * image.channels + channel, tap * image.channels + channel)
        )
      }
    }
    return terms
  }

  private func integerSum(
    _ terms: [Term], _ codes: [Int], _ affine: AffineParameters, _ weight: QuantizedMatrix,
    _ row: Int, _ bias: Float?, isDepthwise: Bool
  ) -> Float {
    // Sums per set of weight parameters; int8 rows and depthwise filters have one.
    var sums: [Int: Int] = [:]
    for term in terms {
      let group = weight.parameterIndex(row: row, column: term.column)
      let code = Int(weight.codes[row * weight.columns + term.column])
      sums[group, default: 0] +=
        (codes[term.element] - Int(affine.zeroPoint))
        * (code - Int(weight.parameters[group].zeroPoint))
    }
    let first = weight.parameterIndex(row: row, column: 0)
    let last = weight.parameterIndex(row: row, column: weight.columns - 1)
    if weight.bits <= 4 && !isDepthwise || last > first {
      let sum = (first...last).reduce(Float(0)) {
        $0.addingProduct(Float(sums[$1] ?? 0), weight.parameters[$1].scale)
      }
      return bias.map { $0.addingProduct(sum, affine.scale) } ?? sum * affine.scale
    }
    let scale = affine.scale * weight.parameters[first].scale
    let sum = Float(sums[first] ?? 0)
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
      affine = AffineParameters(
        scale: magnitude > 0 ? max(magnitude / 127, .leastNormalMagnitude) : 1, zeroPoint: 128)
    } else {
      let low = min(operand.reals.min() ?? 0, 0)
      let high = max(operand.reals.max() ?? 0, 0)
      let scale = high > low ? max((high - low) / 255, .leastNormalMagnitude) : 1
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
