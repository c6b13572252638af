import Graphs
import NumberFormats

/// Checks everything the compiler and the kernels rely on, before either touches the model.
struct Validation {
  let model: QuantizedModel

  private var graph: Graph { model.graph }

  func check() throws(ExecutionError) {
    if let node = graph.nodes.first(where: \.operation.isBatchNormalization) {
      throw .batchNormalization(node: node.name)
    }
    try checkStorage()
    let unexpected = model.arithmetic.keys.sorted().first {
      !graph.nodes.indices.contains($0) || !graph.nodes[$0].operation.hasWeight
    }
    if let unexpected { throw .arithmeticUnexpected(node: unexpected) }
    for node in graph.nodes where node.operation.hasWeight {
      guard let arithmetic = model.arithmetic[node.id] else {
        throw .arithmeticMissing(node: node.name)
      }
      if case .experts(let layer) = node.operation {
        try checkExperts(arithmetic, of: node, layer)
      } else {
        try check(arithmetic, of: node)
      }
    }
    try checkParameters()
  }

  /// Checks that there is an arithmetic for every expert, and that all read their operand in one form.
  private func checkExperts(
    _ arithmetic: NodeArithmetic, of node: Node, _ layer: ExpertLayer
  ) throws(ExecutionError) {
    if arithmetic == .float32 { return }
    guard case .experts(let parts) = arithmetic, parts.count == layer.experts,
      parts.allSatisfy({ $0.reading == parts[0].reading })
    else { throw .expertArithmetic(node: node.name, experts: layer.experts) }
    for (expert, arithmetic) in zip(node.weighted, parts) { try check(arithmetic, of: expert) }
  }

  private func check(_ arithmetic: NodeArithmetic, of node: Node) throws(ExecutionError) {
    switch arithmetic {
    case .float32: break
    case .integer(let weight, _): try check(weight, of: node)
    case .blocks(let weight, _): try check(weight, of: node)
    case .codebook(let weight, _): try check(weight, of: node)
    case .bfloat16(let weight): try check(weight, of: node)
    case .reference(let weight, _): try check(weight, of: node)
    case .experts: throw .expertArithmetic(node: node.name, experts: 0)
    }
  }

  private func checkStorage() throws(ExecutionError) {
    for node in graph.nodes {
      try checkRounding(node)
      guard case .uint8(let affine) = model.storage[node.id] else { continue }
      guard node.id != graph.output else { throw .outputStorage(node: node.name) }
      guard !node.operation.isRouting else { throw .routingStorage(node: node.name) }
      guard affine.hasUsableScale, (0...255).contains(affine.zeroPoint) else {
        throw .activationParameters(node: node.name, affine)
      }
    }
  }

  /// Checks that a rounding's result is stored as its codes, or as the numbers they stand for.
  private func checkRounding(_ node: Node) throws(ExecutionError) {
    guard case .rounding(let affine) = node.operation else { return }
    guard affine.hasUsableScale, (0...255).contains(affine.zeroPoint) else {
      throw .activationParameters(node: node.name, affine)
    }
    if case .uint8(let stored) = model.storage[node.id], stored != affine {
      throw .activationParameters(node: node.name, stored)
    }
  }

  /// Checks the fp32 parameters: all there, none left over, in shape, finite.
  private func checkParameters() throws(ExecutionError) {
    var known: Set<String> = []
    for node in graph.nodes {
      for (index, specification) in graph.parameters(of: node).enumerated()
      where !(specification.role == .weight && isEncoded(index, of: node)) {
        known.insert(specification.name)
        try check(specification)
      }
    }
    if let stranger = model.weights.tensors.keys.filter({ !known.contains($0) }).min() {
      throw .parameter(.parameterUnknown(name: stranger, nearest: nil))
    }
  }

  /// Whether the arithmetic of a node holds its weight, or that of its expert `index`.
  private func isEncoded(_ index: Int, of node: Node) -> Bool {
    guard let arithmetic = model.arithmetic[node.id] else { return false }
    if case .experts(let parts) = arithmetic { return parts[index] != .float32 }
    return arithmetic != .float32
  }

  private func check(_ specification: ParameterSpecification) throws(ExecutionError) {
    let name = specification.name
    guard let tensor = model.weights[name] else {
      throw .parameter(.parameterMissing(name: name, shape: specification.shape))
    }
    guard tensor.shape == specification.shape else {
      throw .parameter(
        .parameterShape(name: name, expected: specification.shape, found: tensor.shape))
    }
    // A constant may be infinite, as masks are.
    guard !graph.nodes[specification.node].operation.isConstant else { return }
    if let (index, value) = tensor.firstNonFinite {
      throw .parameter(.parameterNotFinite(name: name, index: index, value: value))
    }
  }

  private func check(_ weight: QuantizedMatrix, of node: Node) throws(ExecutionError) {
    try checkShape(of: node, found: [weight.rows, weight.columns])
    guard (2...8).contains(weight.bits) else {
      throw .weightBits(node: node.name, found: weight.bits)
    }
    let codes = -(Int32(1) << (weight.bits - 1))...(Int32(1) << (weight.bits - 1)) - 1
    if let index = weight.codes.firstIndex(where: { !codes.contains(Int32($0)) }) {
      throw .weightCode(
        node: node.name, allowed: codes, index: index, found: weight.codes[index])
    }
    if case .group(let size) = weight.granularity, size < weight.columns {
      if node.operation.isDepthwise {
        throw .groupwiseDepthwise(node: node.name, group: size, taps: weight.columns)
      }
      guard size % 8 == 0 else { throw .groupSize(node: node.name, found: size) }
    }
    if let index = weight.parameters.firstIndex(where: {
      !$0.hasUsableScale || !codes.contains($0.zeroPoint)
    }) {
      throw .weightParameters(node: node.name, index: index, weight.parameters[index])
    }
    try checkLength(weight, of: node)
  }

  private func check(_ weight: BlockMatrix, of node: Node) throws(ExecutionError) {
    try checkShape(of: node, found: [weight.rows, weight.columns])
    try check(weight.format, columns: weight.columns, of: node)
    if let (index, value) = weight.firstNonFinite {
      throw .parameter(
        .parameterNotFinite(name: "\(node.name).weight", index: index, value: value))
    }
  }

  private func check(_ weight: CodebookMatrix, of node: Node) throws(ExecutionError) {
    try checkShape(of: node, found: [weight.rows, weight.columns])
    try check(weight.format, columns: weight.columns, of: node)
    try checkFinite(weight.decoded(), of: node)
  }

  /// Checks that a format of `BlockKernel` computes the node: whole blocks to a row, none too many.
  private func check(
    _ format: any NumberFormat, columns: Int, of node: Node
  ) throws(ExecutionError) {
    let kernel = BlockKernel(format)
    try checkFormat(format.name, hasKernel: kernel != nil, of: node)
    guard columns <= BlockKernel.longestSum else {
      throw .summationLength(node: node.name, limit: BlockKernel.longestSum, found: columns)
    }
    if let kernel, !kernel.admits(columns: columns) {
      throw .blockColumns(node: node.name, multiple: kernel.blockElements, found: columns)
    }
  }

  private func check(_ weight: BFloat16Matrix, of node: Node) throws(ExecutionError) {
    try checkShape(of: node, found: [weight.rows, weight.columns])
    try checkFormat("bf16", hasKernel: true, of: node)
    try checkFinite(weight.decoded(), of: node)
  }

  /// Checks that a format's kernel computes the node; none computes depthwise filters.
  private func checkFormat(
    _ format: String, hasKernel: Bool, of node: Node
  ) throws(ExecutionError) {
    guard hasKernel, !node.operation.isDepthwise else {
      throw .weightFormat(node: node.name, operation: node.operation.name, found: format)
    }
  }

  private func check(_ weight: StoredMatrix, of node: Node) throws(ExecutionError) {
    try checkShape(of: node, found: [weight.rows, weight.columns])
    try checkFinite(weight.values, of: node)
  }

  /// Checks the numbers that an encoded weight stands for.
  private func checkFinite(_ values: [Float], of node: Node) throws(ExecutionError) {
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .parameter(
        .parameterNotFinite(name: "\(node.name).weight", index: index, value: values[index]))
    }
  }

  /// Checks that an encoded weight is a matrix `[outputs, summation]`.
  private func checkShape(of node: Node, found: [Int]) throws(ExecutionError) {
    let outputs = graph.weightRows(of: node)
    let elements =
      graph.parameters(of: node).first { $0.role == .weight }.map(\.elementCount) ?? 0
    let expected = [outputs, elements / outputs]
    guard found == expected else {
      throw .weightShape(node: node.name, expected: expected, found: found)
    }
  }

  /// An integer sum must stay within 32 bits whatever the operand: 255 times the largest distance of
  /// a code from its zero point, times the length.
  private func checkLength(_ weight: QuantizedMatrix, of node: Node) throws(ExecutionError) {
    let distance = weight.hasZeroPoints ? 1 << weight.bits - 1 : 1 << (weight.bits - 1)
    let limit = min(65_535, Int(Int32.max) / (255 * distance))
    guard weight.columns <= limit else {
      throw .summationLength(node: node.name, limit: limit, found: weight.columns)
    }
  }
}

extension AffineParameters {
  fileprivate var hasUsableScale: Bool { scale > 0 && scale.isFinite }
}

extension Operation {
  /// Whether each channel has its own filter.
  var isDepthwise: Bool { if case .depthwiseConvolution = self { true } else { false } }

  fileprivate var isBatchNormalization: Bool {
    if case .batchNormalization = self { true } else { false }
  }
}
