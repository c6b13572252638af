public import Documents
public import Graphs

/// One entry of `layers:` before its operands are resolved.
public struct Layer: Sendable {
  /// Unique within the architecture; prefixes the names of its parameters.
  public let name: Located<String>
  /// What it computes.
  public let operation: Operation
  /// What is computed from the operand first, as a layer called `NAME.input`.
  var preparation: Operation?
  /// The layers it reads; empty stands for the layer before it.
  public let operands: [Located<String>]

  /// Declares the keys that every layer with one operand has.
  static func single(
    _ fields: Fields, _ operation: Operation?, after preparation: Operation? = nil
  ) -> Layer? {
    let name = fields.required("name", .name, nameMeaning)
    let operand = fields.optional(
      "from", Reader<String>.name.located,
      "The layer to read, 'input' for the input; else the one before.")
    guard let name, let operation else { return nil }
    return Layer(
      name: Located(name, at: fields.place(of: "name")), operation: operation,
      preparation: preparation, operands: operand.map { [$0] } ?? [])
  }

  /// Declares the name of a layer that lists its operands itself.
  static func joining(
    _ fields: Fields, _ operation: Operation, of operands: [Located<String>]?
  ) -> Layer? {
    let name = fields.required("name", .name, nameMeaning)
    guard let name, let operands else { return nil }
    return Layer(
      name: Located(name, at: fields.place(of: "name")), operation: operation, operands: operands)
  }

  private static let nameMeaning = "Unique name; parameters are called NAME.weight and so on."
}

/// The layers a family can allow. Keys of each: what its reader declares, and `name` and `from`.
extension Layer {
  /// `{ layer: linear, name: head, features: 10, bias: true }`
  static let linear = Reader<Layer>.record("linear", "Weighted sums of a vector.") { fields in
    let features = fields.required("features", .int(in: 1...65_535), "Results.")
    let bias = bias(fields)
    return single(fields, features.map { .linear(outFeatures: $0, hasBias: bias) })
  }

  /// `{ layer: batch_norm, name: norm1, epsilon: 1e-5 }`
  static let batchNormalization = Reader<Layer>.record(
    "batch_norm", "Normalizes each channel with stored statistics."
  ) { fields in
    let epsilon = fields.optional(
      "epsilon", .double(in: 1e-8...1), "Added to the variance.", default: 1e-5)
    return single(fields, .batchNormalization(epsilon: Float(epsilon)))
  }

  /// `{ layer: relu, name: relu1 }`
  static let relu = Reader<Layer>.record("relu", "The larger of x and 0.") { fields in
    single(fields, .activation(.relu))
  }

  /// `{ layer: relu6, name: relu1 }`
  static let relu6 = Reader<Layer>.record("relu6", "x held between 0 and 6.") { fields in
    single(fields, .activation(.relu6))
  }

  /// `{ layer: add, name: sum1, of: [relu1, norm2] }`
  static let add = Reader<Layer>.record("add", "The sum of two layers of equal shape.") { fields in
    let operands = fields.required(
      "of", .list(of: Reader<String>.name.located, count: 2...2), "What to add.")
    return joining(fields, .add, of: operands)
  }

  /// `{ layer: global_average_pool, name: pool }`
  static let globalAveragePooling = Reader<Layer>.record(
    "global_average_pool", "The mean of each channel over the whole image."
  ) { fields in
    single(fields, .globalAveragePooling)
  }

  /// `{ layer: flatten, name: flat }`
  static let flatten = Reader<Layer>.record("flatten", "The image as a vector.") { fields in
    single(fields, .flatten)
  }

  /// `{ layer: softmax, name: probabilities }`
  static let softmax = Reader<Layer>.record("softmax", "Logits to probabilities.") { fields in
    single(fields, .softmax)
  }

  /// Declares whether a bias is added.
  static func bias(_ fields: Fields) -> Bool {
    fields.optional("bias", .bool, "Whether a bias is added.", default: true)
  }
}
