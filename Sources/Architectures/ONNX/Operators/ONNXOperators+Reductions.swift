import Checkpoints
import Graphs

extension ONNXOperator {
  /// One number for many.
  static let reductions: [ONNXOperator] = [
    reduction("ReduceSum", .sum), reduction("ReduceMean", .mean),
    reduction("ReduceMax", .maximum), reduction("ReduceMin", .minimum),
    reduction("ReduceProd", .product), reduction("ReduceSumSquare", .sumOfSquares),
    reduction("ReduceL1", .sum, before: .absolute),
    reduction("ReduceL2", .sumOfSquares, after: .squareRoot),
    reduction("ReduceLogSum", .sum, after: .logarithm),
    ONNXOperator("ReduceLogSumExp") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axes = try importer.reducedAxes(of: value)
      return [try importer.shrunk(importer.logarithmOfSum(value, axes), axes)]
    },
    place("ArgMax", .firstMaximum), place("ArgMin", .firstMinimum),
    ONNXOperator("Softmax") { (importer) throws(CheckpointError) in [try importer.softmax()] },
    ONNXOperator("LogSoftmax") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axis = try importer.axis(try importer.integer("axis", -1), of: value.shape.count)
      return [
        try importer.combine(.subtract, value, importer.logarithmOfSum(value, [axis]))
      ]
    },
  ]

  private static func reduction(
    _ name: String, _ reduction: Reduction, before: Mapping? = nil, after: Mapping? = nil
  ) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      var value = try importer.operand(0)
      let axes = try importer.reducedAxes(of: value)
      if axes.isEmpty, try importer.integer("noop_with_empty_axes", 0) == 1 { return [value] }
      if let pooled = try importer.pooled(value, reduction, axes) { return [pooled] }
      if let before { value = try importer.apply(.map(before), [value]) }
      var result = try importer.apply(.reduction(reduction, axes: axes), [value])
      if let after { result = try importer.apply(.map(after), [result]) }
      return [try importer.shrunk(result, axes)]
    }
  }

  private static func place(_ name: String, _ reduction: Reduction) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axis = try importer.axis(try importer.integer("axis", 0), of: value.shape.count)
      let isLast = try importer.integer("select_last_index", 0) == 1
      let extent = value.shape[axis]
      let walked =
        isLast
        ? try importer.walked(value, axis, from: extent - 1, count: extent, step: -1) : value
      var place = try importer.apply(.reduction(reduction, axes: [axis]), [walked], .int64)
      if isLast {
        place = try importer.apply(
          .map(.affine(factor: -1, offset: Float(extent - 1))), [place], .int64)
      }
      return [try importer.shrunk(place, [axis])]
    }
  }
}

extension ONNXImporter {
  /// The axes that a reduction runs over: all where none are named.
  fileprivate func reducedAxes(of value: ImportedValue) throws(CheckpointError) -> [Int] {
    let rank = value.shape.count
    let named = try integers("axes", orOperand: 1) ?? []
    if named.isEmpty, try integer("noop_with_empty_axes", 0) == 0 { return Array(0..<rank) }
    return try axes(named, of: rank)
  }

  /// The result without the reduced axes, unless they are kept.
  fileprivate mutating func shrunk(
    _ value: ImportedValue, _ axes: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    if try integer("keepdims", 1) == 1 { return value }
    let kept = value.shape.indices.filter { !axes.contains($0) }.map { value.shape[$0] }
    return try reshaped(value, to: kept)
  }

  /// The mean of each channel of an image, which has a kernel of its own; `nil` for anything else.
  fileprivate mutating func pooled(
    _ value: ImportedValue, _ reduction: Reduction, _ axes: [Int]
  ) throws(CheckpointError) -> ImportedValue? {
    guard reduction == .mean, case .computed(let computed) = value,
      computed.layout == .channelsLast, axes == Array(2..<value.shape.count)
    else { return nil }
    let image = try image(value)
    let node = try append(.globalAveragePooling, [image.node])
    return channelResult(
      node, of: value.shape, keepsExtents: try integer("keepdims", 1) == 1)
  }

  /// log Σ exp(x), the largest taken out first.
  fileprivate mutating func logarithmOfSum(
    _ value: ImportedValue, _ axes: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    let largest = try apply(.reduction(.maximum, axes: axes), [value])
    let powers = try apply(.map(.exponential), [combine(.subtract, value, largest)])
    let sum = try apply(.reduction(.sum, axes: axes), [powers])
    return try combine(.add, largest, apply(.map(.logarithm), [sum]))
  }

  fileprivate mutating func softmax() throws(CheckpointError) -> ImportedValue {
    var value = try operand(0)
    let shape = value.shape
    if source.opset < 13 {
      // Until opset 12, everything from the axis on is one vector.
      let axis = try axis(try integer("axis", 1), of: shape.count)
      value = try reshaped(
        value, to: [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)])
      return try reshaped(softmax(value, 1), to: shape)
    }
    return try softmax(value, try axis(try integer("axis", -1), of: shape.count))
  }

  mutating func softmax(
    _ value: ImportedValue, _ axis: Int
  ) throws(CheckpointError) -> ImportedValue {
    let rank = value.shape.count
    if axis == rank - 1, case .computed(let computed) = value,
      value.count == value.shape[axis], computed.codes == nil
    {
      // Scores of classes: the families' own layer.
      let vector = try reshaped(plainNode(computed.node, computed), to: Shape([value.count]))
      let node = try append(.softmax, [vector])
      return .computed(ComputedValue(node: node, shape: value.shape, element: value.element))
    }
    return try movedBack(apply(.softmax, [movedLast(value, axis)]), axis)
  }
}
