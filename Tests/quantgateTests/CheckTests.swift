import Foundation
import TestSupport
import Testing

/// `quantgate check` on an unchanged tree and with something broken.
@Suite(.serialized) struct CheckTests {
  @Test func `an unchanged tree passes`() throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.check(["--quick"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("PASS: "))
    #expect(outcome.output.contains("exit code 0 (every gate holds)"))
    #expect(outcome.output.contains("NOT GATED  small/mlp-applicants/int4-g32/one-core: latency"))
  }

  @Test func `a case without a baseline ends with 5`() throws {
    let repository = try PrivateRepository()
    let outcome = try repository.check()
    #expect(outcome.exitCode == 5, "\(outcome)")
    #expect(outcome.output.contains("quantgate baseline record small"))
  }

  @Test(arguments: [
    "accuracy.top1", "memory.model_bytes", "memory.peak_allocated", "memory.steady_allocations",
  ])
  func `a metric removed from the baseline is never a pass`(_ metric: String) throws {
    let repository = try PrivateRepository.recorded()
    try repository.edit("Baselines/small.json") { text in
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let kept = lines.filter { !$0.contains("\"\(metric)\"") }
      precondition(kept.count < lines.count, "the baseline holds no \(metric)")
      text = kept.joined(separator: "\n").replacingOccurrences(
        of: #",(\s*\})"#, with: "$1", options: .regularExpression)
    }
    let outcome = try repository.check(["--quick"])
    #expect([5, 7, 65].contains(outcome.exitCode), "\(outcome)")
    #expect((outcome.output + outcome.errors).contains(metric), "\(outcome)")
  }

  @Test func `a flipped exponent bit of one weight fails with accuracy and outputs named`() throws {
    let repository = try PrivateRepository.recorded()
    let path = "Scenarios/models/mlp-applicants.safetensors"
    var bytes = try repository.bytes(path)
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let place = try #require(
      stride(from: 8 + header, to: bytes.count, by: 4).first { start in
        let exponent = Int(bytes[start + 3] & 0x7F) << 1 | Int(bytes[start + 2]) >> 7
        return (0x7A...0x7E).contains(exponent)
      })
    bytes[place + 3] ^= 0x40
    try bytes.write(to: repository.file(path))
    let outcome = try repository.check(["--quick"])
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("outputs: the output bits differ from the baseline's"))
    #expect(outcome.output.contains("accuracy.top1 against_baseline"))
    #expect(outcome.output.contains("quantgate baseline update small --reason"))
  }

  @Test func `one allocation in the steady path fails`() throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.check(["--quick"], fault: "allocate")
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("memory.steady_allocations at_most: 128, at most 0 allowed"))
  }

  @Test func `a leak fails to the byte`() throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.check(["--quick"], fault: "leak:64")
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("memory.leak_per_iteration"))
    #expect(outcome.output.contains("64 B"))
  }

  @Test func `extra work at one per cent of the inputs fails and names the iterations`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.replace("budget: 1 s", "budget: 3 s")
    let outcome = try repository.check(fault: "slow-inputs:1%:20%")
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("latency.intrinsic_spikes at_most"))
    #expect(outcome.output.contains("slow in every process"))
  }

  @Test(arguments: [
    ("crash:steady", "crashed with signal 6 in phase steady"),
    ("crash:load", "in phase load"),
    ("oom", "ran out of memory in phase quantize"),
  ])
  func `a worker that ends badly is a result`(_ fault: String, _ message: String) throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.check(["--quick"], fault: fault)
    #expect(outcome.exitCode == 3, "\(outcome)")
    #expect(outcome.output.contains(message), "\(outcome)")
  }

  @Test func `a worker that hangs is stopped at the scenario's limit`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.replace("measure: { budget: 1 s,", "measure: { budget: 1 s, limit: 3 s,")
    let outcome = try repository.check(["--quick"], fault: "hang:steady")
    #expect(outcome.exitCode == 3, "\(outcome)")
    #expect(outcome.output.contains("was stopped after 3.00 s in phase steady"), "\(outcome)")
    #expect(outcome.output.contains("raise measure.limit in Scenarios/small.yaml"), "\(outcome)")
  }

  @Test func `allocations do not depend on where the repository lies`() throws {
    let repository = try PrivateRepository()
    let shallow = try Self.phases(in: repository.folder.url)
    let deep = repository.file("a/rather/long/path/to/a/repository/that/lies/deep/in/many/folders")
    try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      at: repository.file("Scenarios"), to: deep.appendingPathComponent("Scenarios"))
    #expect(shallow.count == 4)
    #expect(try Self.phases(in: deep) == shallow)
  }

  /// Allocation counts and bytes of every phase of the one case.
  private static func phases(in root: URL) throws -> [[String: Int]] {
    let file = root.appendingPathComponent("now.json").path
    let outcome = try InstalledCommand(root: root).run(["run", "small", "--quick", "-o", file])
    try #require(outcome.exitCode == 0, "\(outcome)")
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: file)))
    let results = try #require(object as? [String: Any])
    let scenario = try #require((results["scenarios"] as? [[String: Any]])?.first)
    let memory = try #require((scenario["cases"] as? [[String: Any]])?.first?["memory"])
    let phases = try #require((memory as? [String: Any])?["phases"] as? [[String: Any]])
    return phases.map { $0.compactMapValues { $0 as? Int } }
  }

  @Test func `a forced instruction set gives the same bits on another machine`() throws {
    let repository = try PrivateRepository.recorded()
    let results = repository.file("scalar.json").path
    let outcome = try repository.command.run(
      ["check", "--quick", "--quiet", "--results", results],
      environment: ["QUANTGATE_ISA": "scalar"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    let text = try String(contentsOfFile: results, encoding: .utf8)
    #expect(text.contains("limited to scalar"))
    #expect(text.contains("\"isa\" : \"scalar\""), "the workers ran other kernels")
  }

  @Test func `a format without a kernel runs, and the table says on which path`() throws {
    let repository = try PrivateRepository()
    try repository.replace(
      "schemes: [int4-g32]",
      "schemes: [fp32, { scheme: q3, weights: { format: q3_k }, activations: { format: fp32 } }]")
    let described = try repository.command.run(["describe", "small"])
    #expect(described.output.contains("q3_k weights, fp32 activations, 1 thread, reference path"))
    let outcome = try repository.check(["--quick", "--quiet"])
    #expect(outcome.exitCode == 5, "\(outcome)")
    let rows = outcome.output.split(separator: "\n")
    #expect(rows.count { $0.hasPrefix("mlp-applicants") } == 2, "\(outcome)")
    for row in rows where row.hasPrefix("mlp-applicants") {
      #expect(row.contains("(reference path)") == row.contains(" q3 "), "\(row)")
    }
  }

  @Test func `a profile for another architecture is not run`() throws {
    let repository = try PrivateRepository.recorded()
    #if arch(arm64)
      let other = "avx2"
    #else
      let other = "neon"
    #endif
    try repository.replace("hardware: [one-core]", "hardware: [one-core, foreign]")
    try repository.folder.write(
      "hardware: foreign\nextends: one-core\nisa: \(other)\n", to: "Scenarios/hardware/foreign.yaml"
    )
    let outcome = try repository.check(["--quick"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(
      outcome.output.contains("'foreign' asks for \(other), an instruction set of another"),
      "\(outcome)")
  }

  @Test func `the other cases finish when one fails`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.replace("hardware: [one-core]", "hardware: [one-core, starved]")
    try repository.folder.write(
      "hardware: starved\nextends: one-core\nmemory: { limit: 1 MiB }\n",
      to: "Scenarios/hardware/starved.yaml")
    let outcome = try repository.check(["--quick"])
    #expect(outcome.exitCode == 3, "\(outcome)")
    #expect(
      outcome.output.contains("small/mlp-applicants/int4-g32/starved: case: ran out of memory"))
    #expect(outcome.output.contains("the profile allows 1"))
    #expect(outcome.output.contains("passed"))
  }

  @Test func `a profile that asks for more than the machine has is not run`() throws {
    let repository = try PrivateRepository.recorded()
    try repository.folder.write(
      "hardware: one-core\nrequires: { cores: 4096 }\nthreads: 1\n",
      to: "Scenarios/hardware/one-core.yaml")
    let outcome = try repository.check()
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("NOT RUN  small/mlp-applicants/int4-g32/one-core"))
    #expect(outcome.output.contains("requires 4096 cores"))
    #expect(try repository.check(["--require-all"]).exitCode == 7)
  }

  @Test func `required timing that is not there ends with 7`() throws {
    let repository = try PrivateRepository.recorded()
    let outcome = try repository.check(["--quick", "--require-timing"])
    #expect(outcome.exitCode == 7, "\(outcome)")
    #expect(outcome.output.contains("quantgate baseline record small --timing"))
  }

  @Test func `reports come in three languages`() throws {
    let repository = try PrivateRepository.recorded()
    let results = repository.file("now.json").path
    let json = try repository.check(["--quick", "--format", "json", "--results", results])
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["exit_code"] as? Int == 0, "\(json)")
    #expect((object?["table"] as? [[String: Any]])?.first?["scheme"] as? String == "int4-g32")
    let markdown = try repository.command.run(
      ["compare", results, results, "--format", "markdown"], namingRoot: false)
    #expect(markdown.exitCode == 0, "\(markdown)")
    #expect(markdown.output.contains("| architecture | scheme |"))
  }

  @Test func `an interrupted run goes on without measuring again`() throws {
    let repository = try PrivateRepository.recorded()
    #expect(try repository.check(["--quick"]).exitCode == 0)
    let journal = try repository.bytes("results/journal.jsonl")
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(try repository.bytes("results/journal.jsonl") == journal)
  }
}
