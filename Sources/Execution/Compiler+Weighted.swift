import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// Appends the steps of a linear layer, a convolution or a depthwise convolution.
  mutating func lowerWeighted(_ node: Node) throws(ExecutionError) {
    switch model.arithmetic[node.id] {
    case .float32:
      let source = try floatOperand(node, 0)
      try lowerFloat(node, source, model.weights["\(node.name).weight"]?.values ?? [])
    case .reference(let weight, let dynamic): try lowerReference(node, weight, dynamic)
    case .integer(let weight, let dynamic): try lowerInteger(node, weight, dynamic)
    case .blocks(let weight, let dynamic):
      let packedBefore = weights.bytes
      try lowerCodes(
        node, dynamic, pack(weight, kernel(of: weight.format)), length: weight.columns,
        packedBefore: packedBefore)
    case .codebook(let weight, let dynamic):
      let packedBefore = weights.bytes
      try lowerCodes(
        node, dynamic, pack(weight, kernel(of: weight.format)), length: weight.columns,
        packedBefore: packedBefore)
    case .bfloat16(let weight):
      let source = try floatOperand(node, 0)
      let packedBefore = weights.bytes
      try lowerFloats(
        node, source, pack(weight), length: weight.columns, packedBefore: packedBefore)
    case .experts, nil: throw .arithmeticMissing(node: node.name)
    }
  }

  func kernel(of format: any NumberFormat) -> BlockKernel {
    guard let kernel = BlockKernel(format) else { preconditionFailure("the model was validated") }
    return kernel
  }

  /// The fp32 kernels over a decoded weight and an operand that is as precise as the model says.
  private mutating func lowerReference(
    _ node: Node, _ weight: StoredMatrix, _ dynamic: DynamicRange?
  ) throws(ExecutionError) {
    var source = try floatOperand(node, 0)
    if let dynamic { source = try roundedOperand(node, dynamic) }
    guard case .depthwiseConvolution = node.operation else {
      return try lowerFloat(node, source, weight.values)
    }
    // The kernel reads `[taps, channels]`.
    try lowerFloat(
      node, source,
      (0..<weight.columns).flatMap { tap in
        (0..<weight.rows).map { weight.values[$0 * weight.columns + tap] }
      })
  }

  /// An fp32 operand as its codes, with a range per example or part of one, stand for it.
  mutating func roundedOperand(
    _ node: Node, _ dynamic: DynamicRange, parts: Int = 1
  ) throws(ExecutionError) -> BufferID {
    guard values[node.inputs[0]].affine == nil else {
      throw .dynamicRangeUnused(node: node.name)
    }
    let (codes, affine) = try integerOperand(node, dynamic, parts: parts)
    let count = values[node.inputs[0]].count
    let result = try buffer(count, elementSize: 4)
    guard case .perExample(let affines) = affine else {
      preconditionFailure("a dynamic range gives parameters per example")
    }
    emit(
      .dequantizeDynamic(
        DynamicDequantization(
          codes: codes, affines: affines, result: result, count: count / parts, parts: parts)),
      node, kernel: "dequantize_u8", touching: [codes, affines, result])
    return result
  }

  private mutating func lowerFloat(
    _ node: Node, _ source: BufferID, _ weight: [Float]
  ) throws(ExecutionError) {
    let packedBefore = weights.bytes
    guard case .depthwiseConvolution(let window, _) = node.operation else {
      let outputs = graph.shapes[node.id].channels
      let length = weight.count / outputs
      let panels = weights.allocate(qg_packed_f32_count(outputs, length), of: Float.self)
      qg_pack_f32(weight, outputs, length, length, 1, panels)
      return try lowerFloats(
        node, source, .float32(UnsafePointer(panels)), length: length, packedBefore: packedBefore,
        direct: directWindow(of: node, hasWeightZeros: false))
    }
    let result = try floatResult(node)
    let step = DepthwiseFloat(
      source: source, result: result, window: geometry(of: node, window),
      weights: weights.copy(weight, padded: weight.count), bias: bias(of: node),
      bounds: qg_bounds(node.fusedActivation))
    emit(
      .depthwiseFloat(step), node, kernel: "depthwise_f32", touching: [source, result],
      weightBytes: weights.bytes - packedBefore)
    try deliver(node, result, isClamped: true)
  }

  /// A product of fp32 operands with a matrix that has been packed since `packedBefore`.
  private mutating func lowerFloats(
    _ node: Node, _ source: BufferID, _ matrix: PackedMatrix, length: Int, packedBefore: Int,
    direct: qg_window? = nil
  ) throws(ExecutionError) {
    let result = try floatResult(node)
    let product = Product(
      operand: source, affine: .none, result: result, form: .float,
      outputs: graph.shapes[node.id].channels, length: length, matrix: matrix,
      bias: bias(of: node), bounds: qg_bounds(node.fusedActivation))
    try emitProduct(product, node, direct: direct, weightBytes: weights.bytes - packedBefore)
    try deliver(node, result, isClamped: true)
  }

  private mutating func lowerInteger(
    _ node: Node, _ weight: QuantizedMatrix, _ dynamic: DynamicRange?
  ) throws(ExecutionError) {
    let packedBefore = weights.bytes
    guard case .depthwiseConvolution(let window, _) = node.operation else {
      let weight = weight.bits > 4 ? weight.centred : weight
      let direct =
        weight.bits == 8 && weight.kernelGroup >= weight.columns
        ? directWindow(of: node, hasWeightZeros: weight.hasZeroPoints) : nil
      return try lowerCodes(
        node, dynamic, pack(weight, direct: direct), length: weight.columns,
        packedBefore: packedBefore, direct: direct)
    }
    let columns = packDepthwise(weight.centred)
    let bias = bias(of: node)
    let weightBytes = weights.bytes - packedBefore
    let (source, affine) = try integerOperand(node, dynamic)
    let result = try resultBuffer(node)
    let step = DepthwiseInteger(
      source: source, affine: affine, result: result, form: form(of: node),
      window: geometry(of: node, window), weights: columns.weights, zeros: columns.zeros,
      scales: columns.scales, bias: bias, bounds: qg_bounds(node.fusedActivation))
    emit(
      .depthwiseInteger(step), node, kernel: "depthwise_u8s8",
      touching: [source] + affine.buffers + [result], weightBytes: weightBytes)
    values.append(Value(buffer: result, count: count(node), affine: storage(node)))
  }

  /// A product of uint8 operands with a matrix that has been packed since `packedBefore`.
  private mutating func lowerCodes(
    _ node: Node, _ dynamic: DynamicRange?, _ matrix: PackedMatrix, length: Int, packedBefore: Int,
    direct: qg_window? = nil
  ) throws(ExecutionError) {
    let bias = bias(of: node)
    let weightBytes = weights.bytes - packedBefore
    let (source, affine) = try integerOperand(node, dynamic)
    let result = try resultBuffer(node)
    let product = Product(
      operand: source, affine: affine, result: result, form: form(of: node),
      outputs: graph.shapes[node.id].channels, length: length, matrix: matrix, bias: bias,
      bounds: qg_bounds(node.fusedActivation))
    try emitProduct(product, node, direct: direct, weightBytes: weightBytes)
    values.append(Value(buffer: result, count: count(node), affine: storage(node)))
  }

  /// How a product stores a node's result.
  private func form(of node: Node) -> ResultForm {
    storage(node).map { .codes(qg_affine($0)) } ?? .float
  }

  /// The operand as codes: as it is stored, or quantized on the fly with a range per example or part of one.
  mutating func integerOperand(
    _ node: Node, _ dynamic: DynamicRange?, parts: Int = 1
  ) throws(ExecutionError) -> (BufferID, OperandAffine) {
    let operand = values[node.inputs[0]]
    if let affine = operand.affine {
      guard dynamic == nil else { throw .dynamicRangeUnused(node: node.name) }
      let constant = weights.allocate(1, of: qg_affine.self)
      constant.initialize(to: qg_affine(affine))
      return (operand.buffer, .fixed(UnsafePointer(constant)))
    }
    guard let dynamic else { throw .dynamicRangeMissing(node: node.name) }
    // Query, key and value read the same codes.
    let key = DynamicOperand(node: node.inputs[0], range: dynamic, parts: parts)
    if let (codes, affines) = dynamicOperands[key] { return (codes, .perExample(affines)) }
    let codes = try buffer(operand.count, elementSize: 1)
    let affines = try buffer(parts, elementSize: MemoryLayout<qg_affine>.stride)
    let step = DynamicQuantization(
      source: operand.buffer, codes: codes, affines: affines, count: operand.count / parts,
      parts: parts, isSymmetric: dynamic == .symmetric)
    emit(
      .quantizeDynamic(step), node, kernel: "quantize_rows_u8",
      touching: [operand.buffer, affines, codes])
    dynamicOperands[key] = (codes, affines)
    return (codes, .perExample(affines))
  }

  /// Appends a product; that of a convolution runs over patches, or directly over a window.
  private mutating func emitProduct(
    _ product: Product, _ node: Node, direct: qg_window?, weightBytes: Int
  ) throws(ExecutionError) {
    if let direct {
      return emit(
        .directConvolution(product, direct), node,
        kernel: product.operandSize == 1 ? "convolution_u8s8" : "convolution_f32",
        touching: [product.operand] + product.affine.buffers + [product.result],
        weightBytes: weightBytes)
    }
    let kernel = product.matrix.kernel
    let window: Window
    var isTransposed = false
    switch node.operation {
    case .convolution(_, let geometry, _): window = geometry
    case .transposedConvolution(_, let geometry, _, _):
      window = geometry
      isTransposed = true
    default:
      return emit(
        .linear(product), node, kernel: kernel,
        touching: [product.operand] + product.affine.buffers + [product.result],
        weightBytes: weightBytes)
    }
    let geometry = geometry(of: node, window)
    let isPixelwise = window.isPixelwise && !isTransposed
    var patches = Patches(
      window: geometry, isTransposed: isTransposed, buffer: nil, stride: product.length,
      capacity: 0)
    var touched = [product.operand] + product.affine.buffers
    if !isPixelwise {
      // Rows of codes begin at multiples of what the int4 kernel reads at once.
      let stride = product.operandSize == 1 ? (product.length + 7) / 8 * 8 : product.length
      let rowBytes = geometry.out_width * stride * product.operandSize
      // Independent of the number of threads, so that the arena's size is a property of the model.
      let capacity = min(
        geometry.out_height,
        max(Self.smallestPatchRows, Self.patchBytes / rowBytes))
      let buffer = try buffer(
        capacity * geometry.out_width * stride, elementSize: product.operandSize,
        perExample: false)
      patches = Patches(
        window: geometry, isTransposed: isTransposed, buffer: buffer, stride: stride,
        capacity: capacity)
      touched.append(buffer)
    }
    emit(
      .convolution(product, patches), node, kernel: isPixelwise ? kernel : "patches+" + kernel,
      touching: touched + [product.result], weightBytes: weightBytes)
  }

  /// The window of a convolution that reads the image where it lies, or `nil` where patches are faster or
  /// not needed.
  ///
  /// Patches pay off where many panels of outputs share them, and rows of many channels are long enough to
  /// be copied at speed. With zero points of its own the direct kernel sums up every window once per panel.
  /// The same on every instruction set: the arena follows from it.
  private func directWindow(of node: Node, hasWeightZeros: Bool) -> qg_window? {
    guard case .convolution(let outputs, let window, _) = node.operation, window.taps > 1,
      window.dilations == Spacing(1)
    else { return nil }
    let geometry = geometry(of: node, window)
    let panels = (outputs + Int(QG_PANEL) - 1) / Int(QG_PANEL) * (hasWeightZeros ? 2 : 1)
    return panels <= 2 && geometry.channels * panels <= 16 ? geometry : nil
  }

  /// Patches of at least so many output rows are gathered at once, so that a team has work to split.
  private static var smallestPatchRows: Int { 8 }
  /// Patches of at most so many bytes are gathered at once otherwise: half of a common L2 cache.
  private static var patchBytes: Int { 256 << 10 }

  private func geometry(of node: Node, _ window: Window) -> qg_window {
    qg_window(window, from: graph.shapes[node.inputs[0]], to: graph.shapes[node.id])
  }
}

extension OperandAffine {
  /// The buffer of parameters that a step reads, if any.
  var buffers: [BufferID] { if case .perExample(let buffer) = self { [buffer] } else { [] } }
}
