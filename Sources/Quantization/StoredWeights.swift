import Graphs
import NumberFormats

extension FloatModel {
  /// The arithmetic of a node whose weight stays in its checkpoint's format.
  ///
  /// Blocks that an integer kernel reads are multiplied with rounded operands where the scheme rounds them;
  /// blocks without such a kernel are decoded. Everything that is no block keeps fp32 operands: bf16 has
  /// a kernel, other small floats are decoded, and fp32 stays as it is.
  ///
  /// - Throws: `QuantizationError.format` when the bytes do not fit the weight's shape.
  func storedArithmetic(
    of node: Node, dynamic: DynamicRange?, isStored: Bool, isRounded: Bool
  ) throws(QuantizationError) -> NodeArithmetic {
    let name = "\(node.name).weight"
    guard let tensor = weights[name] else { preconditionFailure("the weights were validated") }
    if let integers = tensor.source?.integers {
      return storedArithmetic(
        of: node, integers, dynamic: isRounded ? dynamic : nil, isStored: isStored)
    }
    guard let source = tensor.source, let format = source.storedFormat, !node.operation.isDepthwise
    else { return .float32 }
    let rows = graph.weightRows(of: node)
    let columns = tensor.elementCount / rows
    do throws(FormatError) {
      switch format {
      case let format as any BlockFormat:
        let matrix = try BlockMatrix(
          name: name, format: format, rows: rows, columns: columns,
          bytes: SourceBytes(source: source))
        if isRounded, BlockKernel(format)?.admits(columns: columns) == true {
          return .blocks(weight: matrix, dynamic: dynamic)
        }
        return .reference(weight: matrix.stored, dynamic: isRounded ? dynamic : nil)
      case let format as MinifloatFormat where format.element == .bf16:
        return .bfloat16(
          weight: try BFloat16Matrix(encoding: weightMatrix(of: node), as: format))
      case is Float32Format: return .float32
      default:
        return .reference(
          weight: StoredMatrix(
            format: format.name, rows: rows, columns: columns, values: tensor.values,
            bytes: source.withStoredBytes { $0.byteCount }),
          dynamic: nil)
      }
    } catch { throw .format(error) }
  }
}

extension FloatModel {
  /// The arithmetic of a node whose weight is stored as codes: integers where its operand is codes too, or is
  /// quantized on the fly as the checkpoint or the scheme says; else the numbers that the codes stand for.
  private func storedArithmetic(
    of node: Node, _ integers: StoredIntegers, dynamic: DynamicRange?, isStored: Bool
  ) -> NodeArithmetic {
    let weight = integers.weight
    let range = isStored ? nil : integers.dynamic ?? dynamic
    if isStored || range != nil, weight.hasKernel(isDepthwise: node.operation.isDepthwise) {
      return .integer(weight: weight, dynamic: range)
    }
    return .reference(
      weight: StoredMatrix(
        format: "int\(weight.bits)", rows: weight.rows, columns: weight.columns,
        values: weight.dequantized(), bytes: weight.storedBytes),
      dynamic: range)
  }
}

extension QuantizedMatrix {
  /// Whether integer kernels multiply it: groups that they take at once, and sums within 32 bits.
  fileprivate func hasKernel(isDepthwise: Bool) -> Bool {
    if case .group(let size) = granularity, size < columns {
      guard !isDepthwise, size > 0, size.isMultiple(of: 8) else { return false }
    }
    let distance = 1 << bits - 1
    return columns <= min(65_535, Int(Int32.max) / (255 * distance))
  }
}

/// The bytes of a tensor's source.
private struct SourceBytes: SharedBytes {
  let source: any TensorSource

  var count: Int { source.withStoredBytes { $0.byteCount } }

  func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try source.withStoredBytes(body)
  }
}
