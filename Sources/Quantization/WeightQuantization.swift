import Graphs
import NumberFormats

extension FloatModel {
  /// The longest integer sum the kernels admit whatever the codes are.
  static let longestSum = 65_535

  /// The weight of a node as a matrix `[outputs, summation]`; depthwise `[kh, kw, C]` becomes
  /// `[C, taps]`.
  func weightMatrix(of node: Node) -> FloatMatrix {
    let name = "\(node.name).weight"
    guard let tensor = weights[name] else { preconditionFailure("the weights were validated") }
    let channels = graph.weightRows(of: node)
    let length = tensor.values.count / channels
    var values = tensor.values
    if node.operation.isDepthwise {
      for channel in 0..<channels {
        for tap in 0..<length {
          values[channel * length + tap] = tensor.values[tap * channels + channel]
        }
      }
    }
    return FloatMatrix(name: name, rows: channels, columns: length, values: values)
  }

  /// Encodes the weight of a node for its integer kernel.
  ///
  /// A depthwise filter is narrower than any sensible group and its kernel has one scale per channel:
  /// groups that hold all taps become `channel`.
  ///
  /// - Throws: `QuantizationError` for a sum that could leave 32 bits, or what cannot be encoded.
  func quantizedWeight(
    of node: Node, format: AffineFormat, grouping: Grouping
  ) throws(QuantizationError) -> QuantizedMatrix {
    let matrix = weightMatrix(of: node)
    var grouping = grouping
    if node.operation.isDepthwise, case .group = grouping.granularity {
      grouping = grouping.with(.channel)
    }
    let limit = Self.longestSum(format, grouping)
    guard matrix.columns <= limit else {
      throw .summationTooLong(node: node.name, limit: limit, found: matrix.columns)
    }
    do {
      return try format.encode(matrix, grouping: grouping)
    } catch { throw .format(error) }
  }

  /// Encodes the weight of a node, for the reference path.
  ///
  /// - Throws: `QuantizationError.format` for what cannot be encoded.
  func storedWeight(
    of node: Node, format: some NumberFormat, grouping: Grouping
  ) throws(QuantizationError) -> StoredMatrix {
    do {
      return try format.stored(weightMatrix(of: node), grouping: grouping)
    } catch { throw .format(error) }
  }

  /// The arithmetic of a node whose format has a kernel and brings its own scales.
  ///
  /// - Throws: `QuantizationError.format` for what cannot be encoded.
  func kernelArithmetic(
    of node: Node, format: any NumberFormat, dynamic: DynamicRange?
  ) throws(QuantizationError) -> NodeArithmetic {
    let matrix = weightMatrix(of: node)
    do throws(FormatError) {
      switch format {
      case let format as any BlockFormat:
        return .blocks(weight: try BlockMatrix(encoding: matrix, as: format), dynamic: dynamic)
      case let format as CodebookFormat:
        return .codebook(weight: try CodebookMatrix(encoding: matrix, as: format), dynamic: dynamic)
      case let format as MinifloatFormat:
        return .bfloat16(weight: try BFloat16Matrix(encoding: matrix, as: format))
      default: preconditionFailure("\(format.name) has no kernel")
      }
    } catch { throw .format(error) }
  }

  /// How many products of an operand (at most 255 from its zero point) and a weight always fit 32 bits.
  static func longestSum(_ format: AffineFormat, _ grouping: Grouping) -> Int {
    let codes = format.codes(grouping)
    let widest =
      grouping.symmetric
      ? max(codes.middle - codes.lower, codes.upper - codes.middle) : codes.upper - codes.lower
    return min(longestSum, Int(Int32.max) / (255 * Int(widest)))
  }
}
