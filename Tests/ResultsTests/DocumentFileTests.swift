import Foundation
import Results
import TestSupport
import Testing

@Suite struct DocumentFileTests {
  func decode(_ text: String) -> Result<Baseline, ResultsError> {
    Result { () throws(ResultsError) in
      try DocumentFile.decode(Baseline.self, from: Data(text.utf8), file: "Baselines/vision.json")
    }
  }

  func text() throws -> String {
    String(decoding: try DocumentFile.encode(Fixture.baseline(), file: "b"), as: UTF8.self)
  }

  func message(_ text: String) -> String {
    if case .failure(let error) = decode(text) { error.description } else { "accepted" }
  }

  @Test func `a run, a baseline and a timing baseline come back as they were written`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("run.json")
    try DocumentFile.write(Fixture.run(), to: file)
    #expect(try DocumentFile.read(RunResults.self, at: file) == Fixture.run())
    let failed = CaseResult(
      id: Fixture.id("int8"),
      outcome: .failed(.crashed(signal: 11), phase: "steady", message: "signal 11"),
      quality: nil, memory: nil, timing: nil)
    let skipped = CaseResult(
      id: Fixture.id("int4"), outcome: .notRun(reason: "needs avx2"), quality: nil, memory: nil,
      timing: nil)
    let other = Fixture.run([failed, skipped], fault: "jitter")
    try DocumentFile.write(other, to: file)
    #expect(try DocumentFile.read(RunResults.self, at: file) == other)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("\"not_run\""))
    #expect(text.contains("\"signal\" : 11"))
    #expect(!text.contains("_0"))
  }

  @Test func `keys are sorted snake case, numbers shortest, one leaf a line, newline last`() throws
  {
    let text = try text()
    #expect(text.hasSuffix("}\n"))
    #expect(text.contains("\n        \"accuracy.top1\" : 0.8333333333333334,\n"))
    #expect(text.contains("\"output_digest\" : \"sha256:out\""))
    #expect(try text == self.text())
    let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.map(String.init)
    #expect(keys == keys.sorted())
  }

  @Test func `a truncated file is not JSON and the message says where`() throws {
    let cut = String(try text().prefix(200))
    #expect(message(cut).hasPrefix("Baselines/vision.json:"))
    #expect(message(cut).contains("not JSON: found the end of the file"))
    #expect(
      message("{\"schema_version\": 1,\n \"x\": ]}")
        == "Baselines/vision.json:2:7: not JSON: found ']' instead of a value")
    #expect(
      message("hello")
        == "Baselines/vision.json:1:1: not JSON: found 'h' instead of a value")
    #expect(message("").contains("1:1: not JSON: found the end of the file instead of a value"))
    #expect(message("{}x").contains("1:3: not JSON: found text after the end"))
    #expect(
      message("{\"a\": 1, \"a\": 2}").contains("1:10: not JSON: found the key 'a' a second time"))
    #expect(message(String(repeating: "[", count: 100_000)).contains("nesting deeper than 64"))
  }

  @Test func `cutting the file anywhere is an error and never a crash`() throws {
    let bytes = Array(try text().utf8)
    for length in stride(from: 0, to: bytes.count - 2, by: 7) {
      let result = decode(String(decoding: bytes.prefix(length), as: UTF8.self))
      #expect(throws: ResultsError.self, "length \(length)") { try result.get() }
    }
  }

  @Test func `a newer schema is refused before anything else is looked at`() {
    #expect(
      message("{\"schema_version\": 9}")
        == "Baselines/vision.json: schema_version: expected at most 1, found 9: "
        + "it was written by a newer quantgate")
    #expect(
      message("{\"schema_version\": 0}")
        == "Baselines/vision.json: schema_version: expected a version this tool knows, found 0")
    #expect(
      message("{}") == "Baselines/vision.json: schema_version: expected a value, found none")
  }

  @Test func `missing and mistyped keys are named by their path`() throws {
    let text = try text()
    #expect(
      message(text.replacing("\"model_digest\" : \"sha256:model\",", with: "", maxReplacements: 1))
        == "Baselines/vision.json: entries.mlp/fp32.quality.model_digest: "
        + "expected a value, found none")
    #expect(
      message(
        text.replacing("\"examples\" : 6", with: "\"examples\" : \"six\"", maxReplacements: 1))
        == "Baselines/vision.json: entries.mlp/fp32.quality.examples: "
        + "expected a whole number, found a string")
    #expect(
      message(text.replacing("\"accuracy.top1\"", with: "\"accuracy.topl\"", maxReplacements: 1))
        == "Baselines/vision.json: entries.mlp/fp32.metrics: "
        + "expected metrics that this file stores, found 'accuracy.topl'")
    #expect(message(text.replacing("\"1:", with: "\"3:")).contains("packed integers"))
  }

  @Test func `a baseline without an approval is invalid`() throws {
    let baseline = Baseline(
      scenario: "vision", entries: try Fixture.baseline().entries, approvals: [])
    let text = String(
      decoding: try DocumentFile.encode(baseline, file: "b"), as: UTF8.self)
    #expect(
      message(text) == "Baselines/vision.json: approvals: expected at least one, found none")
  }

  @Test func `a number that JSON cannot hold is refused with its path`() throws {
    let entry = BaselineEntry(
      quality: QualityBaseline(Fixture.quality()), metrics: ["accuracy.top1": .nan],
      hardware: [:])
    let baseline = Baseline(scenario: "vision", entries: ["mlp/fp32": entry], approvals: [])
    #expect(
      throws: ResultsError.notRepresentable(
        file: "b", keyPath: "entries.mlp/fp32.metrics.accuracy.top1", found: "nan")
    ) { try DocumentFile.encode(baseline, file: "b") }
  }

  @Test func `an older version is migrated in memory, step by step`() throws {
    let old = Data("{\"schema_version\": 1, \"colour\": \"red\"}".utf8)
    let migrations: [Int: DocumentFile.Migration] = [
      1: { value in
        guard case .object(var keys) = value else { return value }
        keys["color"] = keys.removeValue(forKey: "colour")
        return .object(keys)
      },
      2: { value in
        guard case .object(var keys) = value else { return value }
        keys["count"] = .integer(3)
        return .object(keys)
      },
    ]
    let paint = try DocumentFile.decode(
      Paint.self, from: old, file: "p.json", migrations: migrations)
    #expect(paint.color == "red")
    #expect(paint.count == 3)
    #expect(throws: ResultsError.unknownSchema(file: "p.json", found: "1")) {
      try DocumentFile.decode(Paint.self, from: old, file: "p.json", migrations: [2: { $0 }])
    }
  }

  @Test func `series that do not pair up are refused`() throws {
    let good = try DocumentFile.encode(Fixture.run(), file: "r")
    let broken = String(decoding: good, as: UTF8.self)
      .replacing("\"block_length\" : 2", with: "\"block_length\" : 0")
    #expect(
      throws: ResultsError.wrong(
        file: "r.json", keyPath: "scenarios[0].cases[0].timing.processes[0]",
        expected: "series that pair up by index", found: "series of different lengths")
    ) { try DocumentFile.decode(RunResults.self, from: Data(broken.utf8), file: "r.json") }
  }
}

private struct Paint: VersionedDocument {
  static let currentSchemaVersion = 3
  let schemaVersion: Int
  let color: String
  let count: Int

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    schemaVersion = 3
    color = try container.decode(String.self, forKey: .color)
    count = try container.decode(Int.self, forKey: .count)
  }

  func encode(to encoder: any Encoder) throws {}
  func contradiction() -> Contradiction? { nil }

  private enum Keys: String, CodingKey { case color, count }
}
