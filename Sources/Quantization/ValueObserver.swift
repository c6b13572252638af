/// The range that calibration chose for a value.
public struct ObservedRange: Hashable, Sendable {
  /// Lower end; used by asymmetric schemes.
  public let low: Float
  /// Upper end; used by asymmetric schemes.
  public let high: Float
  /// Largest magnitude; used by symmetric schemes.
  public let magnitude: Float

  /// Creates a range of finite numbers; `low` is not above `high`, `magnitude` not negative.
  public init(low: Float, high: Float, magnitude: Float) {
    precondition(low <= high && magnitude >= 0 && magnitude.isFinite, "not a range")
    precondition(low.isFinite && high.isFinite, "not a range")
    self.low = low
    self.high = high
    self.magnitude = magnitude
  }
}

/// Watches one value over many examples, in constant memory.
struct ValueObserver: Sendable {
  private var minimum = Float.infinity
  private var maximum = -Float.infinity
  private var count: UInt64 = 0
  /// `nil` when only the extremes are wanted.
  private var histogram: RangeHistogram?
  /// The first value that was NaN or infinite.
  private(set) var offender: Float?
  private let observer: Observer

  init(_ observer: Observer) {
    self.observer = observer
    if case .percentile = observer { histogram = RangeHistogram() }
  }

  var isEmpty: Bool { count == 0 }

  /// Takes in a value of one example. Once something was not finite, the rest is ignored: the
  /// calibration has failed.
  mutating func observe(_ values: Span<Float>) {
    guard offender == nil else { return }
    for index in values.indices {
      let value = values[index]
      guard value.isFinite else {
        offender = value
        return
      }
      minimum = min(minimum, value)
      maximum = max(maximum, value)
    }
    guard !values.isEmpty else { return }
    count += UInt64(values.count)
    histogram?.observe(values, magnitude: max(abs(minimum), abs(maximum)))
  }

  /// Takes in what another observer of the same kind has seen.
  mutating func merge(_ other: ValueObserver) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    count += other.count
    offender = offender ?? other.offender
    if let histogram = other.histogram { self.histogram?.merge(histogram) }
  }

  /// The chosen range; there must be at least one finite value.
  func range() -> ObservedRange {
    let magnitude = max(abs(minimum), abs(maximum))
    guard case .percentile(let percentile) = observer, let histogram else {
      return ObservedRange(low: minimum, high: maximum, magnitude: magnitude)
    }
    let rank = Self.rank(percentile, of: count)
    let high = min(Float(histogram.upperEdge(rank: rank)), maximum)
    let low = max(Float(histogram.lowerEdge(rank: rank)), minimum)
    return ObservedRange(
      low: min(low, high), high: max(low, high),
      magnitude: min(Float(histogram.magnitudeEdge(rank: rank)), magnitude))
  }

  /// ⌈percentile · count / 100⌉, at least 1 and at most `count`.
  static func rank(_ percentile: Double, of count: UInt64) -> UInt64 {
    let rank = (percentile * Double(count) / 100).rounded(.up)
    return min(max(UInt64(rank), 1), count)
  }
}
