import Graphs
import NumberFormats

extension FloatModel {
  /// The longest integer sum the kernels admit whatever the codes are.
  private static let longestSum = 65_535
  /// Columns that a packed 4-bit block holds.
  private static let groupMultiple = 8

  /// The weight of a node as a matrix `[outputs, summation]`; depthwise `[kh, kw, C]` becomes
  /// `[C, taps]`.
  func weightMatrix(of node: Node) -> FloatMatrix {
    let name = "\(node.name).weight"
    guard let tensor = weights[name] else { preconditionFailure("the weights were validated") }
    let channels = graph.shapes[node.id].channels
    let length = tensor.values.count / channels
    var values = tensor.values
    if case .depthwiseConvolution = node.operation {
      for channel in 0..<channels {
        for tap in 0..<length {
          values[channel * length + tap] = tensor.values[tap * channels + channel]
        }
      }
    }
    return FloatMatrix(name: name, rows: channels, columns: length, values: values)
  }

  /// Encodes the weight of a node.
  ///
  /// A depthwise filter is narrower than any sensible group and its kernel has one scale per channel:
  /// groups that hold all taps become `channel`.
  ///
  /// - Throws: `QuantizationError` when no kernel could compute the node exactly.
  func quantizedWeight(
    of node: Node, format: AffineFormat, grouping: Grouping
  ) throws(QuantizationError) -> QuantizedMatrix {
    let matrix = weightMatrix(of: node)
    var granularity = grouping.granularity
    if case .group(let size) = granularity {
      guard format == .int4 else {
        throw .groupedFormat(node: node.name, found: format.name)
      }
      if case .depthwiseConvolution = node.operation {
        guard size >= matrix.columns else {
          throw .depthwiseGroup(node: node.name, taps: matrix.columns, found: size)
        }
        granularity = .channel
      } else {
        guard size > 0, size.isMultiple(of: Self.groupMultiple) else {
          throw .groupSize(node: node.name, multipleOf: Self.groupMultiple, found: size)
        }
      }
    }
    let limit = Self.longestSum(format, symmetric: grouping.symmetric)
    guard matrix.columns <= limit else {
      throw .summationTooLong(node: node.name, limit: limit, found: matrix.columns)
    }
    do {
      return try format.encode(
        matrix, grouping: Grouping(granularity, symmetric: grouping.symmetric))
    } catch { throw .format(error) }
  }

  /// How many products of an operand (at most 255 from its zero point) and a weight always fit 32 bits.
  private static func longestSum(_ format: AffineFormat, symmetric: Bool) -> Int {
    let codes = format.codes
    let widest = symmetric ? codes.upper - codes.middle : codes.upper - codes.lower
    return min(longestSum, Int(Int32.max) / (255 * Int(widest)))
  }
}
