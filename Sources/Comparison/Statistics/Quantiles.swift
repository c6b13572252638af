/// Order statistics of small samples.
package enum Quantiles {
  /// The value below which `share` of the sample lies, interpolated between neighbours (definition 7
  /// of Hyndman and Fan, 1996); `nil` for an empty sample.
  package static func quantile(_ share: Double, of sample: [Double]) -> Double? {
    ofSorted(share, sample.sorted())
  }

  /// The same for a sample that is sorted already.
  package static func ofSorted(_ share: Double, _ sorted: some RandomAccessCollection<Double>)
    -> Double?
  {
    guard !sorted.isEmpty else { return nil }
    let position = share * Double(sorted.count - 1)
    let low = Int(position.rounded(.down))
    let high = min(low + 1, sorted.count - 1)
    let fraction = position - Double(low)
    let values = (
      sorted[sorted.index(sorted.startIndex, offsetBy: low)],
      sorted[sorted.index(sorted.startIndex, offsetBy: high)]
    )
    return values.0 + (values.1 - values.0) * fraction
  }

  /// The middle of the sample; `nil` for an empty one.
  package static func median(_ sample: [Double]) -> Double? {
    quantile(0.5, of: sample)
  }
}
