import CKernels
import Graphs

/// An element-wise function.
///
/// Each is `x · s(x)` for a sigmoid-like `s`, which the gradient gets back as `y / x`:
/// - SiLU: `dy = s + y · (1 − s)`;
/// - GELU by tanh: `dy = s + y · (1 − s) · 2√(2/π) · (1 + 3 · 0.044715 x²)`;
/// - GELU: `dy = s + x · exp(−x² / 2) / √(2π)`, where `exp(t) = −t / silu(−t) − 1` for `t = x² / 2`, from
///   the kernel of SiLU.
struct FunctionOperation: DifferentiableOperation {
  private let function: ElementFunction

  /// `nil` where training knows no gradient.
  init?(function: ElementFunction) {
    switch function {
    case .silu, .gelu, .geluTanh: self.function = function
    case .sigmoid, .tanh, .hardSigmoid, .hardSwish, .elu, .leakyRelu: return nil
    }
  }

  /// 2√(2/π).
  private static let slope: Float = 1.595_769_1
  private static let cubic: Float = 3 * 0.044715
  /// 1 / √(2π).
  private static let density: Float = 0.398_942_28

  func scratchCount(_ extent: NodeExtent) -> Int {
    function == .gelu ? 2 * extent.batch * extent.result.elementCount : 0
  }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    let x = step.operands[0]
    switch function {
    case .silu: step.kernels.silu_f32(x, step.count, step.result)
    case .gelu: step.kernels.gelu_f32(x, step.count, QG_GELU_ERF, step.result)
    case .geluTanh: step.kernels.gelu_f32(x, step.count, QG_GELU_TANH, step.result)
    default: preconditionFailure("refused at the beginning")
    }
  }

  func backward(_ step: NodeStep) {
    guard let dx = step.operandGradients[0] else { return }
    let (x, y, dy) = (step.operands[0], step.result, step.gradient)
    switch function {
    case .silu:
      for index in 0..<step.count {
        let share = Self.share(y[index], of: x[index])
        dx[index] += dy[index] * (share + y[index] * (1 - share))
      }
    case .geluTanh:
      for index in 0..<step.count {
        let share = Self.share(y[index], of: x[index])
        let inner = Self.slope * (1 + Self.cubic * (x[index] * x[index]))
        dx[index] += dy[index] * (share + y[index] * (1 - share) * inner)
      }
    case .gelu:
      let halves = step.scratch
      let silu = halves + step.count
      for index in 0..<step.count { halves[index] = -0.5 * (x[index] * x[index]) }
      step.kernels.silu_f32(halves, step.count, silu)
      for index in 0..<step.count {
        let share = Self.share(y[index], of: x[index])
        let power = halves[index] / silu[index] - 1
        let density = Self.density / (halves[index] == 0 ? 1 : power)
        dx[index] += dy[index] * (share + x[index] * density)
      }
    default: preconditionFailure("refused at the beginning")
    }
  }

  /// `y / x`, which is ½ at 0.
  @inline(__always)
  static func share(_ y: Float, of x: Float) -> Float {
    let quotient = y / x
    return x == 0 ? 0.5 : quotient
  }
}

/// `silu(a) · b`; `da = dy · b · silu′(a)`, `db = dy · silu(a)`.
struct GatedSiluOperation: DifferentiableOperation {
  func scratchCount(_ extent: NodeExtent) -> Int { extent.batch * extent.result.elementCount }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    step.kernels.silu_times_f32(step.operands[0], step.operands[1], step.count, step.result)
  }

  func backward(_ step: NodeStep) {
    let (gate, up, dy) = (step.operands[0], step.operands[1], step.gradient)
    let silu = step.scratch
    step.kernels.silu_f32(gate, step.count, silu)
    if let gateGradient = step.operandGradients[0] {
      for index in 0..<step.count {
        let share = FunctionOperation.share(silu[index], of: gate[index])
        let slope = share + silu[index] * (1 - share)
        gateGradient[index] += dy[index] * up[index] * slope
      }
    }
    if let upGradient = step.operandGradients[1] {
      for index in 0..<step.count { upGradient[index] += dy[index] * silu[index] }
    }
  }
}
