import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// The affine parameters of a node's stored result, or `nil` for fp32.
  func storage(_ node: Node) -> AffineParameters? {
    if case .uint8(let parameters) = model.storage[node.id] { parameters } else { nil }
  }

  /// Elements of a node's result, per example.
  func count(_ node: Node) -> Int { graph.shapes[node.id].elementCount }

  /// A new buffer for the node's result as it is stored.
  mutating func resultBuffer(_ node: Node) throws(ExecutionError) -> BufferID {
    try buffer(count(node), elementSize: storage(node) == nil ? 4 : 1)
  }

  /// A new buffer for the node's result in fp32: the stored result itself, or scratch.
  mutating func floatResult(_ node: Node) throws(ExecutionError) -> BufferID {
    try buffer(count(node), elementSize: 4)
  }

  /// An operand in fp32, dequantized where it is stored as uint8.
  mutating func floatOperand(_ node: Node, _ index: Int) throws(ExecutionError) -> BufferID {
    let operand = values[node.inputs[index]]
    guard let affine = operand.affine else { return operand.buffer }
    let result = try buffer(operand.count, elementSize: 4)
    emit(
      .dequantize(
        Elementwise(source: operand.buffer, result: result, count: operand.count),
        qg_affine(affine)),
      node, kernel: "dequantize_u8", touching: [operand.buffer, result])
    return result
  }

  /// Records an fp32 result, clamped unless it is already, and quantized where uint8 is stored.
  mutating func deliver(
    _ node: Node, _ result: BufferID, isClamped: Bool = false
  ) throws(ExecutionError) {
    if let activation = node.fusedActivation, !isClamped {
      emitClamp(node, activation, from: result, to: result)
    }
    guard let affine = storage(node) else {
      values.append(Value(buffer: result, count: count(node), affine: nil))
      return
    }
    let codes = try resultBuffer(node)
    emit(
      .quantize(each(node, result, codes), qg_affine(affine)), node, kernel: "quantize_u8",
      touching: [result, codes])
    values.append(Value(buffer: codes, count: count(node), affine: affine))
  }

  /// Records a uint8 result, clamped where the node has a fused activation.
  ///
  /// Quantizing is monotonic, so clamping codes afterwards equals clamping before quantizing.
  mutating func finishCodes(_ node: Node, _ result: BufferID, _ affine: AffineParameters) {
    if let activation = node.fusedActivation {
      emitClampCodes(node, activation, affine, from: result, to: result)
    }
    values.append(Value(buffer: result, count: count(node), affine: affine))
  }

  mutating func emitClamp(
    _ node: Node, _ activation: Activation, from source: BufferID, to result: BufferID
  ) {
    emit(
      .clampFloat(each(node, source, result), qg_bounds(activation)), node, kernel: "clamp_f32",
      touching: [source, result])
  }

  mutating func emitClampCodes(
    _ node: Node, _ activation: Activation, _ affine: AffineParameters, from source: BufferID,
    to result: BufferID
  ) {
    emit(
      .clampCodes(
        each(node, source, result), lower: affine.code(for: activation.lowerBound),
        upper: affine.code(for: activation.upperBound)),
      node, kernel: "clamp_u8", touching: [source, result])
  }

  /// An element-wise operation over the node's result.
  func each(_ node: Node, _ source: BufferID, _ result: BufferID) -> Elementwise {
    Elementwise(source: source, result: result, count: count(node))
  }
}

extension qg_affine {
  init(_ parameters: AffineParameters) {
    self.init(scale: parameters.scale, zero_point: parameters.zeroPoint)
  }

}

extension AffineParameters {
  /// The uint8 code of a value: `clamp(round-half-even(value / scale) + zero point, 0, 255)`.
  func code(for value: Float) -> UInt8 {
    let steps = (value / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
    return UInt8(min(max(steps, 0), 255))
  }
}

extension qg_bounds {
  /// The bounds of an activation; without one, all numbers.
  init(_ activation: Activation?) {
    self.init(
      lower: activation?.lowerBound ?? -.infinity, upper: activation?.upperBound ?? .infinity)
  }
}
