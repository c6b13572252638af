import Foundation
import Testing

/// Wrong command lines, and commands that run nothing.
@Suite struct UsageTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let message: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let mistakes = [
    Mistake(arguments: ["check", "smal"], message: "no scenario 'smal' (did you mean 'small'?)"),
    Mistake(arguments: ["check", "--fliter", "x"], message: "Unknown option '--fliter'"),
    Mistake(arguments: ["check", "--filter", "("], message: "--filter: '(' is not a regular"),
    Mistake(arguments: ["check", "--filter", "nothing"], message: "no case is left"),
    Mistake(arguments: ["check", "--shard", "3/2"], message: "expected a shard such as '2/5'"),
    Mistake(arguments: ["check", "--suite", "lrage"], message: "no scenario of the suite 'lrage'"),
    Mistake(arguments: ["check", "--format", "xml"], message: "--format"),
    Mistake(arguments: ["compare", "one.json"], message: "head"),
  ]

  @Test(arguments: mistakes)
  func `a wrong command line ends with 64`(_ mistake: Mistake) throws {
    let repository = try PrivateRepository()
    let outcome = try repository.command.run(mistake.arguments)
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains(mistake.message), "\(outcome)")
  }

  @Test func `a fault nobody knows is refused`() throws {
    let repository = try PrivateRepository()
    let outcome = try repository.check(fault: "gremlin")
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains("QUANTGATE_FAULT"))
  }

  @Test(arguments: [
    (
      "avx3",
      "QUANTGATE_ISA: expected one of scalar, avx2, avx512, avx512-vnni, neon, neon-dotprod, "
    ),
    ("avx3", "found 'avx3' (did you mean 'avx2'?)"),
    (foreign, "QUANTGATE_ISA: this machine lacks \(foreign), its best is "),
  ])
  func `an instruction set that cannot be had is refused`(_ name: String, _ message: String) throws
  {
    let repository = try PrivateRepository()
    let outcome = try repository.command.run(
      ["describe", "small"], environment: ["QUANTGATE_ISA": name])
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains(message), "\(outcome)")
  }

  #if arch(arm64)
    static let foreign = "avx2"
  #else
    static let foreign = "neon"
  #endif

  @Test func `results that are not there are named`() throws {
    let repository = try PrivateRepository()
    let outcome = try repository.command.run(["compare", "a.json", "b.json"], namingRoot: false)
    #expect(outcome.exitCode == 65, "\(outcome)")
    #expect(outcome.errors.contains("a.json: no such file"))
  }

  @Test func `train finds an architecture by name, by path and by whole path`() throws {
    let repository = try PrivateRepository()
    let path = "Scenarios/architectures/mlp-applicants.yaml"
    try repository.replace("epochs: ", "epochs: 1 # ", in: path)
    var weights: Set<Data> = []
    for name in ["mlp-applicants", path, repository.file(path).path] {
      let outcome = try repository.command.run(
        ["train", name, "-o", repository.file("w.safetensors").path])
      #expect(outcome.exitCode == 0, "\(outcome)")
      weights.insert(try repository.bytes("w.safetensors"))
    }
    #expect(weights.count == 1)
    let outside = try repository.command.run(["train", "../elsewhere.yaml"])
    #expect(outside.exitCode == 64, "\(outside)")
    #expect(outside.errors.contains("leads out of the repository"))
  }

  @Test func `help answers`() throws {
    let repository = try PrivateRepository()
    let command = repository.command
    for arguments in [["--help"], ["check", "--help"], ["baseline", "--help"]] {
      let outcome = try command.run(arguments, namingRoot: false)
      #expect(outcome.exitCode == 0)
      #expect(outcome.output.contains("USAGE: quantgate"))
    }
    #expect(try command.run(["--help"], namingRoot: false).output.contains("Exit codes: 0 pass"))
  }

  @Test func `describe, list and a dry run measure nothing`() throws {
    let repository = try PrivateRepository()
    let description = try repository.command.run(["describe", "small"])
    #expect(description.exitCode == 0, "\(description)")
    #expect(description.output.contains("1 case, timing budget 1 s in all"))
    #expect(description.output.contains("int4 weights per group of 32"))
    let list = try repository.command.run(["list", "--cases"])
    #expect(list.output == "small/mlp-applicants/int4-g32/one-core\n", "\(list)")
    let dry = try repository.command.run(["check", "small", "--dry-run"])
    #expect(dry.exitCode == 0, "\(dry)")
    #expect(dry.output == "small/mlp-applicants/int4-g32/one-core\n")
    #expect(!FileManager.default.fileExists(atPath: repository.file("results").path))
  }

  @Test func `describe names the layers that run decoded`() throws {
    let repository = try PrivateRepository()
    try repository.replace(
      "format: int4, granularity: group, group_size: 32, symmetric: false", "format: q4_0",
      in: "Scenarios/schemes/int4-g32.yaml")
    let description = try repository.command.run(["describe", "small"])
    #expect(description.exitCode == 0, "\(description)")
    // Sums of 16, 384 and 384 products over blocks of 32.
    #expect(
      description.output.contains(
        "q4_0 weights, int8 activations, dynamic per example, 1 thread, "
          + "reference path for hidden1\n"),
      "\(description)")
  }
}
