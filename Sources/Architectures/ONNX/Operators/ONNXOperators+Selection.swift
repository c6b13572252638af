import Checkpoints
import Graphs

extension ONNXOperator {
  /// Parts of tensors, and tensors of parts.
  static let selection: [ONNXOperator] = [
    ONNXOperator("Slice") { (importer) throws(CheckpointError) in [try importer.slice()] },
    ONNXOperator("Split") { (importer) throws(CheckpointError) in try importer.split() },
    ONNXOperator("Gather") { (importer) throws(CheckpointError) in [try importer.gather()] },
    ONNXOperator("Concat") { (importer) throws(CheckpointError) in [try importer.concatenation()] },
    ONNXOperator("Tile") { (importer) throws(CheckpointError) in
      var value = try importer.operand(0)
      let repeats = try importer.constant(1, "repeats")?.integers ?? []
      guard repeats.count == value.shape.count, repeats.allSatisfy({ 1...Int(Int32.max) ~= $0 })
      else { throw importer.failure("\(value.shape.count) numbers of at least 1", "\(repeats)") }
      for (axis, count) in repeats.enumerated() where count > 1 {
        let extent = value.shape[axis]
        try importer.requireSmall(extent, times: count)
        value = try importer.taken(value, axis, (0..<extent * count).map { $0 % extent })
      }
      return [value]
    },
    ONNXOperator("Pad") { (importer) throws(CheckpointError) in [try importer.padded()] },
    ONNXOperator("Trilu") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      guard value.shape.count >= 2 else {
        throw importer.failure("matrices", "\(Shape(value.shape))")
      }
      let (rows, columns) = (value.shape[value.shape.count - 2], value.shape[value.shape.count - 1])
      let isUpper = try importer.integer("upper", 1) == 1
      let diagonal = try importer.constant(1, "'k'")?.integers.first ?? 0
      try importer.requireSmall(rows, times: columns)
      let mask = ImportedConstant(
        shape: [rows, columns], element: .bool,
        values: (0..<rows * columns).map { place in
          let (row, column) = place.quotientAndRemainder(dividingBy: columns)
          let (distance, overflows) = (column - row).subtractingReportingOverflow(diagonal)
          guard !overflows else { return (diagonal < 0) == isUpper ? 1 : 0 }
          return (isUpper ? distance >= 0 : distance <= 0) ? 1 : 0
        })
      let zero = ImportedValue.number(0)
      return [try importer.apply(.choice, [.constant(mask), value, zero], value.element)]
    },
  ]
}

extension ONNXImporter {
  /// Throws unless lists of so many numbers are what a small file may ask for.
  mutating func requireSmall(_ count: Int, times factor: Int) throws(CheckpointError) {
    let (product, overflows) = count.multipliedReportingOverflow(by: factor)
    guard !overflows, spend(product) else {
      throw failure("at most \(ConstantEvaluation.mostElements) places", "more")
    }
  }

  /// Slices along an axis, chosen one by one; images stay images.
  mutating func taken(
    _ value: ImportedValue, _ axis: Int, _ indices: [Int], filling: Float = 0
  ) throws(CheckpointError) -> ImportedValue {
    guard !indices.isEmpty else { throw failure("at least one slice", "none") }
    try requireSmall(indices.count, times: 1)
    if indices.count == value.shape[axis], indices == Array(0..<value.shape[axis]) { return value }
    var shape = value.shape
    shape[axis] = indices.count
    guard case .computed(let computed) = value, computed.layout == .channelsLast, axis > 0,
      computed.codes == nil
    else {
      return try apply(
        .take(Selection(axis: axis, indices: indices, filling: filling)), [value])
    }
    let image = try reshaped(computed.node, to: Self.imageShape(of: computed.shape))
    let imageAxis = axis == 1 ? 2 : axis - 2
    let node = try append(
      .tensor(.take(Selection(axis: imageAxis, indices: indices, filling: filling))), [image])
    return .computed(
      ComputedValue(node: node, shape: shape, layout: .channelsLast, element: computed.element))
  }

  /// Every `step`-th slice along an axis from one on; images stay images.
  mutating func walked(
    _ value: ImportedValue, _ axis: Int, from start: Int, count: Int, step: Int = 1
  ) throws(CheckpointError) -> ImportedValue {
    guard count > 0 else { throw failure("at least one slice", "none") }
    if start == 0, step == 1, count == value.shape[axis] { return value }
    func view(_ shape: Shape, _ axis: Int) -> View {
      var extents = shape.dimensions
      var strides = shape.strides
      let offset = start * strides[axis]
      extents[axis] = count
      strides[axis] *= step
      return View(shape: Shape(extents), strides: strides, offset: offset)
    }
    guard case .computed(let computed) = value, computed.layout == .channelsLast, axis > 0 else {
      return try apply(.view(view(Shape(value.shape), axis)), [value])
    }
    let image = try reshaped(computed.node, to: Self.imageShape(of: computed.shape))
    let node = try append(
      .tensor(.view(view(shapes[image], axis == 1 ? 2 : axis - 2))), [image])
    var shape = value.shape
    shape[axis] = count
    return .computed(computed.moved(to: node, shape: shape, layout: .channelsLast))
  }

  fileprivate mutating func slice() throws(CheckpointError) -> ImportedValue {
    var value = try operand(0)
    guard let starts = try constant(1, "starts")?.integers,
      let ends = try constant(2, "ends")?.integers, starts.count == ends.count
    else { throw failure("as many starts as ends", "others") }
    let chosen = try constant(3, "axes")?.integers ?? Array(starts.indices)
    let steps = try constant(4, "steps")?.integers ?? Array(repeating: 1, count: starts.count)
    guard chosen.count == starts.count, steps.count == starts.count else {
      throw failure("as many axes and steps as starts", "\(chosen.count) and \(steps.count)")
    }
    for index in starts.indices {
      let axis = try axis(chosen[index], of: value.shape.count)
      let (extent, step) = (value.shape[axis], steps[index])
      guard step != 0, step > .min else { throw failure("a step that is not 0", "\(step)") }
      let bounds = step > 0 ? 0...extent : -1...extent - 1
      func held(_ place: Int) -> Int {
        let place = place < 0 ? (place < -extent ? bounds.lowerBound : place + extent) : place
        return min(max(place, bounds.lowerBound), bounds.upperBound)
      }
      let (start, end) = (held(starts[index]), held(ends[index]))
      let distance = step > 0 ? end - start : start - end
      let count = distance <= 0 ? 0 : (distance - 1) / step.magnitude.clamped + 1
      value = try walked(value, axis, from: start, count: count, step: count > 1 ? step : 1)
    }
    return value
  }

  fileprivate mutating func split() throws(CheckpointError) -> [ImportedValue] {
    let value = try operand(0)
    let axis = try axis(try integer("axis", 0), of: value.shape.count)
    let extent = value.shape[axis]
    var sizes = try integers("split", orOperand: 1) ?? []
    if sizes.isEmpty {
      let parts = try integer("num_outputs", current.outputs.count)
      guard parts > 0, parts <= extent else {
        throw failure("1…\(extent) parts", "\(parts)")
      }
      let size = (extent + parts - 1) / parts
      sizes = Array(repeating: size, count: parts - 1)
      sizes.append(extent - size * (parts - 1))
    }
    guard sizes.allSatisfy({ $0 >= 0 && $0 <= extent }), sizes.reduce(0, &+) == extent else {
      throw failure("parts of \(extent) in all", "\(sizes)")
    }
    var start = 0
    var parts: [ImportedValue] = []
    for size in sizes {
      parts.append(try walked(value, axis, from: start, count: size))
      start += size
    }
    return parts
  }

  fileprivate mutating func gather() throws(CheckpointError) -> ImportedValue {
    let (data, indices) = (try operand(0), try operand(1))
    let axis = try axis(try integer("axis", 0), of: data.shape.count)
    let extents = Array(data.shape[..<axis]) + indices.shape + Array(data.shape[(axis + 1)...])
    if let chosen = indices.constant {
      let extent = data.shape[axis]
      let places = chosen.integers
      guard places.allSatisfy({ -extent..<extent ~= $0 }) else {
        throw failure("indices of \(-extent)…\(extent - 1)", "\(places.prefix(4))")
      }
      let slices = try taken(data, axis, places.map { $0 < 0 ? $0 + extent : $0 })
      return try reshaped(slices, to: extents)
    }
    guard let table = data.constant, axis == 0, data.shape[0] > 0 else {
      return try gathered(data, places(indices, along: axis, in: data.shape))
    }
    let features = table.count / data.shape[0]
    let rows = try append(
      .tensor(.rows(count: data.shape[0], features: features)), [node(indices)])
    weights["\(nodes[rows].name).weight"] = table.parameter(shape: [data.shape[0], features])
    return .computed(
      ComputedValue(node: rows, shape: extents, element: data.element))
  }

  fileprivate mutating func concatenation() throws(CheckpointError) -> ImportedValue {
    let parts = try operands()
    let axis = try axis(try integer("axis", 0), of: parts[0].shape.count)
    var result = parts[0]
    for part in parts.dropFirst() { result = try joined(result, part, axis) }
    return result
  }

  /// Two values along an axis; images stay images.
  mutating func joined(
    _ left: ImportedValue, _ right: ImportedValue, _ axis: Int
  ) throws(CheckpointError) -> ImportedValue {
    if left.constant?.count == 0 { return right }
    if right.constant?.count == 0 { return left }
    guard case .computed(let first) = left, case .computed(let second) = right,
      first.shape.count == second.shape.count, first.layout == .channelsLast,
      second.layout == .channelsLast, axis > 0,
      first.codes == nil, second.codes == nil
    else { return try apply(.concatenation(axis: axis), [left, right]) }
    let inputs = [
      try reshaped(first.node, to: Self.imageShape(of: first.shape)),
      try reshaped(second.node, to: Self.imageShape(of: second.shape)),
    ]
    let node = try append(.tensor(.concatenation(axis: axis == 1 ? 2 : axis - 2)), inputs)
    var shape = first.shape
    shape[axis] += second.shape[axis]
    return .computed(
      ComputedValue(node: node, shape: shape, layout: .channelsLast, element: first.element))
  }

  /// What has been joined so far, if anything, and one value more.
  mutating func joined(
    _ left: ImportedValue?, with right: ImportedValue, _ axis: Int
  ) throws(CheckpointError) -> ImportedValue {
    guard let left else { return right }
    return try joined(left, right, axis)
  }

  fileprivate mutating func padded() throws(CheckpointError) -> ImportedValue {
    var value = try operand(0)
    let rank = value.shape.count
    let mode = try text("mode", "constant")
    let filling = try constant(2, "the filling")?.scalar ?? 0
    let chosen = try constant(3, "axes")?.integers ?? Array(0..<rank)
    guard let pads = try constant(1, "pads")?.integers, pads.count == 2 * chosen.count else {
      throw failure("two numbers for each of \(chosen.count) axes", "others")
    }
    for (index, axis) in chosen.enumerated() {
      let axis = try self.axis(axis, of: rank)
      let (before, after) = (pads[index], pads[index + chosen.count])
      let extent = value.shape[axis]
      guard before.clampedToInt32 == before, after.clampedToInt32 == after,
        extent + before + after > 0
      else { throw failure("a result of at least one slice", "\(before) and \(after)") }
      try requireSmall(extent + before + after, times: 1)
      var places: [Int] = []
      places.reserveCapacity(extent + before + after)
      for place in -before..<extent + after {
        guard let source = Self.source(place, of: extent, mode) else {
          throw failure("'constant', 'edge', 'reflect' or 'wrap'", "'\(mode)'")
        }
        places.append(source)
      }
      value = try taken(value, axis, places, filling: Float(filling))
    }
    return value
  }

  /// The slice that stands at a place outside, −1 for the filling; `nil` for an unknown mode.
  private static func source(_ place: Int, of extent: Int, _ mode: String) -> Int? {
    if 0..<extent ~= place { return place }
    switch mode {
    case "constant": return -1
    case "edge": return min(max(place, 0), extent - 1)
    case "wrap": return ((place % extent) + extent) % extent
    case "reflect":
      guard extent > 1 else { return 0 }
      let period = 2 * (extent - 1)
      let folded = ((place % period) + period) % period
      return folded < extent ? folded : period - folded
    default: return nil
    }
  }
}

extension Int {
  /// The nearest number of 32 bits.
  fileprivate var clampedToInt32: Int { Int(Int32(clamping: self)) }
}

extension UInt {
  /// The nearest `Int`.
  fileprivate var clamped: Int { Int(clamping: self) }
}
