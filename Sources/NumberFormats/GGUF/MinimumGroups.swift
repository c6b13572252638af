/// A superblock in groups, each with a scale and a minimum: what Q2_K, Q4_K and Q5_K have in common.
struct MinimumGroups {
  /// Elements of a group.
  let groupSize: Int
  /// The largest code of an element.
  let top: Int
  /// The largest code of a scale and of a minimum.
  let scaleTop: Int
  /// `[256]`, the code of each element.
  private(set) var codes: [UInt8]
  /// `[256 / groupSize]`, the scales as the search found them.
  private(set) var scales: [Float]
  /// `[256 / groupSize]`, the minima as the search found them.
  private(set) var minima: [Float]

  /// Fits every group.
  ///
  /// - Parameter weigh: The weights of a group's errors.
  init(
    _ values: Span<Float>, groupSize: Int, scaleTop: Int, search: MinimumSearch,
    weigh: (Span<Float>) -> [Float]
  ) {
    self.groupSize = groupSize
    self.scaleTop = scaleTop
    top = search.top
    codes = []
    scales = []
    minima = []
    for start in stride(from: 0, to: values.count, by: groupSize) {
      let group = values.extracting(start..<start + groupSize)
      let fit = search.fit(group, weights: weigh(group))
      codes += fit.codes
      scales.append(fit.scale)
      minima.append(fit.minimum)
    }
  }

  /// Codes of scales or minima against the largest of them, which gets `scaleTop`.
  ///
  /// - Returns: The codes, and the step to be stored; all zero where none is positive.
  func quantized(_ numbers: [Float]) -> (codes: [UInt8], step: Float) {
    let largest = numbers.reduce(0) { $1 > $0 ? $1 : $0 }
    guard largest > 0 else { return ([UInt8](repeating: 0, count: numbers.count), 0) }
    let inverse = Float(scaleTop) / largest
    let codes = numbers.map {
      min(UInt8(truncatingIfNeeded: GGUF.nearest(inverse * $0)), UInt8(scaleTop))
    }
    return (codes, largest / Float(scaleTop))
  }

  /// Rounds the elements again, to the scales as they are stored. A group whose scale is stored as zero
  /// keeps the codes of the search.
  ///
  /// - Parameters:
  ///   - steps: `[256 / groupSize]`, the scales as stored.
  ///   - lows: `[256 / groupSize]`, the minima as stored.
  mutating func round(_ values: Span<Float>, steps: [Float], lows: [Float]) {
    for index in values.indices where steps[index / groupSize] != 0 {
      let group = index / groupSize
      codes[index] = UInt8(
        GGUF.nearest((values[index] + lows[group]) / steps[group], in: 0...top))
    }
  }

  /// The root mean square of a group plus each magnitude: how Q4_K and Q5_K weigh errors.
  static func rootMeanSquareWeights(_ group: Span<Float>) -> [Float] {
    var sum = Float(0)
    for index in group.indices {
      sum += group[index] * group[index]
    }
    let average = (sum / Float(group.count)).squareRoot()
    return group.indices.map { average + abs(group[$0]) }
  }

  /// Each magnitude: how Q2_K weighs errors.
  static func magnitudeWeights(_ group: Span<Float>) -> [Float] {
    group.indices.map { abs(group[$0]) }
  }
}
