import Checkpoints
import Graphs

extension ONNXOperator {
  /// Convolutions, and what a whole channel becomes.
  static let windows: [ONNXOperator] = [
    ONNXOperator("Conv") { (importer) throws(CheckpointError) in
      guard let weight = try importer.constant(1, "weights") else {
        throw importer.failure("weights", "none")
      }
      let bias = try importer.constant(2, "a bias")?.floats
      return [try importer.convolution(importer.operand(0), weight, bias)]
    },
    ONNXOperator("ConvTranspose") { (importer) throws(CheckpointError) in
      [try importer.transposedConvolution()]
    },
    ONNXOperator("GlobalAveragePool") { (importer) throws(CheckpointError) in
      [try importer.globalAverage(importer.operand(0))]
    },
    ONNXOperator("GlobalMaxPool") { (importer) throws(CheckpointError) in
      let image = try importer.image(importer.operand(0))
      let sides = importer.shapes[image.node].dimensions
      let node = try importer.append(
        .maxPooling(Window(height: sides[0], width: sides[1])), [image.node])
      return [importer.channelResult(node, of: image.shape, keepsExtents: true)]
    },
  ]
}

/// What a window operator's settings say in each direction.
struct WindowSettings {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  /// Before in each direction, then after.
  var pads: [Int]

  /// From the first tap to the last, both included.
  var reach: [Int] { zip(kernel, dilations).map { ($0 - 1) * $1 + 1 } }

  /// The settings of one direction.
  func direction(_ axis: Int) -> WindowSettings {
    WindowSettings(
      kernel: [kernel[axis]], strides: [strides[axis]], dilations: [dilations[axis]],
      pads: [pads[axis], pads[axis + kernel.count]])
  }

  /// Settings of two directions: a second one has one place where there is none.
  var planar: WindowSettings {
    guard kernel.count == 1 else { return self }
    return WindowSettings(
      kernel: kernel + [1], strides: strides + [1], dilations: dilations + [1],
      pads: [pads[0], 0, pads[1], 0])
  }

  /// The window of two directions.
  var window: Window {
    Window(
      height: kernel[0], width: kernel[1],
      strides: Spacing(rows: strides[0], columns: strides[1]),
      margins: Margins(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3]),
      dilations: Spacing(rows: dilations[0], columns: dilations[1]))
  }
}

extension ONNXImporter {
  /// Groups of channels that become layers of their own at most.
  private static let mostGroups = 1024

  /// The mean of each channel.
  mutating func globalAverage(
    _ value: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    let image = try image(value)
    let node = try append(.globalAveragePooling, [image.node])
    return channelResult(node, of: image.shape, keepsExtents: true)
  }

  /// The result `[1, channels, 1, …]` of an operator that leaves one number per channel.
  func channelResult(_ node: Node.ID, of shape: [Int], keepsExtents: Bool) -> ImportedValue {
    let extents =
      keepsExtents
      ? [1, shape[1]] + Array(repeating: 1, count: shape.count - 2) : [1, shape[1]]
    return .computed(
      ComputedValue(
        node: node, shape: extents, layout: keepsExtents ? .channelsLast : .plain,
        element: .float32))
  }

  /// The settings of a window over `[n, channels, spatial…]`, padding resolved.
  func windowSettings(
    kernel: [Int]?, over shape: [Int]
  ) throws(CheckpointError) -> WindowSettings {
    let spatial = Array(shape.dropFirst(2))
    let rank = spatial.count
    let stated = try integers("kernel_shape")
    guard let found = stated ?? kernel, found.count == rank, kernel == nil || kernel == found else {
      throw failure("a kernel of \(rank) sides, the weights' own", "\(stated ?? [])")
    }
    let kernel = found
    func list(_ name: String, _ fallback: Int, _ count: Int) throws(CheckpointError) -> [Int] {
      let values = try integers(name) ?? Array(repeating: fallback, count: count)
      guard values.count == count, values.allSatisfy({ fallback...(1 << 20) ~= $0 }) else {
        throw failure("\(count) numbers of at least \(fallback) as '\(name)'", "\(values)")
      }
      return values
    }
    guard kernel.allSatisfy({ 1...(1 << 20) ~= $0 }) else {
      throw failure("sides of at least 1", "\(kernel)")
    }
    var settings = WindowSettings(
      kernel: kernel, strides: try list("strides", 1, rank),
      dilations: try list("dilations", 1, rank), pads: try list("pads", 0, 2 * rank))
    let mode = try text("auto_pad", "NOTSET")
    switch mode {
    case "NOTSET", "": break
    case "VALID": settings.pads = Array(repeating: 0, count: 2 * rank)
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<rank {
        let count = (spatial[axis] + settings.strides[axis] - 1) / settings.strides[axis]
        let total = max(
          0, (count - 1) * settings.strides[axis] + settings.reach[axis] - spatial[axis])
        let before = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        settings.pads[axis] = before
        settings.pads[axis + rank] = total - before
      }
    default: throw failure("'auto_pad' of SAME_UPPER, SAME_LOWER, VALID or NOTSET", "'\(mode)'")
    }
    return settings
  }

  /// A convolution; groups become layers of their own, a filter per channel a depthwise one.
  mutating func convolution(
    _ value: ImportedValue, _ weight: ImportedConstant, _ bias: [Float]?,
    dynamic: DynamicRange? = nil
  ) throws(CheckpointError) -> ImportedValue {
    var image = try image(value)
    guard weight.shape.count == image.shape.count else {
      throw failure("weights of \(image.shape.count) axes", "\(Shape(weight.shape))")
    }
    var settings = try windowSettings(
      kernel: Array(weight.shape.dropFirst(2)), over: image.shape
    ).planar
    if zip(settings.pads, settings.reach + settings.reach).contains(where: { $0 >= $1 }) {
      image = try paddedImage(image, settings.pads)
      settings.pads = [0, 0, 0, 0]
    }
    let filters = weight.reshaped(Array(weight.shape.prefix(2)) + settings.kernel)
    let groups = try integer("group", 1)
    let (outputs, inputs) = (weight.shape[0], image.shape[1])
    guard groups > 0, inputs.isMultiple(of: groups), outputs.isMultiple(of: groups),
      weight.shape[1] == inputs / groups, bias == nil || bias?.count == outputs
    else {
      throw failure(
        "weights and a bias for \(inputs) channels in \(groups) groups", "\(Shape(weight.shape))")
    }
    let layer = ConvolutionLayer(
      window: settings.window, filters: filters, bias: bias, dynamic: dynamic)
    if groups > 1, inputs == groups { return try depthwise(image, layer) }
    guard groups > 1 else {
      let node = try dense(image, layer)
      products[node] = current.outputs.first
      return imageResult(node, like: image)
    }
    guard groups <= Self.mostGroups else {
      throw failure("at most \(Self.mostGroups) groups, or a filter per channel", "\(groups)")
    }
    var result: ImportedValue?
    for group in 0..<groups {
      let (share, results) = (inputs / groups, outputs / groups)
      let part = try walked(.computed(image), 1, from: group * share, count: share)
      let rows = group * results..<(group + 1) * results
      let node = try dense(
        self.image(part),
        ConvolutionLayer(
          window: layer.window, filters: filters.sliced(rows), bias: bias.map { Array($0[rows]) },
          dynamic: dynamic))
      let next = imageResult(node, like: image)
      result = try joined(result, with: next, 1)
    }
    return result ?? .computed(image)
  }

  private mutating func dense(
    _ image: ComputedValue, _ layer: ConvolutionLayer
  ) throws(CheckpointError) -> Node.ID {
    let node = try append(
      .convolution(
        outChannels: layer.filters.shape[0], window: layer.window, hasBias: layer.bias != nil),
      [weightedOperand(image, layer.filters)])
    hold(layer.filters.permuted([0, 2, 3, 1]), layer.bias, of: node, dynamic: layer.dynamic)
    return node
  }

  /// One filter per channel; several per channel read the channel several times.
  private mutating func depthwise(
    _ image: ComputedValue, _ layer: ConvolutionLayer
  ) throws(CheckpointError) -> ImportedValue {
    let (outputs, inputs) = (layer.filters.shape[0], image.shape[1])
    var image = image
    if outputs > inputs {
      let places = (0..<outputs).map { $0 / (outputs / inputs) }
      image = try self.image(taken(.computed(image), 1, places))
    }
    let node = try append(
      .depthwiseConvolution(window: layer.window, hasBias: layer.bias != nil),
      [weightedOperand(image, layer.filters)])
    hold(layer.filters, layer.bias, of: node, isDepthwise: true, dynamic: layer.dynamic)
    products[node] = current.outputs.first
    return imageResult(node, like: image)
  }

  /// An image with zeros around it.
  mutating func paddedImage(
    _ image: ComputedValue, _ pads: [Int]
  ) throws(CheckpointError) -> ComputedValue {
    var value = ImportedValue.computed(image)
    for axis in 2..<image.shape.count {
      let (before, after, extent) = (pads[axis - 2], pads[axis], image.shape[axis])
      try requireSmall(before + after + extent, times: 1)
      value = try taken(
        value, axis, (-before..<extent + after).map { 0..<extent ~= $0 ? $0 : -1 })
    }
    return try self.image(value)
  }

  fileprivate mutating func transposedConvolution() throws(CheckpointError) -> ImportedValue {
    let image = try image(operand(0))
    guard let weight = try constant(1, "weights"), weight.shape.count == image.shape.count,
      weight.shape[0] == image.shape[1]
    else { throw failure("weights for \(image.shape[1]) channels", "others") }
    let bias = try constant(2, "a bias")?.floats
    let groups = try integer("group", 1)
    guard 1...Self.mostGroups ~= groups, image.shape[1].isMultiple(of: groups),
      bias == nil || bias?.count == groups * weight.shape[1]
    else { throw failure("channels in equal groups, and a bias for each result", "\(groups)") }
    let (window, extra) = try transposedWindow(weight, image.shape)
    let filters = weight.reshaped(Array(weight.shape.prefix(2)) + [window.height, window.width])
    var result: ImportedValue?
    for group in 0..<groups {
      let (share, outputs) = (image.shape[1] / groups, weight.shape[1])
      let part = try self.image(walked(.computed(image), 1, from: group * share, count: share))
      let own = filters.sliced(group * share..<(group + 1) * share)
      let node = try append(
        .transposedConvolution(
          outChannels: outputs, window: window, extra: extra, hasBias: bias != nil),
        [weightedOperand(part, own)])
      hold(
        own.permuted([1, 2, 3, 0]), bias.map { Array($0[group * outputs..<(group + 1) * outputs]) },
        of: node)
      if groups == 1 { products[node] = current.outputs.first }
      let next = imageResult(node, like: image)
      result = try joined(result, with: next, 1)
    }
    return result ?? .computed(image)
  }

  /// The window whose steps lie in the result, and what is added at its end.
  private func transposedWindow(
    _ weight: ImportedConstant, _ shape: [Int]
  ) throws(CheckpointError) -> (Window, Spacing) {
    let mode = try text("auto_pad", "NOTSET")
    let rank = shape.count - 2
    var settings = try windowSettings(kernel: Array(weight.shape.dropFirst(2)), over: shape).planar
    var extra = try integers("output_padding") ?? Array(repeating: 0, count: rank)
    var wanted = try integers("output_shape")
    if wanted == nil, mode.hasPrefix("SAME") {
      wanted = (0..<rank).map { shape[$0 + 2] * settings.strides[$0] }
    }
    guard extra.count == rank, wanted == nil || wanted?.count == rank else {
      throw failure("\(rank) numbers as 'output_padding' and 'output_shape'", "others")
    }
    if rank == 1 { extra.append(0) }
    for (axis, extent) in (wanted ?? []).enumerated() {
      guard 1...(1 << 20) ~= extent else { throw failure("an extent of at least 1", "\(extent)") }
      let whole = settings.strides[axis] * (shape[axis + 2] - 1) + settings.reach[axis]
      let total = whole + extra[axis] - extent
      if total < 0 {
        extra[axis] -= total
        settings.pads[axis] = 0
        settings.pads[axis + 2] = 0
      } else {
        let half = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        settings.pads[axis] = half
        settings.pads[axis + 2] = total - half
      }
    }
    return (settings.window, Spacing(rows: extra[0], columns: extra[1]))
  }
}

/// A convolution's filters `[outputs, inputs, rows, columns]` and the rest.
private struct ConvolutionLayer {
  let window: Window
  let filters: ImportedConstant
  let bias: [Float]?
  let dynamic: DynamicRange?
}
