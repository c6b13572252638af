/// Numbers in −1…1 that codes stand for, as bitsandbytes lists them.
public struct Codebook: Hashable, Sendable {
  /// What each code stands for.
  public let values: [Float]
  /// Codes by ascending value; of equal values the lower code comes first.
  private let order: [UInt8]
  /// The middle of each pair of neighbours in `order`, rounded to fp32.
  private let middles: [Float]

  /// Creates a codebook of at most 256 finite numbers.
  init(values: [Float]) {
    precondition((1...256).contains(values.count), "codes are bytes")
    self.values = values
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    self.order = order.map { UInt8($0) }
    middles = zip(order, order.dropFirst()).map { (values[$0] + values[$1]) * 0.5 }
  }

  /// The code nearest to a number that is not NaN; in the middle of two, the one of the lower value.
  public func code(of value: Float) -> UInt8 {
    var low = 0
    var high = middles.count
    while low < high {
      let middle = (low + high) / 2
      if value > middles[middle] { low = middle + 1 } else { high = middle }
    }
    return order[low]
  }

  /// Half the widest gap between neighbours in −1…1, the ends of that range included.
  public var widestHalfGap: Float {
    let sorted = order.map { values[Int($0)] }
    let inner = zip(sorted, sorted.dropFirst()).map { ($1 - $0) / 2 }
    let ends = [1 - (sorted.last ?? 0), (sorted.first ?? 0) + 1]
    return (inner + ends).reduce(0, max)
  }

  /// NF4: the quantiles of a normal distribution, with an exact zero.
  public static let nf4 = Codebook(
    values: [
      -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
      -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
      0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
      0.7229568362236023, 1,
    ])

  /// bitsandbytes' FP4, which is not e2m1: a sign and 0, 1/192, 2/3, 1, 1/3, 1/2, 1/6, 1/4. Codes 0 and 8 are both
  /// zero; small positive numbers take 8, as they do there.
  public static let bitsandbytesFP4: Codebook = {
    let magnitudes: [Float] = [
      0, 0.005208333333, 0.66666667, 1, 0.33333333, 0.5, 0.16666667, 0.25,
    ]
    // 0 − 0 is plain zero, where −0 would be a negative one.
    return Codebook(values: magnitudes + magnitudes.map { 0 - $0 })
  }()

  /// The signed 8-bit numbers of bitsandbytes' nested scales: seven decades, each with twice as many steps as the one
  /// below it, and 0 and 1.
  public static let dynamic8: Codebook = {
    let decades: [Float] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
    var values: [Float] = [0, 1]
    for (decade, unit) in decades.enumerated() {
      let steps = 1 << decade
      let step = (Float(1) - 0.1) / Float(steps)
      // Evenly spaced from 0.1 to 1, each from the nearer end with one rounding, as torch.linspace makes them.
      let edges = (0...steps).map { index in
        index < (steps + 1) / 2
          ? Float(0.1).addingProduct(step, Float(index))
          : Float(1).addingProduct(-step, Float(steps - index))
      }
      for (low, high) in zip(edges, edges.dropFirst()) {
        let value = unit * ((low + high) / 2)
        values += [value, -value]
      }
    }
    return Codebook(values: values.sorted())
  }()
}
