import ArgumentParser
import Foundation
import Results
import Scenarios

/// How cases are measured and what is shown meanwhile.
struct MeasuringOptions: ParsableArguments {
  @Flag(help: "Cut time budgets to a quarter; every gate still applies.")
  var quick = false

  @Flag(help: "Go on where an interrupted run stopped.")
  var resume = false

  @Flag(help: "Say nothing but the report.")
  var quiet = false

  @Flag(name: .customLong("no-progress"), help: "Print plain lines even on a terminal.")
  var noProgress = false

  /// Validates and measures.
  func results(
    _ repository: Repository, _ plan: SelectedPlan
  ) throws(CommandFailure) -> (pipeline: RunPipeline, results: RunResults) {
    let pipeline = try RunPipeline(
      repository: repository, selected: plan, quick: quick, resume: resume)
    let display = ProgressDisplay(
      style: ProgressDisplay.suitable(quiet: quiet, noProgress: noProgress))
    return (pipeline, try pipeline.measure(display))
  }
}

/// Reads a file of results.
func readResults(_ path: String) throws(CommandFailure) -> RunResults {
  do {
    return try DocumentFile.read(at: URL(fileURLWithPath: path), named: path)
  } catch { throw .invalid(error) }
}

/// Writes a file of results.
func writeResults(_ results: RunResults, to path: String) throws(CommandFailure) {
  do {
    try DocumentFile.write(results, to: URL(fileURLWithPath: path), named: path)
  } catch { throw .broken(error) }
}
