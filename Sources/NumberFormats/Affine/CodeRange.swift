/// The integer codes of an affine format, `lower…upper`, and the rules that fit them to real numbers.
///
/// `code = clamp(round_half_even(x / scale) + zeroPoint, lower, upper)` with an fp32 division, and
/// `value = Float(code − zeroPoint) · scale`: ONNX QuantizeLinear and DequantizeLinear, opset 21.
public struct CodeRange: Hashable, Sendable {
  /// The smallest code.
  public let lower: Int32
  /// The largest code.
  public let upper: Int32

  /// Creates a range. An asymmetric zero point lies a whole number of steps above `lower`, which must be
  /// even (0, −8, −128), or ties would round to odd codes; ranges of symmetric use (−7…7, −1…1) need not.
  public init(lower: Int32, upper: Int32) {
    precondition(
      lower < upper && (lower.isMultiple(of: 2) || (lower + upper).isMultiple(of: 2)),
      "not a code range")
    self.lower = lower
    self.upper = upper
  }

  /// 0…255: how activations are stored.
  public static let uint8 = CodeRange(lower: 0, upper: 255)

  /// The code of 0 in symmetric use: 0 for signed codes, 128 for `uint8`.
  public var middle: Int32 { (lower + upper + 1) / 2 }

  /// The codes that symmetric use needs: as many below `middle` as above.
  public var narrow: ClosedRange<Int32> { 2 * middle - upper...upper }

  /// `narrow` as a range of its own.
  public var narrowed: CodeRange { CodeRange(lower: narrow.lowerBound, upper: upper) }

  /// Parameters whose codes cover `low…high` and 0.
  ///
  /// - Symmetric: scale = max(|low|, |high|) / (upper − middle), zero point `middle`. The code beyond
  ///   the narrow range is given up, so that x and −x have opposite codes and the error bound holds on
  ///   both sides.
  /// - Asymmetric: the range is widened to hold 0, scale = (high − low) / (upper − lower), zero point =
  ///   lower + round_half_even(−low / scale), clamped to the range; so 0 is exactly representable.
  ///
  /// A range of only 0 has scale 1 and the zero point `middle` or `lower`. A scale below the smallest
  /// normal fp32 number is raised to it: a subnormal one has too few bits, and zero would divide by zero.
  ///
  /// - Parameters:
  ///   - low: The smallest value; finite.
  ///   - high: The largest value; finite, not below `low`.
  ///   - symmetric: Whether 0 is fixed in the middle.
  public func parameters(low: Float, high: Float, symmetric: Bool) -> AffineParameters {
    precondition(low.isFinite && high.isFinite && low <= high, "not a range")
    let codes = symmetric ? narrowed : self
    guard let step = codes.step(low: min(low, 0), high: max(high, 0), symmetric: symmetric) else {
      return codes.parametersOfZeros(symmetric: symmetric)
    }
    return codes.parameters(step: step, low: min(low, 0), symmetric: symmetric)
  }

  /// Parameters of a group of zeros.
  func parametersOfZeros(symmetric: Bool) -> AffineParameters {
    AffineParameters(scale: 1, zeroPoint: symmetric ? middle : lower)
  }

  /// The narrowest step with which every code together covers `low…high`, which holds 0; at least the
  /// smallest normal number. `nil` for a range of only 0.
  func step(low: Float, high: Float, symmetric: Bool) -> Float? {
    guard high > low else { return nil }
    guard !symmetric else {
      let step = max(-low / Float(middle - lower), high / Float(upper - middle))
      return max(step, .leastNormalMagnitude)
    }
    let steps = Float(upper - lower)
    let width = high - low
    // The width of a range may overflow where its ends do not.
    let step = width.isFinite ? width / steps : high / steps - low / steps
    return max(step, .leastNormalMagnitude)
  }

  /// Parameters with a given step; `low` is at most 0.
  func parameters(step: Float, low: Float, symmetric: Bool) -> AffineParameters {
    guard !symmetric else { return AffineParameters(scale: step, zeroPoint: middle) }
    let shift = (-low / step).rounded(.toNearestOrEven)
    let zeroPoint = lower + Int32(min(shift, Float(upper - lower)))
    return AffineParameters(scale: step, zeroPoint: zeroPoint)
  }

  /// The code of `value`, saturated to the range.
  ///
  /// - Parameters:
  ///   - value: Any number but NaN; infinities saturate.
  ///   - parameters: Scale and zero point.
  public func code(of value: Float, _ parameters: AffineParameters) -> Int32 {
    let steps = (value / parameters.scale).rounded(.toNearestOrEven)
    precondition(!steps.isNaN, "NaN has no code")
    let zero = parameters.zeroPoint
    return Int32(min(max(steps, Float(lower - zero)), Float(upper - zero))) + zero
  }
}

extension AffineParameters {
  /// The value a code stands for: `Float(code − zeroPoint) · scale`.
  public func value(of code: Int32) -> Float { Float(code - zeroPoint) * scale }
}
