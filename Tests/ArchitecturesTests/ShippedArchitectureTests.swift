import Architectures
import Foundation
import Graphs
import Testing

@Suite struct ShippedArchitectureTests {
  /// The repository, above this file.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  static let folder = "Scenarios/architectures"
  static let shipped = ["convnet-glyphs", "mlp-applicants", "mobilenet-glyphs"]

  @Test func `every architecture file is valid, and trained or generated`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/\(Self.folder)")
    #expect(files.count >= 5)
    for file in files {
      let architecture = try Architecture(file: "\(Self.folder)/\(file)", root: Self.root)
      #expect((architecture.training == nil) == (architecture.weightsFile == nil), "\(file)")
      #expect(!architecture.summary.isEmpty, "\(file)")
    }
  }

  /// With the running means and variances that their authors do not count as parameters: 2 × 17,056 and
  /// 2 × 26,560.
  @Test(arguments: [
    ("llama-1b-shape", 1_100_048_384), ("mobilenet-v2-shape", 3_504_872 + 34_112),
    ("resnet50-shape", 25_557_032 + 53_120),
  ])
  func `shapes have the published size`(name: String, parameters: Int) throws {
    let architecture = try Architecture(file: "\(Self.folder)/\(name).yaml", root: Self.root)
    #expect(architecture.graph.parameterCount == parameters)
  }

  @Test(arguments: shipped)
  func `shipped weights fit their architecture`(name: String) throws {
    let architecture = try Architecture(file: "\(Self.folder)/\(name).yaml", root: Self.root)
    let weights = try architecture.weights(root: Self.root)
    #expect(weights.tensors.count == architecture.graph.parameters.count)
  }
}
