import ArgumentParser
import Comparison
import Results

/// Gate two result files.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Judge one file of results by another; runs nothing.")

  @Argument(help: "Results to compare with.") var base: String
  @Argument(help: "Results to judge.") var head: String
  @OptionGroup var report: ReportOptions

  func run() throws {
    try reportingFailures {
      let before = try readResults(base)
      if let fault = before.fault {
        throw CommandFailure.invalid(
          "\(base): the fault '\(fault)' was planted in this run: nothing can be judged by it")
      }
      try report.conclude(
        Comparison.compare(
          base: before, head: try readResults(head), options: report.comparison))
    }
  }
}
