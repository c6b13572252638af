import CMath
import Graphs

/// The formulas of the element functions, one rounding an operation, from their contract.
struct ReferenceFunction {
  let function: ElementFunction

  init(_ function: ElementFunction) { self.function = function }

  /// The value at `x`.
  func value(_ x: Float) -> Float {
    switch function {
    case .gelu: preconditionFailure("no reference for the bits of gelu")
    case .geluTanh: x / (1 + cm_expf(-0x1.988454p+0 * x.addingProduct(0.044715 * x, x * x)))
    case .silu: x / (1 + cm_expf(-x))
    case .sigmoid: Self.sigmoid(x)
    case .tanh: Self.tanh(x)
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .elu(let alpha): x > 0 ? x : alpha * (cm_expf(x) - 1)
    case .leakyRelu(let slope): x < 0 ? x * slope : x
    }
  }

  static func sigmoid(_ x: Float) -> Float { 1 / (1 + cm_expf(-x)) }

  static func tanh(_ x: Float) -> Float {
    let size = abs(x)
    guard size < 0.625 else {
      let value = 1 - 2 / (cm_expf(size + size) + 1)
      return x < 0 ? -value : value
    }
    let square = x * x
    let coefficients: [Float] = [
      0x1.58048ep-6, -0x1.b9258ap-5, 0x1.110e1cp-3, -0x1.555552p-2,
    ]
    let polynomial = coefficients.reduce(Float(-0x1.8f8de4p-8)) { $1.addingProduct($0, square) }
    return x.addingProduct(x * square, polynomial)
  }

  /// The mathematical function in double precision.
  func exact(_ x: Double) -> Double {
    switch function {
    case .gelu: x * 0.5 * (1 + cm_erf(x * 0.5.squareRoot()))
    case .geluTanh:
      0.5 * x * (1 + cm_tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu: x / (1 + cm_exp(-x))
    case .sigmoid: 1 / (1 + cm_exp(-x))
    case .tanh: cm_tanh(x)
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .elu(let alpha): x > 0 ? x : Double(alpha) * (cm_exp(x) - 1)
    case .leakyRelu(let slope): x < 0 ? x * Double(slope) : x
    }
  }
}
