import Checkpoints

/// How one of ONNX's operators is imported.
///
/// A new operator is one entry in a table of `Operators/`.
struct ONNXOperator: Sendable {
  typealias Importer =
    @Sendable (inout ONNXImporter) throws(CheckpointError) -> [ImportedValue]

  /// The name, with the domain where it is not the default one.
  let name: String
  /// Makes the values of the results, first to last.
  let importer: Importer

  init(_ name: String, _ importer: @escaping Importer) {
    self.name = name
    self.importer = importer
  }

  /// Every operator.
  static let all: [ONNXOperator] =
    constants + elements + logic + movement + selection + places + windows + pooling + products
    + einsum + reductions + normalizations + recurrences + attention + resizing + quantization

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The operator called `name` in a version of the default operator set, or `nil`. Those of other domains do not
  /// depend on it.
  static func named(_ name: String, opset: Int) -> ONNXOperator? {
    opset >= 11 || name.contains(".") || unchanged.contains(name) ? byName[name] : nil
  }

  /// Operators that mean the same from opset 7, or from where they begin, to 11. The others had settings then that
  /// are operands now, or other defaults.
  private static let unchanged: Set<String> = [
    "And", "Or", "Xor", "Not", "Add", "Sub", "Mul", "Div", "Relu", "Sigmoid", "Tanh", "Exp", "Log",
    "Sqrt", "Reciprocal", "Abs", "Neg", "Floor", "Ceil", "Sin", "Cos", "Erf", "Sign", "IsNaN",
    "IsInf", "Where", "Identity", "Transpose", "Shape", "Size", "MatMul", "Conv",
    "GlobalAveragePool", "GlobalMaxPool", "QuantizeLinear", "DequantizeLinear", "QLinearConv",
    "QLinearMatMul", "ConvInteger", "MatMulInteger",
  ]

  /// Operators whose first operand is an image, channels first.
  static let readsImages: Set<String> = [
    "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
    "QLinearConv", "ConvInteger",
  ]
  /// Operators that keep the order of elements, so that what reads their result decides.
  static let keepsOrder: Set<String> = [
    "QuantizeLinear", "DequantizeLinear", "Identity", "Cast", "BatchNormalization", "Sub", "Mul",
    "Div", "Add", "Pad", "Relu", "Clip",
  ]
}
