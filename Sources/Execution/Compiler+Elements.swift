import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// Appends the product of two operands of equal shape, or of an image with a factor per channel.
  mutating func lowerMultiply(_ node: Node) throws(ExecutionError) {
    let left = values[node.inputs[0]]
    let right = values[node.inputs[1]]
    if let leftAffine = left.affine, let rightAffine = right.affine, let affine = storage(node) {
      let result = try resultBuffer(node)
      emit(
        .multiplyCodes(
          each(node, left.buffer, result), Factors(buffer: right.buffer, count: right.count),
          qg_affine(leftAffine), qg_affine(rightAffine), qg_bounds(node.fusedActivation),
          qg_affine(affine)),
        node, kernel: "multiply_u8", touching: [left.buffer, right.buffer, result])
      values.append(Value(buffer: result, count: left.count, affine: affine))
      return
    }
    let first = try floatOperand(node, 0)
    let second = try floatOperand(node, 1)
    let result = try floatResult(node)
    emit(
      .multiplyFloat(
        each(node, first, result), Factors(buffer: second, count: right.count),
        qg_bounds(node.fusedActivation)),
      node, kernel: "multiply_f32", touching: [first, second, result])
    try deliver(node, result, isClamped: true)
  }

  /// Appends a function of every element; from codes to codes by a table.
  mutating func lowerFunction(_ node: Node, _ function: ElementFunction) throws(ExecutionError) {
    let operand = values[node.inputs[0]]
    if let from = operand.affine, let to = storage(node) {
      let result = try resultBuffer(node)
      emit(
        .lookUp(each(node, operand.buffer, result), table(of: function, from: from, to: to)), node,
        kernel: "look_up_u8", touching: [operand.buffer, result])
      return finishCodes(node, result, to)
    }
    let source = try floatOperand(node, 0)
    let result = try floatResult(node)
    let each = each(node, source, result)
    let (step, kernel): (Step, String) =
      switch Kernel(function) {
      case .gelu(let form): (.gelu(each, form), "gelu_f32")
      case .silu: (.silu(each), "silu_f32")
      case .applied(let function): (.apply(each, function), "apply_f32")
      }
    emit(step, node, kernel: kernel, touching: [source, result])
    try deliver(node, result)
  }

  /// Appends a mapping of every element of codes to codes; `false` where it is no such.
  mutating func lowerMappedCodes(_ node: Node, _ mapping: Mapping) throws(ExecutionError) -> Bool {
    let operand = values[node.inputs[0]]
    guard let from = operand.affine, let to = storage(node) else { return false }
    let result = try resultBuffer(node)
    let table = table(from: from, to: to) { _, source, count, results in
      mapping.apply(source, count, results)
    }
    emit(
      .lookUp(each(node, operand.buffer, result), table), node, kernel: "look_up_u8",
      touching: [operand.buffer, result])
    finishCodes(node, result, to)
    return true
  }

  private mutating func table(
    of function: ElementFunction, from: AffineParameters, to: AffineParameters
  ) -> UnsafePointer<UInt8> {
    table(from: from, to: to) { kernels, source, count, results in
      switch Kernel(function) {
      case .gelu(let form): kernels.gelu_f32(source, count, form, results)
      case .silu: kernels.silu_f32(source, count, results)
      case .applied(let function): kernels.apply_f32(source, count, function, results)
      }
    }
  }

  /// The code of a function's value for every code. All instruction sets give the same.
  private mutating func table(
    from: AffineParameters, to: AffineParameters,
    _ function: (
      qg_kernels, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  ) -> UnsafePointer<UInt8> {
    var kernels = qg_kernels()
    guard qg_kernels_for(QG_ISA_SCALAR, &kernels) == 1 else {
      preconditionFailure("every processor has the scalar kernels")
    }
    let codes = (0...255).map { UInt8($0) }
    var numbers = [Float](repeating: 0, count: codes.count)
    var results = numbers
    kernels.dequantize_u8(codes, codes.count, qg_affine(from), &numbers)
    function(kernels, numbers, codes.count, &results)
    let table = weights.allocate(codes.count, of: UInt8.self)
    kernels.quantize_u8(results, codes.count, qg_affine(to), table)
    return UnsafePointer(table)
  }
}

/// What computes a function of elements.
private enum Kernel {
  case gelu(qg_gelu_form)
  case silu
  case applied(qg_function)

  init(_ function: ElementFunction) {
    switch function {
    case .gelu: self = .gelu(QG_GELU_ERF)
    case .geluTanh: self = .gelu(QG_GELU_TANH)
    case .silu: self = .silu
    case .sigmoid: self = .applied(qg_function(kind: QG_SIGMOID, alpha: 0))
    case .tanh: self = .applied(qg_function(kind: QG_TANH, alpha: 0))
    case .hardSigmoid: self = .applied(qg_function(kind: QG_HARD_SIGMOID, alpha: 0))
    case .hardSwish: self = .applied(qg_function(kind: QG_HARD_SWISH, alpha: 0))
    case .elu(let alpha): self = .applied(qg_function(kind: QG_ELU, alpha: alpha))
    case .leakyRelu(let slope): self = .applied(qg_function(kind: QG_LEAKY_RELU, alpha: slope))
    }
  }
}
