public import Graphs
import NumberFormats

extension Scheme {
  /// How a node is computed under this scheme; depends on shapes alone.
  ///
  /// Integer kernels exist for int8 and int4 weights with int8 activations: int8 with one scale per row or
  /// tensor; int4 also in groups of a multiple of 8; a depthwise filter with one scale. Weights in the blocks
  /// of `BlockKernel` have them too, where rows are whole blocks and the layer is not depthwise. Every other
  /// combination is decoded and computed in fp32.
  public func path(of node: Node, in graph: Graph) -> ExecutionPath {
    guard node.operation.hasWeight else { return .kernel }
    switch weights {
    case .float32: return .kernel
    case .selfContained(let format):
      guard activations != .float32, !node.operation.isDepthwise,
        let kernel = BlockKernel(format.format),
        kernel.admits(columns: graph.summationLength(of: node))
      else { return .reference }
      return .kernel
    case .affine(let format, let grouping):
      guard activations != .float32, format == .int8 || format == .int4 else { return .reference }
      guard case .group(let size) = grouping.granularity,
        size < graph.summationLength(of: node)
      else { return .kernel }
      if node.operation.isDepthwise { return .reference }
      // Columns that a packed 4-bit block holds.
      return format == .int4 && size > 0 && size.isMultiple(of: 8) ? .kernel : .reference
    }
  }
}

extension Operation {
  /// Whether each channel has its own filter.
  var isDepthwise: Bool { if case .depthwiseConvolution = self { true } else { false } }
}
