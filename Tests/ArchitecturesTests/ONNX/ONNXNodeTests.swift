import Architectures
import Checkpoints
import Execution
import Foundation
import Graphs
import Quantization
import TestSupport
import Testing

/// The standard's own input and output pairs of single operators, from the PyPI package `onnx`.
struct ONNXNodeTests {
  private static let variable = "QUANTGATE_ONNX_NODE_TESTS"
  private static let absence = "\(variable) does not lead to the folder of node tests"

  @Test(.enabled(if: ONNXCases.folder(variable) != nil, Comment(rawValue: absence)))
  func `every supported operator gives the standard's own results`() throws {
    let folders = try ONNXCases.folders(in: #require(ONNXCases.folder(Self.variable)))
    var lines: [String] = []
    for folder in folders {
      let outcome: NodeOutcome
      do {
        outcome = try NodeCase(folder).outcome()
      } catch {
        outcome = .refused("\(error)")
      }
      switch outcome {
      case .passed: lines.append("\(folder.lastPathComponent)\tpass")
      case .refused(let reason): lines.append("\(folder.lastPathComponent)\trefused\t\(reason)")
      case .differs(let what): lines.append("\(folder.lastPathComponent)\tDIFFERS\t\(what)")
      }
    }
    try lines.joined(separator: "\n").write(
      toFile: "/tmp/node-tests.txt", atomically: true, encoding: .utf8)
  }
}
