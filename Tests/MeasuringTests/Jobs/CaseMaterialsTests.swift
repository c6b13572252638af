import Architectures
import Datasets
import Digests
import Foundation
import Measuring
import Quantization
import TestSupport
import Testing

@Suite struct CaseMaterialsTests {
  /// Materials of a model with inputs `[4]` and three classes.
  static func materials(
    calibration: ExampleSet? = nil, evaluation: ExampleSet
  ) throws -> CaseMaterials {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      architecture: tiny
      family: mlp
      input: [4]
      layers:
        - { layer: linear, name: head, features: 3 }
      weights: ../models/tiny.safetensors
      """, to: "Scenarios/architectures/tiny.yaml")
    return CaseMaterials(
      planDigest: "plan-1",
      architecture: try Architecture(
        file: "Scenarios/architectures/tiny.yaml", root: folder.url.path),
      weightsPath: "unread", scheme: .float32, calibration: calibration, evaluation: evaluation)
  }

  static func set(shape: [Int] = [4], labels: [Int] = [0, 1, 2]) -> ExampleSet {
    ExampleSet(
      inputShape: shape,
      inputs: (0..<labels.count * shape.reduce(1, *)).map { Float($0) / 8 },
      labels: labels, slices: [:],
      exampleDigests: labels.indices.map { Digest(of: "example \($0)") })
  }

  @Test func `sets that fit the model are accepted`() throws {
    try Self.materials(evaluation: Self.set()).validate()
    try Self.materials(calibration: Self.set(), evaluation: Self.set()).validate()
  }

  @Test(arguments: [
    (set(labels: []), "expected at least one example, found none"),
    (set(shape: [5]), "expected inputs of shape [4], found [5]"),
    (set(shape: [2, 2]), "expected inputs of shape [4], found [2, 2]"),
    (set(labels: [0, 3]), "expected labels in 0..<3, found 3"),
    (set(labels: [-1]), "expected labels in 0..<3, found -1"),
  ])
  func `a set that does not fit is named with what was expected`(
    bad: ExampleSet, message: String
  ) throws {
    for (what, materials) in [
      ("evaluation", try Self.materials(calibration: Self.set(), evaluation: bad)),
      ("calibration", try Self.materials(calibration: bad, evaluation: Self.set())),
    ] {
      do {
        try materials.validate()
        Issue.record("\(what): expected an error")
      } catch {
        #expect(error.description == "\(what): \(message)")
      }
    }
  }
}
