/// The searches for a group's scale in Q6_K and Q3_K: value ≈ scale · code, errors weighted by value².
enum ScaleSearch {
  /// A group's scale, and its codes from −half up to half − 1.
  struct Fit {
    var scale: Float
    var codes: [Int]
  }

  /// Groups whose largest magnitude is below this are taken for zero.
  static let smallest: Float = 1e-15

  /// Least squares over 19 divisors: −(half + 0.1 · i) / extreme for i = 0, −9…−1, 1…9.
  ///
  /// - Returns: The best fit; `nil` where the group is taken for zero.
  static func overDivisors(_ values: Span<Float>, half: Int) -> Fit? {
    let extreme = GGUF.extreme(values)
    guard abs(extreme) >= smallest else { return nil }
    var codes = codes(values, -Float(half) / extreme, half)
    var sums = sums(values, codes)
    var scale = sums.squares != 0 ? sums.products / sums.squares : 0
    var best = scale * sums.products
    for step in -9...9 where step != 0 {
      let trial = Self.codes(values, -(Float(half) + 0.1 * Float(step)) / extreme, half)
      sums = Self.sums(values, trial)
      if sums.squares > 0, sums.products * sums.products > best * sums.squares {
        codes = trial
        scale = sums.products / sums.squares
        best = scale * sums.products
      }
    }
    return Fit(scale: scale, codes: codes)
  }

  /// Least squares from the divisor −half / extreme, then at most five passes that move one code at a
  /// time to where the others' scale puts it, when that lowers the error.
  ///
  /// - Returns: The fit; `nil` where the group is taken for zero.
  static func byCoordinates(_ values: Span<Float>, half: Int) -> Fit? {
    let extreme = GGUF.extreme(values)
    guard abs(extreme) >= smallest else { return nil }
    var codes = codes(values, -Float(half) / extreme, half)
    var sums = sums(values, codes)
    for _ in 0..<5 {
      var changed = false
      for index in values.indices {
        let value = values[index]
        let weight = value * value
        let code = Float(codes[index])
        var products = sums.products - weight * value * code
        guard products > 0 else { continue }
        var squares = sums.squares - weight * code * code
        let moved = GGUF.nearest(value * squares / products, in: -half...half - 1)
        guard moved != codes[index] else { continue }
        products += weight * value * Float(moved)
        squares += weight * Float(moved) * Float(moved)
        if squares > 0,
          products * products * sums.squares > sums.products * sums.products * squares
        {
          codes[index] = moved
          sums = (products, squares)
          changed = true
        }
      }
      if !changed { break }
    }
    return Fit(scale: sums.squares > 0 ? sums.products / sums.squares : 0, codes: codes)
  }

  private static func codes(_ values: Span<Float>, _ divisor: Float, _ half: Int) -> [Int] {
    values.indices.map { GGUF.nearest(divisor * values[$0], in: -half...half - 1) }
  }

  /// Σ w·x·code and Σ w·code², w = x².
  private static func sums(
    _ values: Span<Float>, _ codes: [Int]
  ) -> (products: Float, squares: Float) {
    var products = Float(0)
    var squares = Float(0)
    for index in values.indices {
      let weight = values[index] * values[index]
      let code = Float(codes[index])
      products += weight * values[index] * code
      squares += weight * code * code
    }
    return (products, squares)
  }
}
