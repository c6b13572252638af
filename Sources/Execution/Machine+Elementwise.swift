import CKernels
import Graphs

extension Machine {
  /// Executes the steps that treat every element, or every vector, alike.
  func elementwise(_ step: Step, _ share: Share) {
    switch step {
    case .copy(let each):
      let part = elements(each, share)
      (floats(each.result) + part.lowerBound)
        .update(from: floats(each.source) + part.lowerBound, count: part.count)
    case .quantize(let each, let affine):
      let part = elements(each, share)
      kernels.quantize_u8(
        floats(each.source) + part.lowerBound, part.count, affine,
        codes(each.result) + part.lowerBound)
    case .dequantize(let each, let affine):
      let part = elements(each, share)
      kernels.dequantize_u8(
        codes(each.source) + part.lowerBound, part.count, affine,
        floats(each.result) + part.lowerBound)
    case .addFloat(let each, let other, let bounds):
      let part = elements(each, share)
      kernels.add_f32(
        floats(each.source) + part.lowerBound, floats(other) + part.lowerBound, part.count, bounds,
        floats(each.result) + part.lowerBound)
    case .addCodes(let each, let other, let affine, let otherAffine, let bounds, let result):
      let part = elements(each, share)
      kernels.add_u8(
        codes(each.source) + part.lowerBound, affine, codes(other) + part.lowerBound, otherAffine,
        part.count, bounds, result, codes(each.result) + part.lowerBound)
    case .clampFloat(let each, let bounds):
      let part = elements(each, share)
      kernels.clamp_f32(
        floats(each.source) + part.lowerBound, part.count, bounds,
        floats(each.result) + part.lowerBound)
    case .clampCodes(let each, let lower, let upper):
      let part = elements(each, share)
      kernels.clamp_u8(
        codes(each.source) + part.lowerBound, part.count, lower, upper,
        codes(each.result) + part.lowerBound)
    case .softmax(let each):
      let part = share.part(of: share.examples)
      kernels.softmax_f32(
        floats(each.source) + part.lowerBound * each.count, part.count, each.count,
        floats(each.result) + part.lowerBound * each.count)
    default: break
    }
  }

  private func elements(_ each: Elementwise, _ share: Share) -> Range<Int> {
    share.part(of: share.examples * each.count, unit: Self.elementUnit)
  }

  /// Quantizes this thread's examples, each with the range of its own elements.
  func quantizeDynamic(_ step: DynamicQuantization, _ share: Share) {
    for example in share.part(of: share.examples) {
      let source = floats(step.source) + example * step.count
      let result = codes(step.codes) + example * step.count
      var minimum: Float = 0
      var maximum: Float = 0
      kernels.range_f32(source, step.count, &minimum, &maximum)
      let affine =
        step.isSymmetric
        ? DynamicRange.symmetricAffine(minimum: minimum, maximum: maximum)
        : DynamicRange.asymmetricAffine(minimum: minimum, maximum: maximum)
      affines(step.affines)[example] = affine
      if affine.scale.isNaN {
        // No code stands for NaN. A scale that is NaN makes every sum over the operand NaN, on every
        // instruction set alike, whatever the codes.
        result.update(repeating: 0, count: step.count)
      } else {
        kernels.quantize_u8(source, step.count, affine, result)
      }
    }
  }
}

extension Machine {
  /// Decodes this thread's examples, each with its own parameters. A scale that is NaN makes all of it NaN.
  func dequantizeDynamic(_ step: DynamicDequantization, _ share: Share) {
    for example in share.part(of: share.examples) {
      kernels.dequantize_u8(
        codes(step.codes) + example * step.count, step.count, affines(step.affines)[example],
        floats(step.result) + example * step.count)
    }
  }
}

extension DynamicRange {
  /// The parameters of `.symmetric` for a range; scale NaN when the range is not finite.
  static func symmetricAffine(minimum: Float, maximum: Float) -> qg_affine {
    let magnitude = max(-minimum, maximum)
    guard minimum.isFinite, maximum.isFinite else { return qg_affine(scale: .nan, zero_point: 0) }
    let scale = magnitude / 127
    // Also 1 where the quotient of a subnormal magnitude rounds to 0.
    return qg_affine(scale: scale > 0 ? scale : 1, zero_point: 128)
  }

  /// The parameters of `.asymmetric` for a range; scale NaN when the range, or its width, is not
  /// finite.
  static func asymmetricAffine(minimum: Float, maximum: Float) -> qg_affine {
    let lower = min(minimum, 0)
    let scale = (max(maximum, 0) - lower) / 255
    guard minimum.isFinite, maximum.isFinite, scale.isFinite else {
      return qg_affine(scale: .nan, zero_point: 0)
    }
    guard scale > 0 else { return qg_affine(scale: 1, zero_point: 0) }
    let zeroPoint = (-lower / scale).rounded(.toNearestOrEven)
    return qg_affine(scale: scale, zero_point: Int32(min(max(zeroPoint, 0), 255)))
  }
}
