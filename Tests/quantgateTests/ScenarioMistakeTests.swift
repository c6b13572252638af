import Foundation
import TestSupport
import Testing

/// Mistakes in definitions, each with its line and column, found without measuring.
@Suite struct ScenarioMistakeTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let name: String
    var file = "Scenarios/small.yaml"
    let old: String
    let new: String
    let messages: [String]
    var testDescription: String { name }
  }

  static let mistakes = [
    Mistake(
      name: "unknown key", old: "measure:", new: "flavour: sweet\nmeasure:",
      messages: ["Scenarios/small.yaml:9:1: flavour: unknown key"]),
    Mistake(
      name: "gate of a near name", old: "accuracy.top1:", new: "accuracy.topp1:",
      messages: ["gates.accuracy.topp1: unknown key (did you mean 'accuracy.top1'?)"]),
    Mistake(
      name: "two at once", old: "int4-g32]\nhardware: [one-core]",
      new: "int4-g23]\nhardware: [one-cores]",
      messages: [
        "Scenarios/small.yaml:3:11: schemes[0]: no scheme 'int4-g23' (did you mean 'int4-g32'?)",
        "Scenarios/small.yaml:4:12: hardware[0]: no hardware profile 'one-cores' "
          + "(did you mean 'one-core'?)",
      ]),
    Mistake(
      name: "number without a unit", old: "budget: 1 s", new: "budget: 1",
      messages: ["measure.budget: expected a duration", "such as '5 s', found '1'"]),
    Mistake(
      name: "too few processes", old: "processes: 5", new: "processes: 0",
      messages: ["measure.processes: expected a whole number from 3 to 64, found '0'"]),
    Mistake(
      name: "more examples than can be", old: "samples: 400", new: "samples: 999999999",
      messages: ["Scenarios/small.yaml:7:41: data.evaluate.samples:", "found '999999999'"]),
    Mistake(
      name: "a slice nobody knows", old: "slices: [group]", new: "slices: [groop]",
      messages: ["'applicants' has no slice 'groop' (did you mean 'group'?)"]),
    Mistake(
      name: "a name that is a path", old: "[mlp-applicants]", new: "[../../etc/passwd]",
      messages: ["architectures[0]: expected a name", "found '../../etc/passwd'"]),
    Mistake(
      name: "a path that leaves the repository",
      file: "Scenarios/architectures/mlp-applicants.yaml", old: "../models/",
      new: "../../../models/",
      messages: ["weights: expected a relative path that stays inside the repository"]),
    Mistake(
      name: "a circle", file: "Scenarios/hardware/one-core.yaml", old: "hardware: one-core\n",
      new: "hardware: one-core\nextends: one-core\n",
      messages: ["a circle of profiles that extend each other: one-core → one-core"]),
    Mistake(
      name: "no YAML", old: "[int4-g32]", new: "[int4-g32",
      messages: ["Scenarios/small.yaml:", "not YAML"]),
  ]

  @Test(arguments: mistakes)
  func `a mistake ends with 65 and its place`(_ mistake: Mistake) throws {
    let repository = try PrivateRepository()
    try repository.replace(mistake.old, mistake.new, in: mistake.file)
    try expectRefusal(repository, mistake.messages)
  }

  @Test func `an alias bomb is refused as one`() throws {
    let repository = try PrivateRepository()
    let levels = (1...9).map { level in
      let aliases = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
      return "l\(level): &l\(level) [\(aliases)]"
    }
    try repository.folder.write(
      "l0: &l0 [x]\n" + levels.joined(separator: "\n"), to: "Scenarios/small.yaml")
    try expectRefusal(repository, ["Scenarios/small.yaml:", "alias"])
  }

  @Test func `weights behind a link that leaves the repository are refused`() throws {
    let repository = try PrivateRepository()
    let elsewhere = try TemporaryFolder()
    let path = "Scenarios/models/mlp-applicants.safetensors"
    let moved = elsewhere.url.appendingPathComponent("weights")
    try FileManager.default.moveItem(at: repository.file(path), to: moved)
    try FileManager.default.createSymbolicLink(at: repository.file(path), withDestinationURL: moved)
    try expectRefusal(repository, [path, "a link leads it out of the repository"])
  }

  @Test func `a weight that is no number is named with its index`() throws {
    let repository = try PrivateRepository()
    let path = "Scenarios/models/mlp-applicants.safetensors"
    var bytes = try repository.bytes(path)
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F] as [UInt8])
    try bytes.write(to: repository.file(path))
    let outcome = try repository.check()
    #expect(outcome.exitCode == 65, "\(outcome)")
    #expect(outcome.errors.contains(/[a-z0-9]+\.[a-z_]+\[\d+\]/), "\(outcome)")
  }

  /// Both what a dry run and what a real one would say, and nothing measured.
  private func expectRefusal(
    _ repository: PrivateRepository, _ messages: [String],
    location: SourceLocation = #_sourceLocation
  ) throws {
    for arguments in [[], ["--dry-run"]] {
      let outcome = try repository.check(arguments)
      #expect(outcome.exitCode == 65, "\(outcome)", sourceLocation: location)
      for message in messages {
        #expect(outcome.errors.contains(message), "\(outcome)", sourceLocation: location)
      }
      #expect(outcome.output.isEmpty, "\(outcome)", sourceLocation: location)
    }
    #expect(
      !FileManager.default.fileExists(atPath: repository.file("results").path),
      "something was measured", sourceLocation: location)
  }
}
