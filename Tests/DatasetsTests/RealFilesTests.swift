import Datasets
import Foundation
import TestSupport
import Testing

/// MNIST and Adult through the repository's own definitions. The expected numbers were computed from
/// the same files with numpy.
@Suite struct RealFilesTests {
  private func dataset(_ name: String) throws -> any Dataset {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    return try DatasetCatalog(
      repository: repository, environment: ProcessInfo.processInfo.environment
    ).dataset(name)
  }

  private func counts<Value: Hashable>(_ values: [Value]?) -> [Value: Int] {
    Dictionary(grouping: values ?? []) { $0 }.mapValues(\.count)
  }

  @Test(
    .enabled(if: RealData.folder("mnist") != nil, Comment(rawValue: RealData.absence("mnist"))))
  func `MNIST's digits are counted and summed as numpy does`() throws {
    let mnist = try dataset("mnist")
    let scored = try mnist.load(.evaluate, count: 10_000)
    let digits = (0..<10).map { digit in scored.labels.count { $0 == digit } }
    #expect(digits == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    #expect(scored.inputs.reduce(0) { $0 + Int(($1 * 255).rounded()) } == 264_923_200)
    #expect(scored.slices["digit"] == scored.labels.map(String.init))
    let calibration = try mnist.load(.calibrate, count: 512)
    try proveDisjoint(calibration: calibration, evaluation: scored, dataset: "mnist")
    #expect(try mnist.load(.train, count: 9488).labels.prefix(5) == [5, 0, 4, 1, 9])
  }

  @Test(
    .enabled(
      if: RealData.folder("tinystories") != nil && RealData.folder("stories260K") != nil,
      Comment(rawValue: RealData.absence("tinystories"))))
  func `TinyStories' parts are disjoint windows of whole stories' beginnings`() throws {
    let stories = try dataset("tinystories")
    #expect(stories.target == .nextToken(vocabulary: 512))
    let scored = try stories.load(.evaluate, count: 60)
    #expect((0..<60).allSatisfy { scored.inputs[256 * $0] == 1 })
    #expect(counts(scored.slices["length"]).keys.sorted() == ["long", "medium", "short"])
    let calibration = try stories.load(.calibrate, count: 16)
    try proveDisjoint(calibration: calibration, evaluation: scored, dataset: "tinystories")
  }

  @Test(
    .enabled(if: RealData.folder("adult") != nil, Comment(rawValue: RealData.absence("adult"))))
  func `Adult's groups are counted and its features scaled as numpy does`() throws {
    let adult = try dataset("adult")
    let scored = try adult.load(.evaluate, count: 16_281)
    #expect(counts(scored.labels) == [0: 12_435, 1: 3_846])
    #expect(counts(scored.slices["sex"]) == ["Female": 5_421, "Male": 10_860])
    #expect(
      counts(scored.slices["race"]) == [
        "White": 13_946, "Black": 1_561, "Asian-Pac-Islander": 480, "Amer-Indian-Eskimo": 159,
        "Other": 135,
      ])
    #expect((scored.inputs[0] - -0.9943867325782776).magnitude < 1e-6)
    #expect((scored.inputs[25] - -1.19684898853302).magnitude < 1e-6)
    // 210 of the 2,048 calibration records equal a scored one.
    let calibration = try adult.load(.calibrate, count: 1838)
    try proveDisjoint(calibration: calibration, evaluation: scored, dataset: "adult")
    #expect(
      throws: DatasetError.tooFew(
        dataset: "adult", split: .calibrate, expected: 1839, found: 1838)
    ) {
      try adult.load(.calibrate, count: 1839)
    }
  }
}
