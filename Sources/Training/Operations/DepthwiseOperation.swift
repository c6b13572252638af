import CKernels
import Graphs

/// One filter per channel; `dW` and `dx` add in ascending order of example, position and tap, each
/// product rounded before it is added.
struct DepthwiseOperation: DifferentiableOperation {
  let window: Window

  func forward(_ step: NodeStep, _ mode: PassMode) {
    guard let weight = step.parameters[.weight] else { return }
    let geometry = WindowGeometry(
      window: window, operand: step.operandShapes[0], result: step.shape)
    for example in 0..<step.batch {
      var arguments = qg_depthwise_f32_args(
        window: geometry.arguments, in: step.operands[0] + example * step.operandSize,
        weights: weight.value, bias: step.parameters[.bias]?.value,
        out: step.result + example * step.size, bounds: .none)
      step.kernels.depthwise_f32(&arguments)
    }
  }

  func backward(_ step: NodeStep) {
    guard let weight = step.parameters[.weight] else { return }
    let geometry = WindowGeometry(
      window: window, operand: step.operandShapes[0], result: step.shape)
    for example in 0..<step.batch {
      let image = step.operands[0] + example * step.operandSize
      let gradient = step.gradient + example * step.size
      addWeightGradient(geometry, image, gradient, into: weight.gradient)
      if let operandGradient = step.operandGradients[0] {
        addImageGradient(
          geometry, weight.value, gradient, into: operandGradient + example * step.operandSize)
      }
    }
    if let bias = step.parameters[.bias] {
      accumulateColumnSums(
        step.gradient, rows: step.batch * geometry.positions, columns: geometry.channels,
        into: bias.gradient)
    }
  }

  private func addWeightGradient(
    _ geometry: WindowGeometry, _ image: Floats, _ gradient: Floats, into weightGradient: Floats
  ) {
    forEachTap(geometry) { output, input, tap in
      multiplyAccumulate(
        gradient + output, image + input, count: geometry.channels,
        into: weightGradient + tap * geometry.channels)
    }
  }

  private func addImageGradient(
    _ geometry: WindowGeometry, _ weight: Floats, _ gradient: Floats, into imageGradient: Floats
  ) {
    forEachTap(geometry) { output, input, tap in
      multiplyAccumulate(
        gradient + output, weight + tap * geometry.channels, count: geometry.channels,
        into: imageGradient + input)
    }
  }

  /// Calls `body` with the offsets of output and input and the tap, for every tap inside the image.
  @inline(__always)
  private func forEachTap(_ geometry: WindowGeometry, _ body: (Int, Int, Int) -> Void) {
    for y in 0..<geometry.outHeight {
      let rows = geometry.rows(at: y)
      for x in 0..<geometry.outWidth {
        let columns = geometry.columns(at: x)
        let output = (y * geometry.outWidth + x) * geometry.channels
        for ky in rows {
          for kx in columns {
            let input = geometry.offset(y: y, x: x, ky: ky, kx: kx)
            body(output, input, ky * window.width + kx)
          }
        }
      }
    }
  }
}

/// `target[i] += first[i] * second[i]`, rounded twice.
@inline(__always)
private func multiplyAccumulate(
  _ first: Floats, _ second: Floats, count: Int, into target: Floats
) {
  for index in 0..<count { target[index] += first[index] * second[index] }
}
