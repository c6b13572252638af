import ArgumentParser
import Comparison

/// Run, compare with `Baselines/`, gate.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run, compare with Baselines/ and gate: the command for CI.")

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var measuring: MeasuringOptions
  @OptionGroup var report: ReportOptions

  @Option(help: ArgumentHelp("Also write the results, for compare.", valueName: "file"))
  var results: String?

  @Flag(help: "Validate everything that would be read, list the cases and run nothing.")
  var dryRun = false

  func run() throws {
    try reportingFailures {
      let repository = try repository.repository()
      let plan = try selection.plan(repository)
      if dryRun {
        try DryRun.list(plan, repository)
        return
      }
      let (pipeline, measured) = try measuring.results(repository, plan)
      if let results { try writeResults(measured, to: results) }
      try report.conclude(
        Comparison.compare(
          results: measured, baselines: pipeline.preflight.baselines,
          timing: pipeline.preflight.timing, options: report.comparison))
    }
  }
}
