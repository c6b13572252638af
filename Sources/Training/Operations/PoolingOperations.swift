import CKernels
import Graphs

/// The largest value of each window; the gradient goes to the first position, row-major, that holds it.
struct MaxPoolingOperation: DifferentiableOperation {
  let window: Window

  func scratchCount(_ extent: NodeExtent) -> Int { extent.result.channels }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    var arguments = WindowGeometry(
      window: window, operand: step.operandShapes[0], result: step.shape
    ).arguments
    for example in 0..<step.batch {
      step.kernels.max_pool_f32(
        &arguments, step.operands[0] + example * step.operandSize,
        step.result + example * step.size)
    }
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    let geometry = WindowGeometry(
      window: window, operand: step.operandShapes[0], result: step.shape)
    for example in 0..<step.batch {
      let image = step.operands[0] + example * step.operandSize
      let imageGradient = operandGradient + example * step.operandSize
      var output = example * step.size
      for y in 0..<geometry.outHeight {
        for x in 0..<geometry.outWidth {
          step.scratch.update(from: step.gradient + output, count: geometry.channels)
          route(
            step.scratch, of: step.result + output, geometry, y: y, x: x, image: image,
            into: imageGradient)
          output += geometry.channels
        }
      }
    }
  }

  /// Hands the gradients of one position, channel by channel, to the first tap that holds the value;
  /// what was handed out becomes 0.
  private func route(
    _ gradients: Floats, of values: Floats, _ geometry: WindowGeometry, y: Int, x: Int,
    image: Floats, into imageGradient: Floats
  ) {
    let columns = geometry.columns(at: x)
    for ky in geometry.rows(at: y) {
      for kx in columns {
        let place = geometry.offset(y: y, x: x, ky: ky, kx: kx)
        for channel in 0..<geometry.channels {
          let gradient = gradients[channel]
          let holds = image[place + channel] == values[channel]
          imageGradient[place + channel] += holds ? gradient : 0
          gradients[channel] = holds ? 0 : gradient
        }
      }
    }
  }
}

/// The mean of each window over the positions inside the image.
struct AveragePoolingOperation: DifferentiableOperation {
  let window: Window

  func forward(_ step: NodeStep, _ mode: PassMode) {
    var arguments = WindowGeometry(
      window: window, operand: step.operandShapes[0], result: step.shape
    ).arguments
    for example in 0..<step.batch {
      step.kernels.average_pool_f32(
        &arguments, step.operands[0] + example * step.operandSize,
        step.result + example * step.size)
    }
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    let geometry = WindowGeometry(
      window: window, operand: step.operandShapes[0], result: step.shape)
    for example in 0..<step.batch {
      let imageGradient = operandGradient + example * step.operandSize
      var gradient = step.gradient + example * step.size
      for y in 0..<geometry.outHeight {
        let rows = geometry.rows(at: y)
        for x in 0..<geometry.outWidth {
          let columns = geometry.columns(at: x)
          let share = 1 / Float(max(1, rows.count * columns.count))
          for ky in rows {
            for kx in columns {
              let place = geometry.offset(y: y, x: x, ky: ky, kx: kx)
              for channel in 0..<geometry.channels {
                imageGradient[place + channel] += gradient[channel] * share
              }
            }
          }
          gradient += geometry.channels
        }
      }
    }
  }
}

/// The mean over the whole image: a window as large as the image.
struct GlobalAveragePoolingOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) { whole(step).forward(reshaped(step), mode) }

  func backward(_ step: NodeStep) { whole(step).backward(reshaped(step)) }

  private func whole(_ step: NodeStep) -> AveragePoolingOperation {
    let extents = step.operandShapes[0].dimensions
    return AveragePoolingOperation(window: Window(height: extents[0], width: extents[1]))
  }

  /// The same step with the result as an image of one pixel.
  private func reshaped(_ step: NodeStep) -> NodeStep {
    NodeStep(
      batch: step.batch, tokens: step.tokens, kernels: step.kernels,
      operandShapes: step.operandShapes, shape: Shape([1, 1, step.shape.channels]),
      operands: step.operands, result: step.result,
      operandGradients: step.operandGradients, gradient: step.gradient,
      parameters: step.parameters, saved: step.saved, scratch: step.scratch)
  }
}
