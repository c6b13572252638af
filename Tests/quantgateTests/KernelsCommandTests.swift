import Foundation
import Results
import Testing

/// `quantgate kernels`; what it measures is never judged.
@Suite struct KernelsCommandTests {
  static let command = InstalledCommand(root: URL(fileURLWithPath: "/"))

  static func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> InstalledCommand.Outcome {
    try command.run(
      ["kernels"] + arguments, environment: environment, namingRoot: false)
  }

  static let mistakes = [
    UsageTests.Mistake(
      arguments: ["--isa", "avx22"], message: "found 'avx22' (did you mean 'avx2'?)"),
    UsageTests.Mistake(arguments: ["--filter", "gemv"], message: "--filter: no row is left"),
    UsageTests.Mistake(arguments: ["--filter", "("], message: "'(' is not a regular expression"),
    UsageTests.Mistake(arguments: ["--threads", "0"], message: "--threads: expected 1…"),
    UsageTests.Mistake(arguments: ["--threads", "9999"], message: "found 9999"),
    UsageTests.Mistake(arguments: ["--time", "0"], message: "--time: expected seconds above 0"),
    UsageTests.Mistake(arguments: ["--time", "nan"], message: "--time: expected seconds above 0"),
    UsageTests.Mistake(arguments: ["--format", "xml"], message: "--format"),
  ]

  @Test(arguments: mistakes)
  func `a wrong option ends with 64`(_ mistake: UsageTests.Mistake) throws {
    let outcome = try Self.run(mistake.arguments)
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains(mistake.message), "\(outcome)")
    #expect(outcome.output.isEmpty)
  }

  @Test func `a forced instruction set that does not exist stops it too`() throws {
    let outcome = try Self.run([], environment: ["QUANTGATE_ISA": "axv2"])
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains("QUANTGATE_ISA: expected one of scalar"), "\(outcome)")
  }

  @Test func `a set beyond the forced one is refused`() throws {
    let outcome = try Self.run(["--isa", "avx2"], environment: ["QUANTGATE_ISA": "scalar"])
    #expect(outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains("--isa: this machine lacks avx2"), "\(outcome)")
  }

  @Test func `a forced instruction set is the one that runs`() throws {
    let outcome = try Self.run(
      ["--filter", "^add_u8", "--time", "0.01", "--format", "json"],
      environment: ["QUANTGATE_ISA": "scalar"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.errors.isEmpty, "a run of under two seconds shows no progress")
    let report = try DocumentFile.decode(
      KernelReport.self, from: Data(outcome.output.utf8), file: "output")
    #expect(report.instructionSet == "scalar")
    #expect(report.kernels.map(\.name) == ["add_u8"])
    #expect(report.cores.count == 1)
  }

  @Test func `text and Markdown show the row`() throws {
    for (format, start) in [("text", "add_u8 "), ("markdown", "| add_u8 |")] {
      let outcome = try Self.run(
        ["--filter", "^add_u8", "--isa", "scalar", "--time", "0.01", "--format", format])
      #expect(outcome.exitCode == 0, "\(outcome)")
      #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix(start) })
    }
  }
}
