import CKernels
import Graphs

/// The graph's input, which the caller fills.
struct InputOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) {}
  func backward(_ step: NodeStep) {}
}

/// Holds values within an activation's bounds; the gradient passes strictly between them.
struct ClampOperation: DifferentiableOperation {
  let activation: Activation

  func forward(_ step: NodeStep, _ mode: PassMode) {
    step.kernels.clamp_f32(step.operands[0], step.count, bounds, step.result)
  }

  var bounds: qg_bounds {
    qg_bounds(lower: activation.lowerBound, upper: activation.upperBound)
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    let (result, gradient) = (step.result, step.gradient)
    for index in 0..<step.count {
      operandGradient[index] += passed(gradient[index], at: result[index])
    }
  }

  /// Sets the gradient of a clamped result to 0 where the clamp held it.
  func mask(_ step: NodeStep) {
    let (result, gradient) = (step.result, step.gradient)
    for index in 0..<step.count {
      gradient[index] = passed(gradient[index], at: result[index])
    }
  }

  /// Two selections instead of one condition, so that the loops become vector code.
  @inline(__always)
  private func passed(_ gradient: Float, at value: Float) -> Float {
    let above = value > activation.lowerBound ? gradient : 0
    return value < activation.upperBound ? above : 0
  }
}

/// The sum of two operands.
struct AddOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) {
    step.kernels.add_f32(step.operands[0], step.operands[1], step.count, .none, step.result)
  }

  func backward(_ step: NodeStep) {
    for case let operandGradient? in step.operandGradients {
      accumulate(step.gradient, count: step.count, into: operandGradient)
    }
  }
}

/// An image as a vector; the storage is the same.
struct FlattenOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) {
    step.result.update(from: step.operands[0], count: step.count)
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    accumulate(step.gradient, count: step.count, into: operandGradient)
  }
}

/// Softmax in the middle of a graph: `dx = y · (dy − Σ dy · y)`. At the end the loss works on the logits.
struct SoftmaxOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) {
    step.kernels.softmax_f32(step.operands[0], step.batch, step.size, step.result)
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    for example in 0..<step.batch {
      let start = example * step.size
      var sum = 0.0
      for index in start..<start + step.size {
        sum += Double(step.gradient[index]) * Double(step.result[index])
      }
      for index in start..<start + step.size {
        operandGradient[index] += step.result[index] * (step.gradient[index] - Float(sum))
      }
    }
  }
}
