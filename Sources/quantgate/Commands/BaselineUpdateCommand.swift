import ArgumentParser
import Results

/// Accept changed results.
struct BaselineUpdateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Accept changed results: prints what changes, metric by metric, then writes.")

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var measuring: MeasuringOptions
  @OptionGroup var writing: BaselineWriting

  @Option(help: "Why the change is right; kept with the approval.")
  var reason: String

  func validate() throws {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("--reason: expected a sentence, found nothing")
    }
  }

  func run() throws {
    try reportingFailures {
      let repository = try repository.repository()
      let store = repository.baselineStore
      let results = try writing.results(repository, selection, measuring)
      for scenario in writing.selected(results, selection.scenarios) {
        let old: Baseline?
        do throws(ResultsError) {
          old = try store.baseline(scenario: scenario.name)
        } catch { throw CommandFailure.invalid(error) }
        try writing.replace(scenario, of: results, in: store, old: old, why: reason)
      }
    }
  }
}
