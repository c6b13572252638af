/// What decides the scale of a group of weights.
public enum ScaleChoice: Hashable, Sendable {
  /// The group's extremes: nothing saturates.
  case absoluteMaximum
  /// The values of rank ⌈p · count / 100⌉, p in (50, 100]: of the magnitudes where codes are symmetric,
  /// else from below and from above. What lies beyond saturates. A rank that falls on 0 in a group that
  /// is not all 0 gives way to the extremes.
  case percentile(Double)
  /// The least squared error that `LeastSquaresSearch` finds; never more than with `absoluteMaximum`.
  case leastSquares
}

/// Which codes symmetric weights use.
public enum CodeUse: String, Hashable, Sendable, CaseIterable {
  /// As many below 0 as above: scale = max|x| / upper.
  case narrow
  /// Also the lowest code: scale = max(−min / −lower, max / upper), so that neither end saturates and
  /// no step is wider than with `narrow`. Negating a matrix does not negate its codes.
  case full
}

extension ScaleChoice {
  /// The range `low…high` that a group's scale is to cover; it holds 0.
  func range(of values: Span<Float>, symmetric: Bool) -> (low: Float, high: Float) {
    var low = Float(0)
    var high = Float(0)
    for index in values.indices {
      low = min(low, values[index])
      high = max(high, values[index])
    }
    guard case .percentile(let percentile) = self, values.count > 0 else { return (low, high) }
    var sorted: [Float] = []
    sorted.reserveCapacity(values.count)
    for index in values.indices { sorted.append(symmetric ? abs(values[index]) : values[index]) }
    sorted.sort()
    let rank = Self.rank(percentile, of: sorted.count)
    let upper = max(sorted[rank - 1], 0)
    let lower = symmetric ? -upper : min(sorted[sorted.count - rank], 0)
    return upper > lower ? (max(low, lower), min(high, upper)) : (low, high)
  }

  /// ⌈percentile · count / 100⌉, at least 1 and at most `count`.
  private static func rank(_ percentile: Double, of count: Int) -> Int {
    min(max(Int((percentile * Double(count) / 100).rounded(.up)), 1), count)
  }
}
