import ArgumentParser
import Results
import Scenarios

/// Run only.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run and write the results; judge nothing.")

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var measuring: MeasuringOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the results go.", valueName: "file"))
  var output: String

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
      let (_, measured) = try measuring.results(repository, plan)
      try writeResults(measured, to: output)
      let failed = measured.scenarios.flatMap(\.cases).filter {
        if case .failed = $0.outcome { true } else { false }
      }
      for result in failed {
        if case .failed(_, let phase, let message) = result.outcome {
          Terminal.complain("\(result.id): failed in phase \(phase): \(message)")
        }
      }
      Terminal.complain("\(output): \(counted(measured.scenarios.flatMap(\.cases).count))")
      if !failed.isEmpty { throw ArgumentParser.ExitCode(3) }
    }
  }
}

/// What `--dry-run` does.
enum DryRun {
  /// Checks everything that a run would read and prints the cases with the reason why one would not run.
  static func list(_ selected: SelectedPlan, _ repository: Repository) throws(CommandFailure) {
    let pipeline = try RunPipeline(
      repository: repository, selected: selected, quick: false, resume: false)
    for planned in selected.plan.cases {
      let reason = pipeline.preflight.unmet[planned.id].map { "  NOT RUN: \($0)" } ?? ""
      Terminal.print("\(planned.id)\(reason)\n")
    }
  }
}
