import Checkpoints
import Graphs

extension ONNXOperator {
  /// Images of other sizes.
  static let resizing: [ONNXOperator] = [
    ONNXOperator("Resize") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      var result = value
      for resize in try importer.resizes(of: value.shape) where resize.changes {
        result = try importer.resized(result, resize)
      }
      return [result]
    }
  ]
}

/// How one axis is resized.
private struct AxisResize {
  let axis: Int
  let input: Int
  let output: Int
  let scale: Double
  let settings: Settings

  struct Settings {
    enum Mode: String { case nearest, linear, cubic }
    enum Rounding: String { case round_prefer_floor, round_prefer_ceil, floor, ceil }
    enum Coordinates: String {
      case half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric
      case tf_crop_and_resize
    }
    let mode: Mode
    let rounding: Rounding
    let coordinates: Coordinates
    let isAntialiased: Bool
    let excludesOutside: Bool
    let cubicCoefficient: Double
    /// What lies outside of a cropped input.
    let extrapolation: Float
  }

  /// The part of the input that a crop keeps, in shares of it.
  let crop: ClosedRange<Double>

  /// A wider filter would make a graph of thousands of nodes.
  static let mostTaps = 64

  /// Slices that make an output.
  var tapCount: Int {
    if settings.mode == .nearest { return 1 }
    let width = settings.isAntialiased ? min(scale, 1) : 1
    return 2 * Int((reach / width).rounded(.up))
  }

  /// Half of the filter's width, in outputs.
  private var reach: Double { settings.mode == .linear ? 1 : 2 }

  var changes: Bool { input != output || scale != 1 || crops }

  private var crops: Bool { settings.coordinates == .tf_crop_and_resize }

  /// Where an output lies in the input.
  private func place(_ output: Int) -> Double {
    let x = Double(output)
    switch settings.coordinates {
    case .half_pixel: return (x + 0.5) / scale - 0.5
    case .pytorch_half_pixel: return self.output > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .align_corners:
      // The specification's width is not rounded to whole places here.
      let width = scale * Double(input)
      return width == 1 ? 0 : x * Double(input - 1) / (width - 1)
    case .asymmetric: return x / scale
    case .tf_crop_and_resize:
      let last = Double(input - 1)
      guard self.output > 1 else { return (crop.lowerBound + crop.upperBound) / 2 * last }
      let width = crop.upperBound - crop.lowerBound
      return last * (crop.lowerBound + x * width / Double(self.output - 1))
    case .half_pixel_symmetric:
      let adjustment = Double(self.output) / (scale * Double(input))
      return Double(input) / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    }
  }

  /// The slices that make an output, with their weights; as many for every output. Slice −1 is what lies outside.
  func taps(_ output: Int) -> [(index: Int, weight: Double)] {
    let place = place(output)
    if crops, !(0...Double(input - 1) ~= place) {
      return (0..<tapCount).map { (-1, $0 == 0 ? 1 : 0) }
    }
    func held(_ index: Int) -> Int { min(max(index, 0), input - 1) }
    if settings.mode == .nearest {
      let low = place.rounded(.down)
      let nearest =
        switch settings.rounding {
        case .floor: low
        case .ceil: place.rounded(.up)
        case .round_prefer_floor: place - low <= 0.5 ? low : low + 1
        case .round_prefer_ceil: place - low < 0.5 ? low : low + 1
        }
      return [(held(Int(nearest)), 1)]
    }
    // Antialiasing widens the filter by what is left out.
    let width = settings.isAntialiased ? min(scale, 1) : 1
    let first = Int((-reach / width).rounded(.down)) + 1
    let base = Int(place.rounded(.down))
    let ratio = place - Double(base)
    var taps = (first..<2 - first).map { step in
      (index: base + step, weight: weight((Double(step) - ratio) * width))
    }
    if settings.excludesOutside {
      taps = taps.map { 0..<input ~= $0.index ? $0 : ($0.index, 0) }
    }
    let sum = taps.reduce(0) { $0 + $1.weight }
    let isScaled = settings.excludesOutside || settings.isAntialiased
    return taps.map { (held($0.index), isScaled ? $0.weight / sum : $0.weight) }
  }

  /// The filter at a distance.
  private func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    guard settings.mode == .cubic else { return max(0, 1 - x) }
    let a = settings.cubicCoefficient
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}

extension ONNXImporter {
  /// How each axis is resized.
  fileprivate func resizes(of shape: [Int]) throws(CheckpointError) -> [AxisResize] {
    let settings = try resizeSettings()
    let axes =
      try integers("axes").map { (axes) throws(CheckpointError) in
        var all: [Int] = []
        for axis in axes { all.append(try self.axis(axis, of: shape.count)) }
        return all
      } ?? Array(shape.indices)
    let factors = try constant(2, "scales")?.values ?? []
    let sizes = try constant(3, "sizes")?.integers ?? []
    guard factors.isEmpty != sizes.isEmpty, max(factors.count, sizes.count) == axes.count,
      shape.allSatisfy({ $0 > 0 })
    else {
      throw failure("scales or sizes for \(axes.count) axes", "\(factors.count) and \(sizes.count)")
    }
    let crops = try crops(settings, axes.count)
    guard crops.isEmpty || factors.isEmpty else {
      // The specification scales what is cropped, its own shape inference the whole.
      throw failure("sizes of what a crop becomes", "scales")
    }
    let policy = try text("keep_aspect_ratio_policy", "stretch")
    let ratios = zip(axes, sizes).map { Double($1) / Double(shape[$0]) }
    let common =
      policy == "not_larger" ? ratios.min() : policy == "not_smaller" ? ratios.max() : nil
    var resizes: [AxisResize] = []
    for (place, axis) in axes.enumerated() {
      let extent = Double(shape[axis])
      let scale = factors.isEmpty ? common ?? ratios[place] : factors[place]
      let output =
        factors.isEmpty
        ? common.map { ($0 * extent).rounded(.toNearestOrAwayFromZero) } ?? Double(sizes[place])
        : (extent * scale).rounded(.down)
      guard scale > 0, (1...Double(1 << 20)).contains(output) else {
        throw failure("an extent of at least 1", "\(output)")
      }
      resizes.append(
        AxisResize(
          axis: axis, input: shape[axis], output: Int(output), scale: scale, settings: settings,
          crop: crops.isEmpty ? 0...1 : crops[place]))
    }
    return resizes
  }

  /// The part of every axis that is kept; none where nothing is cropped.
  private func crops(
    _ settings: AxisResize.Settings, _ count: Int
  ) throws(CheckpointError) -> [ClosedRange<Double>] {
    guard settings.coordinates == .tf_crop_and_resize else { return [] }
    let ends = try constant(1, "regions")?.values ?? []
    guard ends.count == 2 * count else {
      throw failure("two ends for each of \(count) axes", "\(ends.count)")
    }
    var crops: [ClosedRange<Double>] = []
    for (start, end) in zip(ends.prefix(count), ends.suffix(count)) {
      guard start <= end, max(abs(start), abs(end)) <= 0x1p20 else {
        throw failure("a region from its start to its end", "\(start)…\(end)")
      }
      crops.append(start...end)
    }
    return crops
  }

  private func resizeSettings() throws(CheckpointError) -> AxisResize.Settings {
    func word<Choice: RawRepresentable<String>>(
      _ name: String, _ fallback: Choice
    ) throws(CheckpointError) -> Choice {
      let word = try text(name, fallback.rawValue)
      guard let choice = Choice(rawValue: word) else {
        throw failure("another '\(name)'", "'\(word)'")
      }
      return choice
    }
    return AxisResize.Settings(
      mode: try word("mode", .nearest), rounding: try word("nearest_mode", .round_prefer_floor),
      coordinates: try word("coordinate_transformation_mode", .half_pixel),
      isAntialiased: try integer("antialias", 0) == 1,
      excludesOutside: try integer("exclude_outside", 0) == 1,
      cubicCoefficient: Double(try float("cubic_coeff_a", -0.75)),
      extrapolation: try float("extrapolation_value", 0))
  }

  /// A value resized along one axis: the weighted sum of as many selections as the filter has taps.
  fileprivate mutating func resized(
    _ value: ImportedValue, _ resize: AxisResize
  ) throws(CheckpointError) -> ImportedValue {
    let count = resize.tapCount
    guard count <= AxisResize.mostTaps else {
      throw failure("a filter of at most \(AxisResize.mostTaps) taps", "\(count)")
    }
    try requireSmall(resize.output, times: count)
    let taps = (0..<resize.output).map { resize.taps($0) }
    var sum: ImportedValue?
    for tap in 0..<count {
      let weights = taps.map { $0[tap].weight }
      if weights.allSatisfy({ $0 == 0 }) { continue }
      var part = try taken(
        value, resize.axis, taps.map { $0[tap].index }, filling: resize.settings.extrapolation)
      if weights.contains(where: { $0 != 1 }) {
        var extents = Array(repeating: 1, count: value.shape.count)
        extents[resize.axis] = resize.output
        let factors = ImportedConstant(
          shape: extents, element: .float32, values: weights.map { Double(Float($0)) })
        part = try combine(.multiply, part, .constant(factors))
      }
      sum = try added(sum, part)
    }
    return sum ?? value
  }
}
