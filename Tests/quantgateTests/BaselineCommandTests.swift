import Foundation
import Testing

/// `quantgate baseline`: what people approve.
@Suite(.serialized) struct BaselineCommandTests {
  @Test func `an update shows what changes, asks why, and keeps every approval`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.replace("samples: 400", "samples: 300")
    let before = try repository.bytes("Baselines/small.json")
    let arguments = ["baseline", "update", "small", "--quiet", "--quick", "--who", "tester"]
    let dry = try repository.command.run(arguments + ["--reason", "fewer examples", "--dry-run"])
    #expect(dry.exitCode == 0, "\(dry)")
    #expect(dry.output.contains("evaluation data"))
    #expect(try repository.bytes("Baselines/small.json") == before)
    let outcome = try repository.command.run(arguments + ["--reason", "fewer examples"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("wrote Baselines/small.json"))
    let list = try repository.command.run(["baseline", "list"])
    #expect(list.output.contains("tester: fewer examples"), "\(list)")
    let text = String(decoding: try repository.bytes("Baselines/small.json"), as: UTF8.self)
    #expect(text.contains("recorded for the first time"))
    #expect(try repository.check(["--quick"]).exitCode == 0)
  }

  @Test(arguments: [[], ["--reason", "  "]])
  func `an update without a reason is refused`(_ reason: [String]) throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.command.run(["baseline", "update", "small"] + reason)
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains("--reason"))
  }

  @Test func `recording over a baseline is refused`() throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.command.run(["baseline", "record", "small", "--quiet", "--quick"])
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains("quantgate baseline update small --reason"))
  }

  @Test func `recording timing touches timing files only`() throws {
    let repository = try PrivateRepository.recorded()
    let before = try repository.bytes("Baselines/small.json")
    let outcome = try repository.command.run(
      ["baseline", "record", "small", "--timing", "--quiet", "--quick"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("1 session"))
    #expect(try repository.bytes("Baselines/small.json") == before)
    let check = try repository.check(["--quick"])
    #expect(check.output.contains("latency.vs_control slower"), "\(check)")
    #expect(check.exitCode == 0, "\(check)")
  }

  @Test func `a run with a planted fault never becomes a baseline`() throws {
    let repository = try PrivateRepository()
    for extra in [[], ["--timing"]] {
      let outcome = try repository.command.run(
        ["baseline", "record", "small", "--quiet", "--quick"] + extra,
        environment: ["QUANTGATE_FAULT": "allocate"])
      #expect(outcome.exitCode == 65, "\(outcome)")
      #expect(outcome.errors.contains("the fault 'allocate' was planted"))
    }
    #expect(!FileManager.default.fileExists(atPath: repository.file("Baselines").path))
  }

  @Test func `a full disk leaves the old baseline as it is`() throws {
    let repository = try PrivateRepository.recorded()
    let results = repository.file("now.json").path
    try repository.replace("samples: 400", "samples: 300")
    #expect(
      try repository.command.run(["run", "small", "-o", results, "--quiet", "--quick"]).exitCode
        == 0)
    let before = try repository.bytes("Baselines/small.json")
    // A limit on file sizes fails the same write that a full disk does.
    let outcome = try repository.command.run(
      ["baseline", "update", "small", "--from", results, "--reason", "smaller", "--quiet"],
      fileSizeLimit: 4)
    #expect(outcome.exitCode == 1, "\(outcome)")
    #expect(outcome.errors.contains("Baselines/small.json"))
    #expect(try repository.bytes("Baselines/small.json") == before)
    let left = try FileManager.default.contentsOfDirectory(
      atPath: repository.file("Baselines").path)
    #expect(left == ["small.json"])
  }

  @Test func `verify finds an edited baseline`() throws {
    let repository = try PrivateRepository.recorded()
    #expect(try repository.command.run(["baseline", "verify"]).exitCode == 0)
    try repository.edit("Baselines/small.json") {
      $0 = $0.replacingOccurrences(
        of: #""memory.model_bytes" : \d+"#, with: #""memory.model_bytes" : 1"#,
        options: .regularExpression)
    }
    let outcome = try repository.command.run(["baseline", "verify"])
    #expect(outcome.exitCode == 65, "\(outcome)")
    #expect(outcome.errors.contains("Baselines/small.json"))
  }
}
