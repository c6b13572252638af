import Architectures
import Foundation
import Testing

/// Real models, as they are and quantized by onnxruntime, against what onnxruntime computes; `Goldens/onnx_models.py` makes the
/// folder.
struct ONNXModelTests {
  private static let variable = "QUANTGATE_ONNX_MODELS"
  private static let absence = "\(variable) does not lead to the folder that onnx_models.py makes"

  /// Sums of fp32 are taken in another order.
  private static let floatLimit = 1e-5
  /// A sum that is rounded the other way moves a code by one, which later layers make more of: what onnxruntime's
  /// own kinds of quantized models differ by from one another is several times as much.
  private static let integerLimit = 0.15

  @Test(.enabled(if: ONNXCases.folder(variable) != nil, Comment(rawValue: absence)))
  func `real and quantized models give what onnxruntime gives`() throws {
    var names: [String] = []
    for folder in try ONNXCases.folders(in: #require(ONNXCases.folder(Self.variable))) {
      let name = folder.lastPathComponent
      let (distance, integers, layers) = try NodeCase(folder).distance()
      let isFloat = !name.contains("-")
      #expect(distance <= (isFloat ? Self.floatLimit : Self.integerLimit), "\(name)")
      if name.hasPrefix("perceptron") { #expect(distance <= 1e-6, "\(name)") }
      // Transposed convolutions stay in fp32, as onnxruntime leaves them.
      #expect(isFloat ? integers == 0 : integers >= layers - 2, "\(name)")
      names.append(name)
    }
    #expect(names.contains { $0.hasSuffix("-dynamic") } && names.contains { $0.contains("-QDQ-") })
  }
}
