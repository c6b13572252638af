import Checkpoints
import Graphs

extension ONNXOperator {
  /// Elements by their places, and places by their elements.
  static let places: [ONNXOperator] = [
    ONNXOperator("GatherElements") { (importer) throws(CheckpointError) in
      let (data, indices) = (try importer.operand(0), try importer.operand(1))
      let axis = try importer.axis(try importer.integer("axis", 0), of: data.shape.count)
      let places = try importer.elementPlaces(indices, axis, in: data.shape)
      return [try importer.gathered(data, places)]
    },
    ONNXOperator("GatherND") { (importer) throws(CheckpointError) in
      let (data, indices) = (try importer.operand(0), try importer.operand(1))
      let batch = try importer.integer("batch_dims", 0)
      let places = try importer.slicePlaces(indices, in: data.shape, batch: batch)
      return [try importer.gathered(data, places)]
    },
    ONNXOperator("ScatterElements") { (importer) throws(CheckpointError) in
      let (data, indices) = (try importer.operand(0), try importer.operand(1))
      let axis = try importer.axis(try importer.integer("axis", 0), of: data.shape.count)
      let places = try importer.elementPlaces(indices, axis, in: data.shape)
      return [try importer.scattered(data, places, importer.operand(2))]
    },
    ONNXOperator("ScatterND") { (importer) throws(CheckpointError) in
      let (data, indices) = (try importer.operand(0), try importer.operand(1))
      let places = try importer.slicePlaces(indices, in: data.shape, batch: 0)
      return [try importer.scattered(data, places, importer.operand(2))]
    },
    ONNXOperator("TensorScatter") { (importer) throws(CheckpointError) in
      [try importer.cacheUpdate()]
    },
    ONNXOperator("TopK") { (importer) throws(CheckpointError) in try importer.topK() },
    ONNXOperator("OneHot") { (importer) throws(CheckpointError) in [try importer.oneHot()] },
    ONNXOperator("Hardmax") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let axis = try importer.axis(try importer.integer("axis", -1), of: value.shape.count)
      let place = try importer.apply(.reduction(.firstMaximum, axes: [axis]), [value], .int64)
      let places = try importer.counted(value.shape[axis], along: axis, of: value.shape.count)
      return [try importer.combine(.equal, place, places, value.element)]
    },
  ]
}

extension ONNXImporter {
  /// Whole numbers beyond are not exact in fp32.
  private static let mostPlaces = 1 << 24

  /// Elements by their places among all, in extents of the places.
  mutating func gathered(
    _ data: ImportedValue, _ places: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    guard let known = places.constant else {
      return try apply(.gather, [data, places])
    }
    let flat = try reshaped(data, to: [data.count])
    return try reshaped(taken(flat, 0, known.integers), to: places.shape)
  }

  /// A copy of the first operand in which elements are changed.
  fileprivate mutating func scattered(
    _ data: ImportedValue, _ places: ImportedValue, _ updates: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    let scattering: Scattering? =
      switch try text("reduction", "none") {
      case "none": .replace
      case "add": .add
      case "mul": .multiply
      case "min": .minimum
      case "max": .maximum
      default: nil
      }
    guard let scattering else {
      throw failure("'reduction' of none, add, mul, min or max", "another")
    }
    guard updates.shape == places.shape else {
      throw failure("updates \(Shape(places.shape))", "\(Shape(updates.shape))")
    }
    return try apply(.scatter(scattering), [data, places, updates])
  }

  /// 0, 1, … along one axis of so many.
  mutating func counted(
    _ extent: Int, along axis: Int, of rank: Int
  ) throws(CheckpointError) -> ImportedValue {
    try requireSmall(extent, times: 1)
    var shape = Array(repeating: 1, count: rank)
    shape[axis] = extent
    return .constant(
      ImportedConstant(shape: shape, element: .int64, values: (0..<extent).map { Double($0) }))
  }

  /// Indices of an axis, negative ones counted from its end; what names nothing becomes NaN, or an error where it
  /// is known.
  mutating func wrapped(
    _ indices: ImportedValue, _ extent: Int
  ) throws(CheckpointError) -> ImportedValue {
    if let known = indices.constant {
      try requireSmall(known.count, times: 1)
      let places = known.integers
      guard let wrong = places.first(where: { !(-extent..<extent ~= $0) }) else {
        return .constant(
          ImportedConstant(
            shape: known.shape, element: .int64,
            values: places.map { Double($0 < 0 ? $0 + extent : $0) }))
      }
      throw failure("indices of \(-extent)…\(extent - 1)", "\(wrong)")
    }
    let places = try countedFromEnd(indices, extent)
    let isAbove = try combine(.less, .number(-1), places, .bool)
    let isBelow = try combine(.less, places, .number(Float(extent)), .bool)
    let isInside = try combine(.and, isAbove, isBelow, .bool)
    return try apply(.choice, [isInside, places, .number(.nan)], .float32)
  }

  /// Indices of an axis, negative ones counted from its end.
  private mutating func countedFromEnd(
    _ indices: ImportedValue, _ extent: Int
  ) throws(CheckpointError) -> ImportedValue {
    let isNegative = try combine(.less, indices, .number(0), .bool)
    let shifted = try apply(.map(.affine(factor: 1, offset: Float(extent))), [indices], .int64)
    return try apply(.choice, [isNegative, shifted, indices], .int64)
  }

  /// Places of elements whose coordinate along one axis is given, the others being those of the indices.
  fileprivate mutating func elementPlaces(
    _ indices: ImportedValue, _ axis: Int, in shape: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    let suits =
      indices.shape.count == shape.count
      && shape.indices.allSatisfy { $0 == axis || indices.shape[$0] <= shape[$0] }
    guard suits else {
      throw failure("indices within \(Shape(shape))", "\(Shape(indices.shape))")
    }
    let strides = try placeStrides(shape)
    let others = shape.indices.filter { $0 != axis }
    let places = try counted(
      multiplied(wrapped(indices, shape[axis]), by: strides[axis]),
      others.map { (axis: $0, extent: indices.shape[$0], stride: strides[$0]) }, of: shape.count)
    return try expanded(places, to: indices.shape)
  }

  /// Places of the elements of slices whose outer coordinates are the indices' last axis.
  fileprivate mutating func slicePlaces(
    _ indices: ImportedValue, in shape: [Int], batch: Int
  ) throws(CheckpointError) -> ImportedValue {
    let strides = try placeStrides(shape)
    let depth = indices.shape.last ?? 0
    guard batch >= 0, indices.shape.count > batch, depth > 0, batch + depth <= shape.count,
      indices.shape.prefix(batch) == shape.prefix(batch)
    else { throw failure("indices into \(Shape(shape))", "\(Shape(indices.shape))") }
    let outer = Array(indices.shape.dropLast())
    let inner = Array(shape.dropFirst(batch + depth))
    let rank = outer.count + inner.count
    let ones = Array(repeating: 1, count: inner.count)
    var places: ImportedValue?
    for place in 0..<depth {
      let column = try walked(indices, indices.shape.count - 1, from: place, count: 1)
      let index = try wrapped(reshaped(column, to: outer + ones), shape[batch + place])
      let part = try multiplied(index, by: strides[batch + place])
      places =
        try places.map { (places) throws(CheckpointError) in
          try combine(.add, places, part, .float32)
        } ?? part
    }
    guard let places else { throw failure("indices", "none") }
    let counts =
      (0..<batch).map { (axis: $0, extent: shape[$0], stride: strides[$0]) }
      + inner.indices.map { (outer.count + $0, inner[$0], strides[batch + depth + $0]) }
    return try expanded(counted(places, counts, of: rank), to: outer + inner)
  }

  /// Places of the elements of slices along an axis, the indices' axes in its place.
  mutating func places(
    _ indices: ImportedValue, along axis: Int, in shape: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    let strides = try placeStrides(shape)
    let rank = shape.count - 1 + indices.shape.count
    let added = indices.shape.count - 1
    let behind = Array(repeating: 1, count: shape.count - 1 - axis)
    let index = try reshaped(
      wrapped(indices, shape[axis]),
      to: Array(repeating: 1, count: axis) + indices.shape + behind)
    let others = shape.indices.filter { $0 != axis }
    let counts = others.map {
      (axis: $0 < axis ? $0 : $0 + added, extent: shape[$0], stride: strides[$0])
    }
    let places = try counted(multiplied(index, by: strides[axis]), counts, of: rank)
    return try expanded(
      places, to: Array(shape[..<axis]) + indices.shape + Array(shape[(axis + 1)...]))
  }

  /// Places with the coordinates of further axes added.
  private mutating func counted(
    _ places: ImportedValue, _ axes: [(axis: Int, extent: Int, stride: Int)], of rank: Int
  ) throws(CheckpointError) -> ImportedValue {
    var places = places
    for (axis, extent, stride) in axes where extent > 1 {
      let numbers = try counted(extent, along: axis, of: rank)
      places = try added(places, multiplied(numbers, by: stride))
    }
    return places
  }

  private mutating func multiplied(
    _ value: ImportedValue, by stride: Int
  ) throws(CheckpointError) -> ImportedValue {
    stride == 1
      ? value : try apply(.map(.affine(factor: Float(stride), offset: 0)), [value], .float32)
  }

  private func placeStrides(_ shape: [Int]) throws(CheckpointError) -> [Int] {
    guard let count = Self.product(shape), 1...Self.mostPlaces ~= count else {
      throw failure("1…\(Self.mostPlaces) elements", "\(Shape(shape))")
    }
    return Shape(shape).strides
  }

  /// A cache with new tokens written behind those of each sequence.
  fileprivate mutating func cacheUpdate() throws(CheckpointError) -> ImportedValue {
    let (cache, update) = (try operand(0), try operand(1))
    let rank = cache.shape.count
    let axis = try axis(try integer("axis", -2), of: rank)
    guard axis > 0, update.shape.count == rank,
      cache.shape.indices.allSatisfy({ $0 == axis || update.shape[$0] == cache.shape[$0] })
    else { throw failure("an update of \(Shape(cache.shape))", "\(Shape(update.shape))") }
    var indices = try counted(update.shape[axis], along: axis, of: rank)
    if let first = optional(2) {
      let starts = try reshaped(
        first, to: [first.count] + Array(repeating: 1, count: rank - 1))
      indices = try combine(.add, starts, indices, .int64)
    }
    switch try text("mode", "linear") {
    case "linear": break
    case "circular":
      let extent = ImportedValue.number(Float(cache.shape[axis]))
      indices = try combine(.modulo, indices, extent, .int64)
    case let mode: throw failure("'mode' linear or circular", "'\(mode)'")
    }
    let places = try elementPlaces(expanded(indices, to: update.shape), axis, in: cache.shape)
    return try apply(.scatter(.replace), [cache, places, update])
  }

  /// The largest, or smallest, elements along an axis, and their places.
  fileprivate mutating func topK() throws(CheckpointError) -> [ImportedValue] {
    let value = try operand(0)
    let axis = try axis(try integer("axis", -1), of: value.shape.count)
    guard let count = try constant(1, "how many")?.integers.first,
      count > 0, count <= value.shape[axis]
    else { throw failure("1…\(value.shape[axis]) as the number of elements", "another") }
    let isAscending = try integer("largest", 1) == 0
    let rows = try movedLast(value, axis)
    let places = try apply(.topK(count: count, isAscending: isAscending), [rows], .int64)
    let all = try elementPlaces(places, value.shape.count - 1, in: rows.shape)
    let largest = try gathered(rows, all)
    return [try movedBack(largest, axis), try movedBack(places, axis)]
  }

  /// One number where the place along a new axis is the index, another elsewhere.
  fileprivate mutating func oneHot() throws(CheckpointError) -> ImportedValue {
    let (indices, numbers) = (try operand(0), try operand(2))
    guard let depth = try constant(1, "a depth")?.integers.first, 1...Self.mostPlaces ~= depth,
      numbers.shape == [2]
    else { throw failure("a depth of 1…\(Self.mostPlaces) and two numbers", "others") }
    let rank = indices.shape.count + 1
    let axis = try axis(try integer("axis", -1), of: rank)
    var extents = indices.shape
    extents.insert(1, at: axis)
    // An index that names no place has none that is hot.
    let place = try countedFromEnd(reshaped(indices, to: extents), depth)
    let isHot = try combine(.equal, place, counted(depth, along: axis, of: rank), .bool)
    let off = try walked(numbers, 0, from: 0, count: 1)
    let on = try walked(numbers, 0, from: 1, count: 1)
    return try apply(.choice, [isHot, on, off], numbers.element)
  }
}
