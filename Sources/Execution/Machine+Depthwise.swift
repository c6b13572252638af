import CKernels

extension Machine {
  /// The team splits output rows of images.
  func depthwise(_ step: DepthwiseFloat, _ share: Share) {
    forEachRows(of: step.window, share) { window, example in
      var arguments = qg_depthwise_f32_args(
        window: window, in: floats(step.source) + example * window.inputCount,
        weights: step.weights, bias: step.bias,
        out: floats(step.result) + example * window.outputCount, bounds: step.bounds)
      kernels.depthwise_f32(&arguments)
    }
  }

  /// The team splits output rows of images.
  func depthwise(_ step: DepthwiseInteger, _ share: Share) {
    forEachRows(of: step.window, share) { window, example in
      guard let affine = affine(of: step.affine, example: example) else { return }
      let result =
        addresses[step.result] + example * window.outputCount * step.form.elementSize
      var arguments = qg_depthwise_u8s8_args(
        window: window, in: codes(step.source) + example * window.inputCount,
        in_affine: affine.pointee, weights: step.weights, weight_zero: step.zeros,
        weight_scale: step.scales, bias: step.bias,
        output: step.form.destination(result, column: 0, stride: window.channels),
        bounds: step.bounds)
      kernels.depthwise_u8s8(&arguments)
    }
  }
}
