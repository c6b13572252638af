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
    case .multiplyFloat, .multiplyCodes: multiply(step, share)
    case .apply(let each, let function):
      let part = elements(each, share)
      kernels.apply_f32(
        floats(each.source) + part.lowerBound, part.count, function,
        floats(each.result) + part.lowerBound)
    case .lookUp(let each, let table):
      let source = codes(each.source)
      let result = codes(each.result)
      for index in elements(each, share) { result[index] = table[Int(source[index])] }
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
    case .gelu(let each, let form):
      let part = elements(each, share)
      kernels.gelu_f32(
        floats(each.source) + part.lowerBound, part.count, form,
        floats(each.result) + part.lowerBound)
    case .silu(let each):
      let part = elements(each, share)
      kernels.silu_f32(
        floats(each.source) + part.lowerBound, part.count, floats(each.result) + part.lowerBound)
    case .siluTimes(let each, let other):
      let part = elements(each, share)
      kernels.silu_times_f32(
        floats(each.source) + part.lowerBound, floats(other) + part.lowerBound, part.count,
        floats(each.result) + part.lowerBound)
    case .normalize(let normalization): normalize(normalization, share)
    case .unitLength(let each):
      for row in share.part(of: share.examples) {
        unitLength(
          floats(each.source) + row * each.count, each.count,
          floats(each.result) + row * each.count)
      }
    default: break
    }
  }

  /// One call where operands are equally long, else one per pixel. The team splits elements, or pixels.
  private func multiply(_ step: Step, _ share: Share) {
    switch step {
    case .multiplyFloat(let each, let other, let bounds):
      forEachProduct(each, other, share) { first, second, count in
        kernels.multiply_f32(
          floats(each.source) + first, floats(other.buffer) + second, count, bounds,
          floats(each.result) + first)
      }
    case .multiplyCodes(let each, let other, let affine, let otherAffine, let bounds, let result):
      forEachProduct(each, other, share) { first, second, count in
        kernels.multiply_u8(
          codes(each.source) + first, affine, codes(other.buffer) + second, otherAffine, count,
          bounds, result, codes(each.result) + first)
      }
    default: break
    }
  }

  private func forEachProduct(
    _ each: Elementwise, _ factors: Factors, _ share: Share,
    _ body: (_ first: Int, _ second: Int, _ count: Int) -> Void
  ) {
    guard factors.count < each.count else {
      let part = elements(each, share)
      return body(part.lowerBound, part.lowerBound, part.count)
    }
    let pixels = each.count / factors.count
    for pixel in share.part(of: share.examples * pixels) {
      body(pixel * factors.count, pixel / pixels * factors.count, factors.count)
    }
  }

  private func normalize(_ step: VectorNormalization, _ share: Share) {
    let part = share.part(of: share.examples * step.parts)
    let offset = part.lowerBound * step.size
    var arguments = qg_norm_args(
      rows: part.count, count: step.size, x: floats(step.source) + offset, x_stride: step.size,
      epsilon: step.epsilon, weight: step.weight, bias: step.bias,
      out: floats(step.result) + offset, out_stride: step.size)
    switch step.kind {
    case .rms: kernels.rms_norm_f32(&arguments)
    case .layer: kernels.layer_norm_f32(&arguments)
    }
  }

  /// The squares are one chain of fused multiply-adds in ascending order.
  private func unitLength(
    _ source: UnsafePointer<Float>, _ count: Int, _ result: UnsafeMutablePointer<Float>
  ) {
    var squares: Float = 0
    for index in 0..<count { squares.addProduct(source[index], source[index]) }
    let length = max(squares.squareRoot(), 1e-12)
    for index in 0..<count { result[index] = source[index] / length }
  }

  private func elements(_ each: Elementwise, _ share: Share) -> Range<Int> {
    share.part(of: share.examples * each.count, unit: Self.elementUnit)
  }

  /// Quantizes this thread's rows, each with the range of its own elements.
  func quantizeDynamic(_ step: DynamicQuantization, _ share: Share) {
    let part = share.part(of: share.examples * step.parts)
    let first = part.lowerBound * step.count
    var arguments = qg_quantize_rows_args(
      rows: part.count, count: step.count, x: floats(step.source) + first, x_stride: step.count,
      symmetric: step.isSymmetric ? 1 : 0, affines: affines(step.affines) + part.lowerBound,
      codes: codes(step.codes) + first, codes_stride: step.count)
    kernels.quantize_rows_u8(&arguments)
  }
}

extension Machine {
  /// Decodes this thread's rows, each with its own parameters. A scale that is NaN makes all of it NaN.
  func dequantizeDynamic(_ step: DynamicDequantization, _ share: Share) {
    for row in share.part(of: share.examples * step.parts) {
      kernels.dequantize_u8(
        codes(step.codes) + row * step.count, step.count, affines(step.affines)[row],
        floats(step.result) + row * step.count)
    }
  }
}
