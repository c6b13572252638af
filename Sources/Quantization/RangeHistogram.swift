/// Counts of values in bins of equal width around 0, in bounded memory whatever the values are.
///
/// Bin `i` holds `[i · width, (i + 1) · width)`, i in −8192…8191. The width is a power of two; when a value
/// falls outside, neighbouring bins are merged and the width doubles until it fits. Bins of every width are
/// aligned at 0, so the counts depend only on which values were seen: not on their order, and not on how
/// they were divided among histograms that are merged.
///
/// An estimate is the outer edge of the bin that holds the wanted value, so it errs outward by at most one
/// width, and the width is at most 2⁻¹² of the largest magnitude seen.
struct RangeHistogram: Equatable, Sendable {
  /// Bins on each side of 0.
  static let side = 8192
  /// log₂(side).
  private static let sideBits = 13
  /// Smallest half-range considered; narrower values all fall into the two bins at 0.
  private static let smallestExponent = -100

  /// All bins lie within ±2^exponent.
  private var exponent = smallestExponent
  /// `[2 · side]`; bin `i` is at `i + side`.
  private var counts = [UInt64](repeating: 0, count: 2 * side)

  /// The width of a bin.
  var width: Double {
    Double(sign: .plus, exponent: exponent - Self.sideBits, significand: 1)
  }

  /// Counts values whose magnitudes are at most `magnitude`; all finite.
  mutating func observe(_ values: Span<Float>, magnitude: Float) {
    if magnitude > 0 { widen(to: Int(magnitude.exponent) + 1) }
    let perWidth = 1 / width
    for index in values.indices {
      let position = Double(values[index]) * perWidth
      let truncated = Int(position)
      let bin = position < Double(truncated) ? truncated - 1 : truncated
      counts[bin + Self.side] += 1
    }
  }

  /// Adds the counts of another histogram.
  mutating func merge(_ other: RangeHistogram) {
    var other = other
    widen(to: other.exponent)
    other.widen(to: exponent)
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  private mutating func widen(to newExponent: Int) {
    guard newExponent > exponent else { return }
    let shift = newExponent - exponent
    var merged = [UInt64](repeating: 0, count: counts.count)
    for (index, count) in counts.enumerated() where count > 0 {
      merged[((index - Self.side) >> shift) + Self.side] += count
    }
    counts = merged
    exponent = newExponent
  }

  /// At or above the value of this rank in ascending order, by less than a width. Ranks begin at 1.
  func upperEdge(rank: UInt64) -> Double {
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() {
      seen += count
      if seen >= rank { return Double(index - Self.side + 1) * width }
    }
    preconditionFailure("fewer values than the rank")
  }

  /// At or below the value of this rank in descending order, by less than a width.
  func lowerEdge(rank: UInt64) -> Double {
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated().reversed() {
      seen += count
      if seen >= rank { return Double(index - Self.side) * width }
    }
    preconditionFailure("fewer values than the rank")
  }

  /// At or above the magnitude of this rank in ascending order, by at most a width.
  func magnitudeEdge(rank: UInt64) -> Double {
    var seen: UInt64 = 0
    for distance in 0..<Self.side {
      seen += counts[Self.side + distance] + counts[Self.side - 1 - distance]
      if seen >= rank { return Double(distance + 1) * width }
    }
    preconditionFailure("fewer values than the rank")
  }
}
