import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// Appends the steps of one node and records where its result lies.
  mutating func lower(_ node: Node) throws(ExecutionError) {
    switch node.operation {
    case .input: try lowerInput(node)
    case .linear, .convolution, .transposedConvolution, .depthwiseConvolution:
      try lowerWeighted(node)
    case .recurrence(let recurrence): try lowerRecurrence(node, recurrence)
    case .batchNormalization: throw .batchNormalization(node: node.name)
    case .activation(let activation): try lowerActivation(node, activation)
    case .add: try lowerAdd(node)
    case .multiply: try lowerMultiply(node)
    case .function(let function): try lowerFunction(node, function)
    case .maxPooling(let window): try lowerMaximumPool(node, window)
    case .averagePooling(let window): try lowerAveragePool(node, window)
    case .globalAveragePooling:
      let image = graph.shapes[node.inputs[0]].dimensions
      try lowerAveragePool(node, Window(height: image[0], width: image[1]))
    case .flatten: try lowerFlatten(node)
    case .softmax:
      let source = try floatOperand(node, 0)
      let result = try floatResult(node)
      emit(
        .softmax(each(node, source, result)), node, kernel: "softmax_f32",
        touching: [source, result])
      try deliver(node, result)
    case .gatedSilu, .normalization, .unitLength: try lowerVector(node)
    case .routing, .experts, .mixture: try lowerExpert(node)
    case .embedding, .positionEmbedding, .rotaryEmbedding, .attention, .tokens:
      try lowerSequence(node)
    case .tensor(let operation): try lowerTensor(node, operation)
    case .rounding(let affine): try lowerRounding(node, affine)
    }
  }

  private mutating func lowerInput(_ node: Node) throws(ExecutionError) {
    let input = try buffer(graph.inputShape.elementCount, elementSize: 4)
    buffers[input].backing = .callerInput
    guard storage(node) != nil || node.fusedActivation != nil else {
      values.append(Value(buffer: input, count: graph.inputShape.elementCount, affine: nil))
      return
    }
    if let activation = node.fusedActivation {
      let result = try floatResult(node)
      emitClamp(node, activation, from: input, to: result)
      try deliver(node, result, isClamped: true)
    } else {
      try deliver(node, input)
    }
  }

  private mutating func lowerActivation(
    _ node: Node, _ activation: Activation
  ) throws(ExecutionError) {
    let operand = values[node.inputs[0]]
    if let affine = storage(node), operand.affine == affine {
      let result = try resultBuffer(node)
      emitClampCodes(node, activation, affine, from: operand.buffer, to: result)
      return finishCodes(node, result, affine)
    }
    let source = try floatOperand(node, 0)
    let result = try floatResult(node)
    emitClamp(node, activation, from: source, to: result)
    try deliver(node, result)
  }

  private mutating func lowerAdd(_ node: Node) throws(ExecutionError) {
    let left = values[node.inputs[0]]
    let right = values[node.inputs[1]]
    if let leftAffine = left.affine, let rightAffine = right.affine, let affine = storage(node) {
      let result = try resultBuffer(node)
      emit(
        .addCodes(
          each(node, left.buffer, result), right.buffer, qg_affine(leftAffine),
          qg_affine(rightAffine), qg_bounds(node.fusedActivation), qg_affine(affine)),
        node, kernel: "add_u8", touching: [left.buffer, right.buffer, result])
      values.append(Value(buffer: result, count: left.count, affine: affine))
      return
    }
    let first = try floatOperand(node, 0)
    let second = try floatOperand(node, 1)
    let result = try floatResult(node)
    emit(
      .addFloat(each(node, first, result), second, qg_bounds(node.fusedActivation)), node,
      kernel: "add_f32", touching: [first, second, result])
    try deliver(node, result, isClamped: true)
  }

  private mutating func lowerMaximumPool(_ node: Node, _ window: Window) throws(ExecutionError) {
    let operand = values[node.inputs[0]]
    let geometry = qg_window(window, from: graph.shapes[node.inputs[0]], to: graph.shapes[node.id])
    if let affine = storage(node), operand.affine == affine {
      let result = try resultBuffer(node)
      emit(
        .maximumPoolCodes(Pooling(source: operand.buffer, result: result, window: geometry)), node,
        kernel: "max_pool_u8", touching: [operand.buffer, result])
      return finishCodes(node, result, affine)
    }
    let source = try floatOperand(node, 0)
    let result = try floatResult(node)
    emit(
      .maximumPoolFloat(Pooling(source: source, result: result, window: geometry)), node,
      kernel: "max_pool_f32", touching: [source, result])
    try deliver(node, result)
  }

  private mutating func lowerAveragePool(_ node: Node, _ window: Window) throws(ExecutionError) {
    let operand = values[node.inputs[0]]
    let image = graph.shapes[node.inputs[0]]
    let geometry = qg_window(
      window, from: image,
      to: node.operation == .globalAveragePooling
        ? Shape([1, 1, image.channels]) : graph.shapes[node.id])
    if let from = operand.affine, let affine = storage(node) {
      let result = try resultBuffer(node)
      let pooling = Pooling(source: operand.buffer, result: result, window: geometry)
      emit(
        .averagePoolCodes(pooling, from: qg_affine(from), to: qg_affine(affine)), node,
        kernel: "average_pool_u8", touching: [operand.buffer, result])
      return finishCodes(node, result, affine)
    }
    let source = try floatOperand(node, 0)
    let result = try floatResult(node)
    emit(
      .averagePoolFloat(Pooling(source: source, result: result, window: geometry)), node,
      kernel: "average_pool_f32", touching: [source, result])
    try deliver(node, result)
  }

  mutating func lowerFlatten(_ node: Node) throws(ExecutionError) {
    let operand = values[node.inputs[0]]
    let affine = storage(node)
    if node.fusedActivation == nil, operand.affine == affine {
      values.append(operand)
      // An observer may look at it now, even if no later step reads it.
      if !steps.isEmpty { keep(operand.buffer, at: steps.count - 1) }
      return
    }
    let source = try floatOperand(node, 0)
    if let activation = node.fusedActivation {
      let result = try floatResult(node)
      emitClamp(node, activation, from: source, to: result)
      try deliver(node, result, isClamped: true)
    } else if affine == nil {
      values.append(Value(buffer: source, count: operand.count, affine: nil))
    } else {
      try deliver(node, source)
    }
  }
}

extension qg_window {
  /// A window over `image`, with all output rows.
  init(_ window: Window, from image: Shape, to result: Shape) {
    self.init(
      height: image.dimensions[0], width: image.dimensions[1], channels: image.dimensions[2],
      kernel_height: window.height, kernel_width: window.width,
      stride_height: window.strides.rows, stride_width: window.strides.columns,
      padding_top: window.margins.top, padding_left: window.margins.left,
      dilation_height: window.dilations.rows, dilation_width: window.dilations.columns,
      out_height: result.dimensions[0], out_width: result.dimensions[1], row_begin: 0,
      row_end: result.dimensions[0])
  }
}
