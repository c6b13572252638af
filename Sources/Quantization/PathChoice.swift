public import Graphs
import NumberFormats

extension Scheme {
  /// How a node is computed under this scheme; depends on shapes alone.
  ///
  /// Integer kernels exist for affine weights with int8 activations: with one scale per row or tensor, or in
  /// groups of a multiple of 8; a depthwise filter with one scale. Codes of 5 to 8 bits are multiplied as int8,
  /// narrower ones as int4.
  /// Weights in the formats of `BlockKernel` have them too, where rows are whole blocks. bf16 weights have one
  /// with fp32 activations. Neither has one for depthwise filters. Every other combination is decoded and
  /// computed in fp32.
  public func path(of node: Node, in graph: Graph) -> ExecutionPath {
    guard node.operation.hasWeight, !keepsInFloat(node, of: graph) else { return .kernel }
    switch weights {
    case .float32: return .kernel
    case .asStored:
      // Follows from the checkpoint, which is not known here.
      return .kernel
    case .selfContained(let format):
      guard !node.operation.isDepthwise else { return .reference }
      if activations == .float32 { return format.isBFloat16 ? .kernel : .reference }
      let columns = graph.summationLength(of: node)
      return BlockKernel(format.format)?.admits(columns: columns) == true ? .kernel : .reference
    case .affine(let format, let grouping):
      guard activations != .float32 else { return .reference }
      let columns = graph.summationLength(of: node)
      guard case .group(let size) = grouping.granularity, size < columns else { return .kernel }
      if node.operation.isDepthwise { return .reference }
      // Columns that a kernel takes at once.
      guard size > 0, size.isMultiple(of: 8) else { return .reference }
      return columns <= FloatModel.longestSum(format, grouping) ? .kernel : .reference
    }
  }
}

extension Scheme {
  /// Whether a node's weight is left as it is although the scheme encodes weights: that of a router.
  func keepsInFloat(_ node: Node, of graph: Graph) -> Bool {
    weights != .asStored && routers == .float32 && graph.isRouter(node)
  }
}

extension SelfContainedFormat {
  /// Whether weights are stored one by one as bf16.
  var isBFloat16: Bool { (format as? MinifloatFormat)?.element == .bf16 }
}

extension Operation {
  /// Whether each channel has its own filter.
  var isDepthwise: Bool { if case .depthwiseConvolution = self { true } else { false } }
}
