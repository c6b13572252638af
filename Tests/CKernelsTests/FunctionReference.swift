import CKernels
import CMath

/// The functions of functions.h, one operation at a time.
enum FunctionReference {
  static let all = [QG_SIGMOID, QG_TANH, QG_HARD_SIGMOID, QG_HARD_SWISH, QG_ELU, QG_LEAKY_RELU]

  static func value(_ function: qg_function, _ x: Float) -> Float {
    if x.isNaN { return x }
    let held = min(max(x + 3, 0), 6)
    return switch function.kind {
    case QG_SIGMOID: sigmoid(x)
    case QG_TANH: tanh(x)
    case QG_HARD_SIGMOID: held / 6
    case QG_HARD_SWISH: x * held / 6
    case QG_ELU: x > 0 ? x : function.alpha * (cm_expf(x) - 1)
    default: x < 0 ? x * function.alpha : x
    }
  }

  static func exact(_ function: qg_function, _ x: Double) -> Double {
    let held = min(max(x + 3, 0), 6)
    return switch function.kind {
    case QG_SIGMOID: 1 / (1 + cm_exp(-x))
    case QG_TANH: cm_tanh(x)
    case QG_HARD_SIGMOID: held / 6
    case QG_HARD_SWISH: x * held / 6
    case QG_ELU: x > 0 ? x : Double(function.alpha) * (cm_exp(x) - 1)
    default: x < 0 ? x * Double(function.alpha) : x
    }
  }

  static func sigmoid(_ x: Float) -> Float { 1 / (1 + cm_expf(0 - x)) }

  static func tanh(_ x: Float) -> Float {
    if x.isNaN { return x }
    let size = abs(x)
    if size >= 0.625 {
      let value = 1 - 2 / (cm_expf(size + size) + 1)
      return x < 0 ? 0 - value : value
    }
    let square = x * x
    var sum: Float = -0x1.8f8de4p-8
    for next: Float in [0x1.58048ep-6, -0x1.b9258ap-5, 0x1.110e1cp-3, -0x1.555552p-2] {
      sum = next.addingProduct(sum, square)
    }
    return x.addingProduct(x * square, sum)
  }
}
