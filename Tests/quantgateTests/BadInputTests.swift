import Foundation
import TestSupport
import Testing

/// Wrong files: said before anything runs, with the file and the place, and nothing is half-written.
@Suite struct BadInputTests {
  /// Expects exit code 65, the texts, and that nothing was measured.
  private func expectRefusal(
    _ repository: PrivateRepository, _ texts: String...,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try repository.check()
    #expect(outcome.exitCode == 65, "\(outcome)", sourceLocation: location)
    for text in texts {
      #expect(outcome.errors.contains(text), "\(outcome)", sourceLocation: location)
    }
    #expect(outcome.output.isEmpty, sourceLocation: location)
    #expect(
      !FileManager.default.fileExists(atPath: repository.file("results").path),
      "something was measured", sourceLocation: location)
  }

  @Test func `missing weights come with the command that trains them`() throws {
    let repository = try PrivateRepository.recorded()
    try FileManager.default.removeItem(
      at: repository.file("Scenarios/models/mlp-applicants.safetensors"))
    try expectRefusal(
      repository, "Scenarios/models/mlp-applicants.safetensors",
      "quantgate train Scenarios/architectures/mlp-applicants.yaml")
  }

  @Test func `truncated weights are refused`() throws {
    let repository = try PrivateRepository.recorded()
    let path = "Scenarios/models/mlp-applicants.safetensors"
    try repository.bytes(path).dropLast(10_000).write(to: repository.file(path))
    try expectRefusal(repository, path)
  }

  @Test(arguments: [([0x00, 0x00, 0xC0, 0x7F] as [UInt8], "nan"), ([0, 0, 0x80, 0x7F], "inf")])
  func `a weight that is no number is named`(_ bits: [UInt8], _ name: String) throws {
    let repository = try PrivateRepository.recorded()
    let path = "Scenarios/models/mlp-applicants.safetensors"
    var bytes = try repository.bytes(path)
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: bits)
    try bytes.write(to: repository.file(path))
    try expectRefusal(repository, "expected a finite number, found \(name)", "[")
  }

  @Test func `a truncated baseline is refused and stays as it is`() throws {
    let repository = try PrivateRepository.recorded()
    let half = try repository.bytes("Baselines/small.json").prefix(700)
    try half.write(to: repository.file("Baselines/small.json"))
    try expectRefusal(repository, "Baselines/small.json:", "not JSON")
    #expect(try repository.bytes("Baselines/small.json") == half)
  }

  @Test func `a baseline that is no JSON is refused`() throws {
    let repository = try PrivateRepository.recorded()
    try Data("accuracy: 1\n".utf8).write(to: repository.file("Baselines/small.json"))
    try expectRefusal(repository, "Baselines/small.json:1:1: not JSON")
  }

  @Test func `a baseline of a newer schema is refused`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.edit("Baselines/small.json") {
      $0 = $0.replacingOccurrences(
        of: #""schema_version" : \d+"#, with: #""schema_version" : 99"#,
        options: .regularExpression)
    }
    try expectRefusal(repository, "schema_version: expected at most 1, found 99", "newer quantgate")
  }

  @Test func `every mistake of a scenario is reported with its place`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.replace("schemes: [int4-g32]", "schemes: [int4-g23]")
    try repository.replace("budget: 1 s", "budget: soon")
    try expectRefusal(
      repository,
      "Scenarios/small.yaml:3:11: schemes[0]: no scheme 'int4-g23' (did you mean 'int4-g32'?)",
      "measure.budget")
  }

  @Test(arguments: ["fallback: { format: bf16 }", "monitor: {}"])
  func `keys that come later are refused, not ignored`(_ key: String) throws {
    let repository = try PrivateRepository.recorded()
    try repository.edit("Scenarios/schemes/int4-g32.yaml") { $0 += "\n\(key)\n" }
    try expectRefusal(repository, "not available yet")
  }

  @Test func `too few examples are refused`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.replace("samples: 400", "samples: 0")
    try expectRefusal(repository, "data.evaluate.samples")
  }

  @Test func `a core that does not exist is named`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.folder.write(
      "hardware: one-core\nthreads: 1\npin: [999]\n", to: "Scenarios/hardware/one-core.yaml")
    try expectRefusal(repository, "Scenarios/hardware/one-core.yaml: pin:", "999")
  }

  @Test func `rows that would calibrate and be scored are refused, and so is an empty file`() throws
  {
    let repository = try PrivateRepository.recorded()
    let rows = (0..<40).map { "\($0),\($0 % 5),\($0 % 2 == 0 ? "yes" : "no")\n" }.joined()
    try repository.folder.write(rows, to: "Scenarios/datasets/rows.csv")
    try repository.folder.write(rows, to: "Scenarios/datasets/copy.csv")
    try repository.folder.write("1,2,yes\n3,4,no\n", to: "Scenarios/datasets/other.csv")
    try repository.folder.write(
      """
      dataset: rows
      kind: csv
      root: { folder: Scenarios/datasets }
      features: 2
      columns:
        - { name: a, type: numeric }
        - { name: b, type: numeric }
        - { name: answer, type: label, classes: { yes: "yes", no: "no" } }
      splits:
        train: { file: other.csv, count: 2 }
        calibrate: { file: copy.csv, count: 40 }
        evaluate: { file: rows.csv, count: 40 }
      """, to: "Scenarios/datasets/rows.yaml")
    try repository.folder.write(
      """
      architecture: pair
      family: mlp
      input: [2]
      layers:
        - { layer: linear, name: head, features: 2 }
      weights: ../models/pair.safetensors
      """, to: "Scenarios/architectures/pair.yaml")
    try repository.folder.write(
      """
      scenario: small
      architectures: pair
      schemes: int8-per-channel
      hardware: one-core
      data:
        dataset: rows
        calibrate: { split: calibrate, samples: 20 }
        evaluate: { split: evaluate, samples: 40 }
      """, to: "Scenarios/small.yaml")
    try expectRefusal(repository, "calibrate")
    try repository.folder.write("", to: "Scenarios/datasets/rows.csv")
    try expectRefusal(repository, "rows: expected at least 1 example to evaluate, found 0")
  }

  @Test func `links, circles and bombs are refused`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.folder.write(
      "hardware: one-core\nextends: other\n", to: "Scenarios/hardware/one-core.yaml")
    try repository.folder.write(
      "hardware: other\nextends: one-core\n", to: "Scenarios/hardware/other.yaml")
    try expectRefusal(repository, "extends")
    let bomb = (1...9).map { level in
      "l\(level): &l\(level) [\(Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", "))]"
    }
    try repository.folder.write(
      "l0: &l0 [x]\n" + bomb.joined(separator: "\n"), to: "Scenarios/small.yaml")
    try expectRefusal(repository, "Scenarios/small.yaml")
  }
}
