import Foundation
import Scenarios
import TestSupport
import Testing

@Suite struct ScenarioErrorTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let file: String
    let old: String
    let new: String
    let expected: String
    var testDescription: String { expected }

    init(
      in file: String = "Scenarios/sample.yaml", _ old: String, _ new: String, _ expected: String
    ) {
      self.file = file
      self.old = old
      self.new = new
      self.expected = expected
    }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      "[fp32, int8]", "[fp32, int9]",
      "Scenarios/sample.yaml:3:17: schemes[1]: no scheme 'int9' (did you mean 'int8'?)"),
    Mistake(
      "architectures: [tiny]", "architectures: [tinny]",
      "Scenarios/sample.yaml:2:17: architectures[0]: no architecture 'tinny' (did you mean 'tiny'?)"
    ),
    Mistake(
      "gates:", "gatez:",
      "Scenarios/sample.yaml:11:1: gatez: unknown key (did you mean 'gates'?)"),
    Mistake(
      "accuracy.top1:", "accuracy.top2:",
      "Scenarios/sample.yaml:12:3: gates.accuracy.top2: unknown key (did you mean 'accuracy.top1'?)"
    ),
    Mistake("budget: 2 s", "budget: 2", "measure.budget: expected a duration"),
    Mistake("-1.0 pp", "+1.0 pp", "gates.accuracy.top1.against_float: expected"),
    Mistake("more: 1 KiB", "slower: 3 %", "does not suit this metric"),
    Mistake("slices: [group]", "slices: [grup]", "data.slices[0]"),
    Mistake("dataset: applicants", "dataset: applicant", "(did you mean 'applicants'?)"),
    Mistake("samples: 64", "samples: 0", "data.evaluate.samples: expected"),
    Mistake(
      "gates:", "safety_critical: true\ngates:", "not available yet"),
    Mistake(
      "gates:", "exclude:\n  - { scheme: int8 }\ngates:", "exclude[0]: missing key 'why'"),
    Mistake(
      "gates:", "exclude:\n  - { scheme: nothing-*, why: because }\ngates:", "exclude[0]"),
    Mistake("scenario: sample", "scenario: simple", "expected the file's name"),
    Mistake(
      in: "Scenarios/schemes/int8.yaml", "calibration:", "fallback: { format: bf16 }\ncalibration:",
      "Scenarios/schemes/int8.yaml:4:1: fallback: not available yet"),
    Mistake(
      in: "Scenarios/hardware/one.yaml", "threads: 1", "threads: 1\nextends: one", "one"),
    Mistake(
      in: "Scenarios/architectures/tiny.yaml", "../models/tiny.safetensors",
      "../../../outside.safetensors", "inside the repository"),
    Mistake("  calibrate: { split: calibrate, samples: 16 }\n", "", "calibrate"),
  ]

  @Test(arguments: mistakes)
  func `a mistake is named with its place`(_ mistake: Mistake) throws {
    let repository = try SampleRepository()
    try repository.edit(mistake.file, mistake.old, mistake.new)
    let lines = try repository.mistakes()
    #expect(
      lines.contains { $0.contains(mistake.expected) && $0.hasPrefix("Scenarios/") }, "\(lines)")
  }

  @Test func `every mistake of every file is reported`() throws {
    let repository = try SampleRepository()
    try repository.edit("Scenarios/sample.yaml", "[fp32, int8]", "[fp32, int9]")
    try repository.edit("Scenarios/sample.yaml", "budget: 2 s", "budget: 2 hours")
    try repository.edit("Scenarios/architectures/tiny.yaml", "features: 2", "feature: 2")
    let lines = try repository.mistakes()
    #expect(lines.count >= 3)
    #expect(lines.contains { $0.contains("schemes[1]") })
    #expect(lines.contains { $0.contains("measure.budget") })
    #expect(lines.contains { $0.hasPrefix("Scenarios/architectures/tiny.yaml:") })
  }

  @Test func `hardware profiles that extend each other show the circle`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/hardware/one.yaml", "hardware: one\nextends: two\nthreads: 1\n")
    try repository.write("Scenarios/hardware/two.yaml", "hardware: two\nextends: one\n")
    let text = try repository.mistakes().joined(separator: "\n")
    #expect(text.contains("one") && text.contains("two") && text.contains("extends"), "\(text)")
  }

  @Test func `an alias bomb is refused at once`() throws {
    let repository = try SampleRepository()
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    try repository.write("Scenarios/bomb.yaml", text)
    let clock = ContinuousClock()
    var lines: [String] = []
    let taken = try clock.measure { lines = try repository.mistakes() }
    #expect(lines.contains { $0.hasPrefix("Scenarios/bomb.yaml") })
    // Expanding it would take 10¹² nodes.
    #expect(taken < .seconds(10))
  }

  @Test func `a link that leads out of the repository is refused`() throws {
    let repository = try SampleRepository()
    let outside = try SampleRepository()
    let link = repository.folder.url.appendingPathComponent("Scenarios/schemes/away.yaml")
    try FileManager.default.createSymbolicLink(
      at: link,
      withDestinationURL: outside.folder.url.appendingPathComponent("Scenarios/schemes/fp32.yaml"))
    try repository.edit("Scenarios/sample.yaml", "[fp32, int8]", "[fp32, away]")
    let text = try repository.mistakes().joined(separator: "\n")
    #expect(text.contains("leads out of the repository"), "\(text)")
  }
}
