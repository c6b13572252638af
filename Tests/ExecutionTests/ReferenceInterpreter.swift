import CMath
import Graphs
import NumberFormats
import Testing

/// A second implementation of the executor's semantics, written from the contracts: one example at a
/// time, one output element at a time, no packing, no patches, no sharing of memory.
struct ReferenceInterpreter {
  let model: QuantizedModel

  /// A node's result: real values, and the codes behind them where it is stored as uint8.
  struct Value {
    let shape: Shape
    let reals: [Float]
    let codes: [Int]
    let affine: AffineParameters?
  }

  /// The result of every node for one example.
  func results(for input: [Float]) -> [Value] {
    var values: [Value] = []
    for node in model.graph.nodes {
      let operands = node.inputs.map { values[$0] }
      var reals = input
      switch node.operation {
      case .input: break
      case .linear, .convolution, .transposedConvolution, .depthwiseConvolution:
        reals = weighted(node, operands[0])
      case .batchNormalization: reals = []
      case .activation(let activation): reals = operands[0].reals.map { clamp($0, activation) }
      case .add: reals = add(node, operands[0], operands[1])
      case .recurrence(let recurrence): reals = recur(node, recurrence, operands[0])
      case .multiply: reals = multiply(node, operands[0], operands[1])
      case .function(let function):
        reals = operands[0].reals.map { ReferenceFunction(function).value($0) }
      case .maxPooling(let window):
        reals = pool(node, window, operands[0]) { positions, operand in
          positions.map { operand.reals[$0] }.max() ?? -.infinity
        }
      case .averagePooling(let window): reals = average(node, window, operands[0])
      case .globalAveragePooling:
        let image = operands[0].shape.dimensions
        reals = average(node, Window(height: image[0], width: image[1]), operands[0])
      case .flatten: reals = operands[0].reals
      case .softmax: reals = softmax(operands[0].reals)
      default: Issue.record("no reference for \(node.operation.name)")
      }
      values.append(store(node, reals.map { clamp($0, node.fusedActivation) }))
    }
    return values
  }

  private func store(_ node: Node, _ reals: [Float]) -> Value {
    let shape = model.graph.shapes[node.id]
    guard case .uint8(let affine) = model.storage[node.id] else {
      return Value(shape: shape, reals: reals, codes: [], affine: nil)
    }
    let codes = reals.map { quantize($0, affine) }
    return Value(
      shape: shape,
      reals: codes.map { Float($0 - Int(affine.zeroPoint)) * affine.scale }, codes: codes,
      affine: affine)
  }

  private func quantize(_ real: Float, _ affine: AffineParameters) -> Int {
    if real.isNaN { return Int(affine.zeroPoint) }
    let steps = (real / affine.scale).rounded(.toNearestOrEven)
    return Int(min(max(steps, Float(-affine.zeroPoint)), Float(255 - affine.zeroPoint)))
      + Int(affine.zeroPoint)
  }

  private func clamp(_ real: Float, _ activation: Activation?) -> Float {
    guard let activation, !real.isNaN else { return real }
    let raised = activation.lowerBound > real ? activation.lowerBound : real
    return activation.upperBound < raised ? activation.upperBound : raised
  }

  private func add(_ node: Node, _ left: Value, _ right: Value) -> [Float] {
    if let leftAffine = left.affine, let rightAffine = right.affine,
      model.storage[node.id] != .float32
    {
      return left.codes.indices.map {
        let other = Float(right.codes[$0] - Int(rightAffine.zeroPoint)) * rightAffine.scale
        return other.addingProduct(
          Float(left.codes[$0] - Int(leftAffine.zeroPoint)), leftAffine.scale)
      }
    }
    return zip(left.reals, right.reals).map { $0 + $1 }
  }

  private func multiply(_ node: Node, _ left: Value, _ right: Value) -> [Float] {
    let count = right.reals.count
    return left.reals.indices.map {
      if let leftAffine = left.affine, let rightAffine = right.affine,
        model.storage[node.id] != .float32
      {
        let product =
          (left.codes[$0] - Int(leftAffine.zeroPoint))
          * (right.codes[$0 % count] - Int(rightAffine.zeroPoint))
        return Float(product) * (leftAffine.scale * rightAffine.scale)
      }
      return left.reals[$0] * right.reals[$0 % count]
    }
  }

  private func average(_ node: Node, _ window: Window, _ operand: Value) -> [Float] {
    pool(node, window, operand) { positions, operand in
      if let affine = operand.affine, model.storage[node.id] != .float32 {
        let sum = positions.reduce(0) { $0 + operand.codes[$1] - Int(affine.zeroPoint) }
        return Float(sum) * affine.scale / Float(positions.count)
      }
      return positions.reduce(Float(0)) { $0 + operand.reals[$1] } / Float(positions.count)
    }
  }

  /// `body` for every output element, with the indices of the operand's elements in its window.
  private func pool(
    _ node: Node, _ window: Window, _ operand: Value, _ body: ([Int], Value) -> Float
  ) -> [Float] {
    let shape = model.graph.shapes[node.id]
    let channels = shape.channels
    return (0..<shape.elementCount).map { index in
      let width = shape.rank == 3 ? shape.dimensions[1] : 1
      let taps = inside(
        window, operand.shape, row: index / channels / width, column: index / channels % width)
      return body(taps.map { $0.pixel * channels + index % channels }, operand)
    }
  }

  /// The taps of one window position that lie inside the image, row-major.
  func inside(
    _ window: Window, _ image: Shape, row: Int, column: Int
  ) -> [(tap: Int, pixel: Int)] {
    var result: [(Int, Int)] = []
    for tap in 0..<window.taps {
      let y =
        row * window.strides.rows - window.margins.top + tap / window.width * window.dilations.rows
      let x =
        column * window.strides.columns - window.margins.left
        + tap % window.width * window.dilations.columns
      if (0..<image.dimensions[0]).contains(y), (0..<image.dimensions[1]).contains(x) {
        result.append((tap, y * image.dimensions[1] + x))
      }
    }
    return result
  }

  private func softmax(_ reals: [Float]) -> [Float] {
    let top = reals.max() ?? 0
    let powers = reals.map { cm_expf($0 - top) }
    var lanes = [Float](repeating: 0, count: 16)
    for (index, power) in powers.enumerated() { lanes[index % 16] += power }
    for apart in [8, 4, 2, 1] {
      for lane in 0..<apart { lanes[lane] += lanes[lane + apart] }
    }
    return powers.map { $0 / lanes[0] }
  }
}
