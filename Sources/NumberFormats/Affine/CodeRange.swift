/// The integer codes of an affine format, `lower…upper`, and the rules that fit them to real numbers.
///
/// `code = clamp(round_half_even(x / scale) + zeroPoint, lower, upper)` with an fp32 division, and
/// `value = Float(code − zeroPoint) · scale`: ONNX QuantizeLinear and DequantizeLinear, opset 21.
public struct CodeRange: Hashable, Sendable {
  /// The smallest code.
  public let lower: Int32
  /// The largest code.
  public let upper: Int32

  /// Creates a range; `lower` must be even (0, −8, −128), or ties would round to odd steps.
  public init(lower: Int32, upper: Int32) {
    precondition(lower < upper && lower.isMultiple(of: 2), "not a code range")
    self.lower = lower
    self.upper = upper
  }

  /// 0…255: how activations are stored.
  public static let uint8 = CodeRange(lower: 0, upper: 255)

  /// The code of 0 in symmetric use: 0 for signed codes, 128 for `uint8`.
  public var middle: Int32 { (lower + upper + 1) / 2 }

  /// The codes that symmetric use needs: as many below `middle` as above.
  public var narrow: ClosedRange<Int32> { 2 * middle - upper...upper }

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
    return symmetric
      ? symmetricParameters(magnitude: max(-low, high))
      : asymmetricParameters(low: min(low, 0), high: max(high, 0))
  }

  private func symmetricParameters(magnitude: Float) -> AffineParameters {
    guard magnitude > 0 else { return AffineParameters(scale: 1, zeroPoint: middle) }
    let scale = max(magnitude / Float(upper - middle), .leastNormalMagnitude)
    return AffineParameters(scale: scale, zeroPoint: middle)
  }

  private func asymmetricParameters(low: Float, high: Float) -> AffineParameters {
    guard high > low else { return AffineParameters(scale: 1, zeroPoint: lower) }
    let steps = Float(upper - lower)
    let width = high - low
    // The width of a range may overflow where its ends do not.
    let step = width.isFinite ? width / steps : high / steps - low / steps
    let scale = max(step, .leastNormalMagnitude)
    let shift = (-low / scale).rounded(.toNearestOrEven)
    let zeroPoint = lower + Int32(min(shift, steps))
    return AffineParameters(scale: scale, zeroPoint: zeroPoint)
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
