import Foundation
import Results
import TestSupport
import Testing

/// The shipped scenarios over real images and real people: train, quantize, measure, per group.
@Suite(.serialized) struct RealDataTests {
  /// Trains what a scenario needs in a private repository and runs it with a small budget.
  private func measure(_ scenario: String, architecture: String) throws -> [String: QualityRecord] {
    let repository = try PrivateRepository(keeping: [scenario])
    let training = try repository.command.run(
      ["train", "Scenarios/architectures/\(architecture).yaml", "--quiet"])
    #expect(training.exitCode == 0, "\(training)")
    try repository.edit("Scenarios/\(scenario).yaml") {
      $0 = $0.replacingOccurrences(
        of: #"measure: .*"#,
        with: "measure: { budget: 1 s, processes: 3, warmup: { at_most: 0.05 s } }",
        options: .regularExpression)
    }
    let file = repository.file("results.json")
    let run = try repository.command.run(["run", scenario, "-o", file.path, "--quiet"])
    #expect(run.exitCode == 0, "\(run)")
    let results = try DocumentFile.read(RunResults.self, at: file)
    let cases = try #require(results.scenarios.first).cases
    var records: [String: QualityRecord] = [:]
    for result in cases {
      #expect(result.outcome == .completed, "\(result.id)")
      records[result.id.scheme] = result.quality
    }
    return records
  }

  /// Float is good enough, int8 per channel keeps it, and both smaller formats are smaller.
  private func expect(
    _ records: [String: QualityRecord], float least: Double, slices: [String: [String]]
  ) throws {
    let float = try #require(records["fp32"])
    let top1 = try #require(float.top1)
    #expect(top1 >= least)
    let int8 = try #require(records["int8-per-channel"])
    #expect(abs(try #require(int8.top1) - top1) <= 0.003)
    let int4 = try #require(records.first { $0.key.hasPrefix("int4") }).value
    #expect(int8.modelBytes * 3 < float.modelBytes)
    #expect(int4.modelBytes < int8.modelBytes)
    for record in records.values {
      #expect(record.nonFiniteOutputs == 0)
      for (key, values) in slices {
        let found = record.sliceAccuracies.filter { $0.key == key }
        #expect(found.map(\.value).sorted() == values.sorted())
        #expect(found.map(\.examples).reduce(0, +) == record.labels.values.count)
        #expect(found.allSatisfy { $0.accuracy > 0.5 })
      }
    }
  }

  @Test(
    .enabled(if: RealData.folder("mnist") != nil, Comment(rawValue: RealData.absence("mnist"))))
  func `MNIST keeps its accuracy in int8, digit by digit`() throws {
    let records = try measure("mnist", architecture: "convnet-mnist")
    try expect(records, float: 0.975, slices: ["digit": (0...9).map(String.init)])
  }

  @Test(
    .enabled(if: RealData.folder("adult") != nil, Comment(rawValue: RealData.absence("adult"))))
  func `Adult keeps its accuracy in int8, group by group`() throws {
    let records = try measure("adult", architecture: "mlp-adult")
    try expect(
      records, float: 0.845,
      slices: [
        "sex": ["Female", "Male"],
        "race": ["Amer-Indian-Eskimo", "Asian-Pac-Islander", "Black", "Other", "White"],
      ])
  }

  @Test func `without the data the cases are not run, and that is said`() throws {
    let repository = try PrivateRepository(keeping: ["adult"])
    let environment = ["QUANTGATE_REAL_DATA": ""]
    let outcome = try repository.command.run(
      ["check", "adult", "--quiet"], environment: environment)
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("NOT RUN  adult/mlp-adult/fp32"))
    #expect(outcome.output.contains("QUANTGATE_REAL_DATA"))
    let all = try repository.command.run(
      ["check", "adult", "--quiet", "--require-all"], environment: environment)
    #expect(all.exitCode == 7, "\(all)")
  }
}
