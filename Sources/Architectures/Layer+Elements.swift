import Documents
import Graphs

/// Layers that treat every element alike.
extension Layer {
  /// `{ layer: multiply, name: scaled, of: [image, factors] }`
  static let multiply = Reader<Layer>.record(
    "multiply",
    "The product of two layers of equal shape, or of an image with one factor per channel."
  ) { fields in
    let operands = fields.required(
      "of", .list(of: Reader<String>.name.located, count: 2...2), "What to multiply.")
    return joining(fields, .multiply, of: operands)
  }

  /// `{ layer: gelu, name: act }`
  static let gelu = function(.gelu, "x · Φ(x).")
  /// `{ layer: gelu_tanh, name: act }`
  static let geluTanh = function(.geluTanh, "GELU by a hyperbolic tangent.")
  /// `{ layer: silu, name: act }`
  static let silu = function(.silu, "x / (1 + exp(−x)).")
  /// `{ layer: sigmoid, name: act }`
  static let sigmoid = function(.sigmoid, "1 / (1 + exp(−x)).")
  /// `{ layer: tanh, name: act }`
  static let tanh = function(.tanh, "The hyperbolic tangent.")
  /// `{ layer: hard_sigmoid, name: act }`
  static let hardSigmoid = function(.hardSigmoid, "x + 3 held between 0 and 6, over 6.")
  /// `{ layer: hard_swish, name: act }`
  static let hardSwish = function(.hardSwish, "x times its hard sigmoid.")

  /// `{ layer: elu, name: act, alpha: 1 }`
  static let elu = Reader<Layer>.record("elu", "alpha · (exp(x) − 1) below 0, else x.") { fields in
    let alpha = fields.optional(
      "alpha", .double(in: 1e-3...1e3), "Minus the limit far below 0.", default: 1)
    return single(fields, .function(.elu(alpha: Float(alpha))))
  }

  /// `{ layer: leaky_relu, name: act, slope: 0.01 }`
  static let leakyRelu = Reader<Layer>.record("leaky_relu", "slope · x below 0, else x.") {
    fields in
    let slope = fields.optional("slope", .double(in: 0...1), "The slope below 0.", default: 0.01)
    return single(fields, .function(.leakyRelu(slope: Float(slope))))
  }

  private static func function(
    _ function: ElementFunction, _ meaning: String
  ) -> Reader<Layer> {
    .record(function.name, meaning) { fields in single(fields, .function(function)) }
  }
}
