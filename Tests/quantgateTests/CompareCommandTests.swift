import Foundation
import Testing

/// `quantgate compare`, and faults that must not become anybody's measure.
@Suite(.serialized) struct CompareCommandTests {
  @Test func `a run equals itself, and no run is judged by a faulty one`() throws {
    let repository = try PrivateRepository.measured()
    let good = repository.file("good.json").path
    let leaking = repository.file("leaking.json").path
    let first = try repository.check(["--quick", "--resume", "--results", good])
    #expect(first.exitCode == 0, "\(first)")
    let second = try repository.check(["--quick", "--results", leaking], fault: "leak:64")
    #expect(second.exitCode == 2, "\(second)")

    let same = try repository.command.run(
      ["compare", good, good], namingRoot: false)
    #expect(same.exitCode == 0, "\(same)")
    #expect(same.output.contains("exit code 0 (every gate holds)"))

    let worse = try repository.command.run(
      ["compare", good, leaking], namingRoot: false)
    #expect(worse.exitCode == 2, "\(worse)")
    #expect(worse.output.contains("memory.leak_per_iteration"))

    let judged = try repository.command.run(
      ["compare", leaking, good], namingRoot: false)
    #expect(judged.exitCode == 65, "\(judged)")
    #expect(judged.errors.contains("leaking.json: the fault 'leak:64' was planted in this run"))
  }

  @Test func `a faulty run updates no baseline`() throws {
    let repository = try PrivateRepository.measured()
    let before = try repository.bytes("Baselines/small.json")
    let outcome = try repository.command.run(
      ["baseline", "update", "small", "--quiet", "--quick", "--reason", "looks right"],
      environment: ["QUANTGATE_FAULT": "flip-weight"])
    #expect(outcome.exitCode == 65, "\(outcome)")
    #expect(outcome.errors.contains("the fault 'flip-weight' was planted"))
    #expect(try repository.bytes("Baselines/small.json") == before)
  }

  @Test func `results of a newer schema and truncated ones are refused`() throws {
    let repository = try PrivateRepository.measured()
    let file = repository.file("now.json")
    #expect(try repository.check(["--quick", "--resume", "--results", file.path]).exitCode == 0)
    let text = try repository.bytes("now.json")
    try text.prefix(900).write(to: file)
    let truncated = try repository.command.run(
      ["compare", file.path, file.path], namingRoot: false)
    #expect(truncated.exitCode == 65, "\(truncated)")
    #expect(truncated.errors.contains("now.json:"))
    #expect(truncated.errors.contains("not JSON"))
    try text.write(to: file)
    try repository.edit("now.json") {
      $0 = $0.replacingOccurrences(
        of: #""schema_version" : \d+"#, with: #""schema_version" : 99"#,
        options: .regularExpression)
    }
    let newer = try repository.command.run(
      ["compare", file.path, file.path], namingRoot: false)
    #expect(newer.exitCode == 65, "\(newer)")
    #expect(newer.errors.contains("schema_version: expected at most"))
  }
}
