import Architectures
import Checkpoints
import Foundation
import Graphs
import TestSupport
import Testing

/// Real models, as they are and quantized, against what onnxruntime computes; `models.py` makes the folder.
struct ONNXModelTests {
  private static let variable = "QUANTGATE_ONNX_MODELS"
  private static let absence = "\(variable) does not lead to the folder that models.py makes"

  @Test(.enabled(if: ONNXCases.folder(variable) != nil, Comment(rawValue: absence)))
  func `real and quantized models give what onnxruntime gives`() throws {
    var lines = ""
    for folder in try ONNXCases.folders(in: #require(ONNXCases.folder(Self.variable))) {
      let name = folder.lastPathComponent
      do {
      let one = try NodeCase(folder)
      if one.outputs.count > 1 { for o in one.outputs.indices { let d = try one.distance(o); lines += "\(o) \(one.graph.outputs[o].name) \(d)\n" } }
      let (distance, integers, count) = try NodeCase(folder).distance()
      lines += "\(name) \(distance) \(integers) of \(count)\n"
      } catch { lines += "\(name) ERROR \(error)\n" }
    }
    try lines.write(toFile: "/tmp/models.txt", atomically: true, encoding: .utf8)
  }
}
