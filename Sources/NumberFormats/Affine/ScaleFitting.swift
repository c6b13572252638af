/// A scale overflows the type that is to store it.
struct ScaleOverflow: Error, Hashable {
  /// The scale before it is rounded.
  let scale: Float
}

/// Chooses the scale and zero point of one group of finite values.
struct ScaleFitting {
  /// The codes in use.
  let codes: CodeRange
  let grouping: Grouping

  /// The parameters that the grouping's choice gives, with a scale as it is stored.
  func parameters(for values: Span<Float>) throws(ScaleOverflow) -> AffineParameters {
    let range = grouping.scaleChoice.range(of: values, symmetric: grouping.symmetric)
    let covering = try parameters(low: range.low, high: range.high)
    guard grouping.scaleChoice == .leastSquares, range.high > range.low else { return covering }
    return LeastSquaresSearch(fitting: self, low: range.low, high: range.high)
      .best(from: covering, for: values)
  }

  /// Parameters whose codes cover `low…high`, which holds 0.
  func parameters(low: Float, high: Float) throws(ScaleOverflow) -> AffineParameters {
    guard let step = codes.step(low: low, high: high, symmetric: grouping.symmetric) else {
      return codes.parametersOfZeros(symmetric: grouping.symmetric)
    }
    guard let scale = grouping.scaleType.stored(step) else { throw ScaleOverflow(scale: step) }
    return codes.parameters(step: scale, low: low, symmetric: grouping.symmetric)
  }

  /// Σ (x − decode(encode(x)))² in ascending order, in Double; abandoned once it reaches `limit`.
  func squaredError(
    of values: Span<Float>, _ affine: AffineParameters, below limit: Double
  ) -> Double {
    var sum = 0.0
    for index in values.indices {
      let value = affine.value(of: codes.code(of: values[index], affine))
      let difference = Double(values[index]) - Double(value)
      sum += difference * difference
      if sum >= limit { return sum }
    }
    return sum
  }
}
