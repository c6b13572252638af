public import CHost

/// The clock that time stamps come from: `CLOCK_MONOTONIC`.
public enum MonotonicClock {
  /// Nanoseconds since an arbitrary start.
  @inlinable
  public static func nanoseconds() -> UInt64 {
    qg_clock_nanoseconds()
  }

  /// Seconds since an arbitrary start.
  public static func seconds() -> Double {
    Double(nanoseconds()) / 1e9
  }

  /// Nanoseconds that one reading costs: the median of 1,001 back-to-back pairs.
  public static func cost() -> UInt64 {
    var differences: [UInt64] = []
    differences.reserveCapacity(1001)
    for _ in 0..<1001 {
      let start = nanoseconds()
      differences.append(nanoseconds() - start)
    }
    return differences.sorted()[500]
  }
}
