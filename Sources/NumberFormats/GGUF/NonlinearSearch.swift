/// IQ4's sixteen values, and the search for a group's scale over them: value ≈ scale · table[code], errors
/// weighted by value².
enum NonlinearSearch {
  /// What the codes stand for, in units of the scale.
  static let table: [Int8] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]

  /// Groups whose largest magnitude is below this are taken for zero.
  static let smallest: Float = 1e-15

  /// The number of trials on either side of the first value's scale.
  static let trials = 7

  /// The code whose value is nearest; midway, the higher.
  static func code(_ value: Float) -> UInt8 {
    guard value > Float(table[0]) else { return 0 }
    var code = 1
    while code < 15, value >= Float(table[code]) {
      code += 1
    }
    let below = value - Float(table[code - 1])
    return UInt8(below < Float(table[code]) - value ? code - 1 : code)
  }

  /// Least squares over 16 divisors: first the one that brings the extreme to −127, then those that
  /// bring it to −134…−120.
  ///
  /// - Returns: The best scale; 0 for a group taken for zero.
  static func scale(_ values: Span<Float>) -> Float {
    let extreme = GGUF.extreme(values)
    guard abs(extreme) >= smallest else { return 0 }
    let first = Float(table[0])
    var sums = sums(values, divisor: 1 / (-extreme / first))
    var scale = sums.squares > 0 ? sums.products / sums.squares : 0
    var best = scale * sums.products
    for trial in -trials...trials {
      sums = Self.sums(values, divisor: (Float(trial) + first) / extreme)
      if sums.squares > 0, sums.products * sums.products > best * sums.squares {
        scale = sums.products / sums.squares
        best = scale * sums.products
      }
    }
    return scale
  }

  /// Σ w·t·x and Σ w·t², w = x², t the table's value for x · divisor.
  private static func sums(
    _ values: Span<Float>, divisor: Float
  ) -> (products: Float, squares: Float) {
    var products = Float(0)
    var squares = Float(0)
    for index in values.indices {
      let entry = Float(table[Int(code(divisor * values[index]))])
      let weighted = values[index] * values[index] * entry
      products += weighted * values[index]
      squares += weighted * entry
    }
    return (products, squares)
  }

  /// The magnitude, an eighth for the gap in the table at zero (−10, 1), and the rounding of a tiny step to
  /// half precision.
  ///
  /// - Parameter largest: The largest multiple of the step that a value stands for.
  static func errorBound(scale: Float, largest: Float) -> Float {
    1.125 * GGUF.magnitude(scale: scale, bits: 4) + largest * GGUF.halfSpacing
  }
}
