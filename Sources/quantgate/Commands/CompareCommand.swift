import ArgumentParser
import Comparison

/// Gate two result files.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Judge one file of results by another; runs nothing.")

  @Argument(help: "Results to compare with.") var base: String
  @Argument(help: "Results to judge.") var head: String
  @OptionGroup var report: ReportOptions
  @OptionGroup var repository: RepositoryOptions

  func run() throws {
    try reportingFailures {
      try report.conclude(
        Comparison.compare(
          base: try readResults(base), head: try readResults(head), options: report.comparison))
    }
  }
}
