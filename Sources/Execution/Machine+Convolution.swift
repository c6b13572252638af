import CKernels

extension Machine {
  /// Reads images where they lie. The team splits output rows of images.
  func directConvolution(_ product: Product, _ whole: qg_window, _ share: Share) {
    let resultCount = whole.out_height * whole.out_width * product.outputs
    forEachRows(of: whole, share) { window, example in
      let source =
        UnsafeRawPointer(addresses[product.operand])
        + example * window.inputCount * product.operandSize
      let result = addresses[product.result] + example * resultCount * product.form.elementSize
      switch product.matrix {
      case .float32(let panels):
        var arguments = qg_convolution_f32_args(
          window: window, in: source.assumingMemoryBound(to: Float.self),
          outputs: product.outputs, panels: panels, bias: product.bias,
          out: result.assumingMemoryBound(to: Float.self), out_stride: product.outputs,
          bounds: product.bounds)
        kernels.convolution_f32(&arguments)
      case .int8(let panels, let scaling):
        guard let affine = affine(of: product.affine, example: example) else { return }
        var arguments = qg_convolution_u8s8_args(
          window: window, in: source.assumingMemoryBound(to: UInt8.self),
          in_affine: affine.pointee, outputs: product.outputs, panels: panels,
          weight_sums: scaling.sums, weight_zero: scaling.zeros, weight_scale: scaling.scales,
          bias: product.bias,
          output: product.form.destination(result, column: 0, stride: product.outputs),
          bounds: product.bounds)
        kernels.convolution_u8s8(&arguments)
      case .bfloat16, .int8Groups, .int4, .blocks:
        preconditionFailure("the compiler gives these patches")
      }
    }
  }
}
