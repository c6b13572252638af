import Checkpoints
import Graphs

extension ONNXOperator {
  /// Other extents and other orders of the same elements.
  static let movement: [ONNXOperator] = [
    ONNXOperator("Reshape") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      guard let extents = try importer.constant(1, "extents")?.integers else {
        throw importer.failure("extents", "none")
      }
      return [try importer.reshaped(value, to: importer.extents(extents, of: value))]
    },
    ONNXOperator("Flatten") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axis = try importer.integer("axis", 1)
      let split = axis < 0 ? axis + value.shape.count : axis
      guard (0...value.shape.count).contains(split) else {
        throw importer.failure("an axis of 0…\(value.shape.count)", "\(axis)")
      }
      let extents = [value.shape[..<split].reduce(1, *), value.shape[split...].reduce(1, *)]
      return [try importer.reshaped(value, to: extents)]
    },
    ONNXOperator("Squeeze") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let chosen = try importer.integers("axes", orOperand: 1)
      let axes =
        try chosen.map { (axes) throws(CheckpointError) in
          try importer.axes(axes, of: value.shape.count)
        } ?? value.shape.indices.filter { value.shape[$0] == 1 }
      guard axes.allSatisfy({ value.shape[$0] == 1 }) else {
        throw importer.failure("extents of 1 at \(axes)", "\(Shape(value.shape))")
      }
      let rest = value.shape.indices.filter { !axes.contains($0) }.map { value.shape[$0] }
      return [try importer.reshaped(value, to: rest)]
    },
    ONNXOperator("Unsqueeze") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let chosen = try importer.integers("axes", orOperand: 1) ?? []
      let axes = try importer.axes(chosen, of: value.shape.count + chosen.count)
      var extents = value.shape
      for axis in axes { extents.insert(1, at: axis) }
      return [try importer.reshaped(value, to: extents)]
    },
    ONNXOperator("Transpose") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let rank = value.shape.count
      let order = try importer.integers("perm") ?? Array((0..<rank).reversed())
      guard order.sorted() == Array(0..<rank) else {
        throw importer.failure("an order of \(rank) axes", "\(order)")
      }
      return [try importer.permuted(value, order)]
    },
    ONNXOperator("Expand") { (importer) throws(CheckpointError) in
      guard let extents = try importer.constant(1, "extents")?.integers else {
        throw importer.failure("extents", "none")
      }
      return [try importer.expanded(importer.operand(0), to: extents)]
    },
    ONNXOperator("DepthToSpace") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let block = try importer.integer("blocksize", 1)
      let isColumnFirst = try importer.text("mode", "DCR") == "DCR"
      guard value.shape.count == 4, block > 0, value.shape[1].isMultiple(of: block * block) else {
        throw importer.failure("channels in blocks of \(block)²", "\(Shape(value.shape))")
      }
      let (n, c, h, w) = (
        value.shape[0], value.shape[1] / (block * block), value.shape[2], value.shape[3]
      )
      let parts = try importer.reshaped(
        value, to: isColumnFirst ? [n, block, block, c, h, w] : [n, c, block, block, h, w])
      let moved = try importer.permuted(
        parts, isColumnFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3])
      return [try importer.reshaped(moved, to: [n, c, h * block, w * block])]
    },
    ONNXOperator("SpaceToDepth") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let block = try importer.integer("blocksize", 1)
      guard value.shape.count == 4, block > 0, value.shape[2].isMultiple(of: block),
        value.shape[3].isMultiple(of: block)
      else { throw importer.failure("sides in blocks of \(block)", "\(Shape(value.shape))") }
      let (n, c, h, w) = (
        value.shape[0], value.shape[1], value.shape[2] / block, value.shape[3] / block
      )
      let parts = try importer.reshaped(value, to: [n, c, h, block, w, block])
      let moved = try importer.permuted(parts, [0, 3, 5, 1, 2, 4])
      return [try importer.reshaped(moved, to: [n, c * block * block, h, w])]
    },
  ]
}

extension ONNXImporter {
  /// A value under other extents.
  mutating func reshaped(
    _ value: ImportedValue, to extents: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    guard Self.product(extents) == value.count else {
      throw failure("\(value.count) elements", "\(Shape(extents))")
    }
    return try apply(.reshape(Shape(extents)), [value])
  }

  /// Extents in which 0 repeats the operand's and −1 stands for what is left.
  func extents(_ extents: [Int], of value: ImportedValue) throws(CheckpointError) -> [Int] {
    let keepsZeros = try integer("allowzero", 0) == 1
    var result = extents
    for (axis, extent) in extents.enumerated() where extent == 0 && !keepsZeros {
      guard axis < value.shape.count else {
        throw failure("an extent to repeat at axis \(axis)", "\(Shape(value.shape))")
      }
      result[axis] = value.shape[axis]
    }
    if let open = result.firstIndex(of: -1) {
      result[open] = 1
      guard let known = Self.product(result), known > 0, value.count.isMultiple(of: known) else {
        throw failure("\(value.count) elements in all", "\(Shape(extents))")
      }
      result[open] = value.count / known
    }
    guard result.allSatisfy({ $0 >= 0 && $0 <= Int32.max }) else {
      throw failure("extents of at most \(Int32.max)", "\(Shape(extents))")
    }
    return result
  }

  /// A value with its axes in another order; images only change their name where that is all.
  mutating func permuted(
    _ value: ImportedValue, _ order: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    let shape = order.map { value.shape[$0] }
    switch value {
    case .constant(let constant): return .constant(constant.permuted(order))
    case .computed(let computed):
      let rank = order.count
      if shape == value.shape, order == Array(0..<rank) { return value }
      guard (3...4).contains(rank), value.shape[0] == 1 else {
        return try apply(.view(View(of: Shape(value.shape), order: order)), [value])
      }
      let toLast = [0] + Array(2..<rank) + [1]
      let toFirst = [0, rank - 1] + Array(1..<rank - 1)
      if computed.layout == .channelsLast, order == toLast {
        return .computed(computed.moved(to: computed.node, shape: shape))
      }
      if computed.layout == .plain, order == toFirst {
        return .computed(computed.moved(to: computed.node, shape: shape, layout: .channelsLast))
      }
      return try apply(.view(View(of: Shape(value.shape), order: order)), [value])
    }
  }

  /// A value with one axis behind the others.
  mutating func movedLast(
    _ value: ImportedValue, _ axis: Int
  ) throws(CheckpointError) -> ImportedValue {
    try permuted(value, value.shape.indices.filter { $0 != axis } + [axis])
  }

  /// A value with its last axis where it was before `movedLast`.
  mutating func movedBack(
    _ value: ImportedValue, _ axis: Int
  ) throws(CheckpointError) -> ImportedValue {
    var order = Array(value.shape.indices.dropLast())
    order.insert(value.shape.count - 1, at: axis)
    return try permuted(value, order)
  }

  /// A value whose extents of 1 are repeated.
  mutating func expanded(
    _ value: ImportedValue, to extents: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    guard extents.allSatisfy({ 0...Int(Int32.max) ~= $0 }),
      let shape = Shape(value.shape).broadcast(with: Shape(extents))
    else { throw failure("extents that suit \(Shape(value.shape))", "\(Shape(extents))") }
    if shape.dimensions == value.shape { return value }
    return try apply(.view(View(repeating: Shape(value.shape), to: shape)), [value])
  }
}
