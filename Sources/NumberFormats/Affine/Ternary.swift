extension AffineFormat {
  /// −1, 0 and 1 times a scale: symmetric, 2 bits a code in a checkpoint. (TQ1_0 and TQ2_0 are other
  /// encodings of the same values.)
  ///
  /// The threshold between 0 and ±1 is half the scale, which is the nearest code and, for a given scale,
  /// the least squared error. `ScaleChoice.leastSquares` thus minimises the objective that Ternary Weight
  /// Networks (Li, Zhang, Liu 2016, arXiv:1605.04711, equation 3) approximate with the threshold
  /// 0.7 · mean|x| and the scale mean(|x| beyond it).
  public static let ternary = AffineFormat(
    name: "ternary", bits: 2, codes: CodeRange(lower: -1, upper: 1),
    source: "Li, Zhang, Liu: Ternary Weight Networks, arXiv:1605.04711")
}
