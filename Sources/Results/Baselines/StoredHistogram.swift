public import Histogram

/// A high-dynamic-range histogram in compact form: for each bucket that is not empty its lowest value
/// and its count.
public struct StoredHistogram: Hashable, Sendable, Codable {
  /// Lowest values of the buckets, ascending.
  public let values: PackedIntegers
  /// Counts of the buckets.
  public let counts: PackedIntegers

  /// Three significant digits: 0.1 % is below anything that timing can resolve between days.
  public static let digits = SignificantDigits.three

  /// Creates a stored form.
  public init(values: PackedIntegers, counts: PackedIntegers) {
    self.values = values
    self.counts = counts
  }

  /// Stores some durations in nanoseconds.
  public init(durations: some Sequence<UInt32>) {
    var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: Self.digits)
    for duration in durations { _ = histogram.record(UInt64(duration)) }
    var values: [UInt32] = []
    var counts: [UInt32] = []
    for bucket in histogram.recordedValues() {
      values.append(UInt32(clamping: histogram.lowestEquivalentForValue(bucket.value)))
      counts.append(UInt32(clamping: bucket.count))
    }
    self.init(values: PackedIntegers(values), counts: PackedIntegers(counts))
  }

  /// The histogram; `nil` when the two lists do not match.
  public var histogram: Histogram<UInt64>? {
    guard values.values.count == counts.values.count else { return nil }
    var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: Self.digits)
    for (value, count) in zip(values.values, counts.values) {
      _ = histogram.record(UInt64(value), count: UInt64(count))
    }
    return histogram
  }
}
