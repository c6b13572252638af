/// What a model says about the next token of every scored place, beside its own float run. A window is one
/// example; sums are in nats, over its scored places in ascending order.
public struct TokenRecord: Hashable, Sendable, Codable {
  /// Scored places per window.
  public let targets: PackedIntegers
  /// Per window, the sum of −ln p(right token); empty where no token is right.
  public let losses: [Double]
  /// The float run's sums.
  public let floatLosses: [Double]
  /// Per window, the sum of the Kullback–Leibler divergence of the scheme's prediction from the float
  /// run's.
  public let divergences: [Double]
  /// The divergence of single places.
  public let divergence: DivergenceSummary
  /// Slice membership of windows, as `QualityRecord.slices` has it of places.
  public let windowSlices: [String: SliceColumn]

  /// Creates a record.
  public init(
    targets: PackedIntegers, losses: [Double], floatLosses: [Double], divergences: [Double],
    divergence: DivergenceSummary, windowSlices: [String: SliceColumn]
  ) {
    self.targets = targets
    self.losses = losses
    self.floatLosses = floatLosses
    self.divergences = divergences
    self.divergence = divergence
    self.windowSlices = windowSlices
  }

  private enum CodingKeys: String, CodingKey {
    case targets
    case losses
    case floatLosses = "float_losses"
    case divergences
    case divergence
    case windowSlices = "window_slices"
  }
}

/// How far predictions lie from the float run's, over single places, in nats.
public struct DivergenceSummary: Hashable, Sendable, Codable {
  /// Half of the places lie below.
  public let median: Double
  /// 999 of 1,000 places lie below.
  public let p999: Double
  /// The largest.
  public let largest: Double

  /// Creates a summary.
  public init(median: Double, p999: Double, largest: Double) {
    self.median = median
    self.p999 = p999
    self.largest = largest
  }
}

/// A mean of a quantity per scored place, with the error that other windows of the same kind would show.
public struct TokenMean: Hashable, Sendable {
  /// The mean, in nats.
  public let value: Double
  /// Its standard error, from the spread between windows (a ratio estimator); `nil` for one window.
  public let standardError: Double?

  /// Creates a mean.
  public init(value: Double, standardError: Double?) {
    self.value = value
    self.standardError = standardError
  }
}

extension TokenRecord {
  /// Whether every column has an entry per window, and some place was scored.
  public var isConsistent: Bool {
    let count = targets.values.count
    return targets.values.contains { $0 > 0 } && divergences.count == count
      && (losses.count == count && floatLosses.count == count
        || losses.isEmpty && floatLosses.isEmpty)
      && windowSlices.values.allSatisfy { column in
        column.members.values.count == count
          && column.members.values.allSatisfy { $0 < column.values.count }
      }
  }

  /// Mean −ln p(right token); `nil` where no token is right.
  public var loss: TokenMean? { mean(losses) }
  /// The float run's.
  public var floatLoss: TokenMean? { mean(floatLosses) }
  /// Mean of the difference of both, window by window.
  public var lossChange: TokenMean? {
    losses.isEmpty ? nil : mean(zip(losses, floatLosses).map { $0 - $1 })
  }
  /// Mean divergence from the float run.
  public var meanDivergence: TokenMean? { mean(divergences) }

  /// The mean per place of sums per window, over the windows of a slice value, or all.
  public func mean(_ sums: [Double], key: String? = nil, value: String? = nil) -> TokenMean? {
    guard isConsistent, sums.count == targets.values.count else { return nil }
    var chosen = Array(sums.indices)
    if let key, let value {
      guard let column = windowSlices[key], let member = column.values.firstIndex(of: value)
      else { return nil }
      chosen = chosen.filter { column.members.values[$0] == member }
    }
    let places = chosen.reduce(0.0) { $0 + Double(targets.values[$1]) }
    guard places > 0 else { return nil }
    let mean = chosen.reduce(0.0) { $0 + sums[$1] } / places
    guard chosen.count > 1 else { return TokenMean(value: mean, standardError: nil) }
    let squares = chosen.reduce(0.0) {
      let residual = sums[$1] - mean * Double(targets.values[$1])
      return $0 + residual * residual
    }
    let windows = Double(chosen.count)
    let error = (squares * windows / (windows - 1)).squareRoot() / places
    return TokenMean(value: mean, standardError: error)
  }
}
