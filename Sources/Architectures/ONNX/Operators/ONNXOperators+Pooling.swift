import Checkpoints
import Graphs

extension ONNXOperator {
  /// Windows that become one number.
  static let pooling: [ONNXOperator] = [
    ONNXOperator("MaxPool") { (importer) throws(CheckpointError) in
      guard try importer.integer("storage_order", 0) == 0 else {
        throw importer.failure("'storage_order' 0", "another")
      }
      return [try importer.pooled(importer.operand(0), .maximum)]
    },
    ONNXOperator("AveragePool") { (importer) throws(CheckpointError) in
      let countsPadding = try importer.integer("count_include_pad", 0) == 1
      return [
        try importer.pooled(importer.operand(0), .mean(countsPadding: countsPadding))
      ]
    },
    ONNXOperator("LpPool") { (importer) throws(CheckpointError) in
      let power = try importer.integer("p", 2)
      guard 1...64 ~= power else { throw importer.failure("'p' of 1…64", "\(power)") }
      func raised(
        _ value: ImportedValue, to exponent: Float, _ importer: inout ONNXImporter
      ) throws(CheckpointError) -> ImportedValue {
        let exponent = ImportedValue.number(exponent)
        return try importer.combine(.power, value, exponent, value.element)
      }
      let lengths = try importer.apply(.map(.absolute), [importer.operand(0)])
      let powers = try raised(lengths, to: Float(power), &importer)
      let sums = try importer.pooled(powers, .sum)
      return [try raised(sums, to: 1 / Float(power), &importer)]
    },
  ]
}

/// What becomes of the elements in a window.
enum Pooling {
  case maximum
  /// The sum, divided by the number of elements, those of the padding included or not.
  case mean(countsPadding: Bool)
  case sum

  /// Whether padding is made of zeros that count.
  fileprivate var padsWithZeros: Bool {
    switch self {
    case .maximum, .mean(false): false
    case .mean, .sum: true
    }
  }
}

extension ONNXImporter {
  /// Windows over `[n, channels, spatial…]`. One image of up to two directions has a layer of its own; of more,
  /// one direction after the other is pooled.
  mutating func pooled(
    _ value: ImportedValue, _ pooling: Pooling
  ) throws(CheckpointError) -> ImportedValue {
    guard value.shape.count > 2 else {
      throw failure("images [n, channels, …]", "\(Shape(value.shape))")
    }
    let stated = try windowSettings(kernel: nil, over: value.shape)
    let whole = try raisedExtents(stated, over: value.shape)
    if value.shape.count < 5, value.shape[0] == 1 {
      return try pooledImage(value, pooling, stated.planar, whole.planar)
    }
    var result = value
    for axis in 2..<value.shape.count {
      let shape = result.shape
      let planes = [
        1, shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *),
      ]
      let image = try reshaped(result, to: planes)
      let direction = try pooledImage(
        image, pooling, stated.direction(axis - 2).planar, whole.direction(axis - 2).planar)
      var extents = shape
      extents[axis] = direction.shape[2]
      result = try reshaped(direction, to: extents)
    }
    return result
  }

  /// Windows over one image.
  ///
  /// - Parameters:
  ///   - stated: The window as the file has it.
  ///   - whole: The same, reaching beyond the end where extents are rounded up.
  private mutating func pooledImage(
    _ value: ImportedValue, _ pooling: Pooling, _ stated: WindowSettings, _ whole: WindowSettings
  ) throws(CheckpointError) -> ImportedValue {
    var image = try image(value)
    var settings = whole
    if pooling.padsWithZeros, stated.pads.contains(where: { $0 > 0 }) {
      // Padding counts, what rounding up adds does not.
      image = try paddedImage(image, stated.pads)
      settings.pads = zip(settings.pads, stated.pads).map { max(0, $0 - $1) }
    }
    switch pooling {
    case .maximum:
      let node = try append(.maxPooling(settings.window), [image.node])
      return imageResult(node, like: image)
    case .mean:
      let node = try append(.averagePooling(settings.window), [image.node])
      return imageResult(node, like: image)
    case .sum:
      // Behind the end there are zeros too, so that every window has all of its elements.
      if settings.pads.contains(where: { $0 > 0 }) {
        image = try paddedImage(image, settings.pads)
        settings.pads = settings.pads.map { _ in 0 }
      }
      let node = try append(.averagePooling(settings.window), [image.node])
      let count = Float(settings.kernel.reduce(1, *))
      return try apply(
        .map(.affine(factor: count, offset: 0)), [imageResult(node, like: image)])
    }
  }

  /// The settings with padding at the end where extents are rounded up.
  private func raisedExtents(
    _ stated: WindowSettings, over shape: [Int]
  ) throws(CheckpointError) -> WindowSettings {
    guard try integer("ceil_mode", 0) == 1 else { return stated }
    var settings = stated
    let rank = stated.kernel.count
    for axis in 0..<rank {
      let (extent, stride) = (shape[axis + 2], settings.strides[axis])
      let padded = extent + settings.pads[axis] + settings.pads[axis + rank]
      guard padded >= settings.reach[axis] else { continue }
      var count = (padded - settings.reach[axis] + stride - 1) / stride + 1
      // A window that begins behind the image is left out.
      if (count - 1) * stride >= extent + settings.pads[axis] { count -= 1 }
      settings.pads[axis + rank] = max(
        settings.pads[axis + rank],
        (count - 1) * stride + settings.reach[axis] - extent - settings.pads[axis])
    }
    return settings
  }
}
