/// What one output vector says about its class.
public enum Prediction {
  /// The index of the largest element of `count` elements from `start` on.
  ///
  /// The lowest index wins among equals, and +0 equals −0. A NaN never wins; where all elements are NaN the
  /// answer is 0, so that it is the same on every machine (the record counts them as not finite).
  public static func argmax(_ outputs: Span<Float>, from start: Int, count: Int) -> Int {
    precondition(count > 0, "an output vector has elements")
    var best = 0
    var largest = Float.nan
    for index in 0..<count {
      let value = outputs[start + index]
      // True for the first number after NaNs, and for larger ones; false for a NaN.
      if value > largest || (largest.isNaN && !value.isNaN) {
        best = index
        largest = value
      }
    }
    return best
  }

  /// The index of the largest element; see ``argmax(_:from:count:)``.
  public static func argmax(_ outputs: [Float]) -> Int {
    argmax(outputs.span, from: 0, count: outputs.count)
  }
}
