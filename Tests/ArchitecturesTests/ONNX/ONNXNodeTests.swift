import Architectures
import Checkpoints
import Foundation
import Testing

/// The standard's own input and output pairs of single operators, from the PyPI package `onnx` 1.22.0:
/// `onnx/backend/test/data/node` of its wheel.
///
/// `Goldens/onnx-node-tests.tsv` lists how every one ends: `pass`, or why it is refused. None may differ. The test
/// rewrites the list where `QUANTGATE_ONNX_NODE_TABLE` names a file.
struct ONNXNodeTests {
  private static let variable = "QUANTGATE_ONNX_NODE_TESTS"
  private static let absence = "\(variable) does not lead to the folder of node tests"

  @Test(.enabled(if: ONNXCases.folder(variable) != nil, Comment(rawValue: absence)))
  func `every supported operator gives the standard's own results`() throws {
    var found: [String: String] = [:]
    for folder in try ONNXCases.folders(in: #require(ONNXCases.folder(Self.variable))) {
      let name = folder.lastPathComponent
      switch Self.outcome(of: folder) {
      case .passed: found[name] = "pass"
      case .refused(let reason): found[name] = reason
      case .differs(let what): Issue.record("\(name) differs: \(what)")
      }
    }
    if let path = ProcessInfo.processInfo.environment["QUANTGATE_ONNX_NODE_TABLE"] {
      let lines = found.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value)\n" }
      try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
    }
    let table = try #require(
      Bundle.module.url(
        forResource: "onnx-node-tests", withExtension: "tsv", subdirectory: "Goldens"))
    let lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
    let listed = Dictionary(
      uniqueKeysWithValues: lines.compactMap { line in
        let columns = line.split(separator: "\t", maxSplits: 1)
        return columns.count == 2 ? (String(columns[0]), String(columns[1])) : nil
      })
    for name in Set(found.keys).union(listed.keys).sorted() {
      #expect(found[name] == listed[name], "\(name)")
    }
    #expect(found.values.count { $0 == "pass" } > 1_000)
  }

  private static func outcome(of folder: URL) -> NodeOutcome {
    do {
      return try NodeCase(folder).outcome()
    } catch let error as CheckpointError {
      return .refused(NodeCase.reason(error))
    } catch {
      return .refused("\(error)")
    }
  }
}
