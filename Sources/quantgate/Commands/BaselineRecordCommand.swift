import ArgumentParser
import Comparison
import Results

/// First results of a scenario, or one more session of this machine's timing.
struct BaselineRecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract:
      "Record the first baseline of a scenario, or with --timing a session of this machine.",
    discussion: """
      Recording timing writes Baselines/timing/ only; what people review in Baselines/*.json stays \
      as it is. A scenario that has a baseline is left to 'baseline update'.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var measuring: MeasuringOptions
  @OptionGroup var writing: BaselineWriting

  @Flag(help: "Add a session to this machine's timing baselines instead.")
  var timing = false

  @Option(help: "Why these results are right.")
  var reason = "recorded for the first time"

  func run() throws {
    try reportingFailures {
      let repository = try repository.repository()
      let store = repository.baselineStore
      let results = try writing.results(repository, selection, measuring)
      for scenario in writing.selected(results, selection.scenarios) {
        if timing {
          try recordTiming(scenario, of: results, in: store)
        } else {
          try recordFirst(scenario, of: results, in: store)
        }
      }
    }
  }

  private func recordFirst(
    _ scenario: ScenarioResults, of results: RunResults, in store: BaselineStore
  ) throws(CommandFailure) {
    let old: Baseline?
    do {
      old = try store.baseline(scenario: scenario.name)
    } catch { throw .invalid(error) }
    guard old == nil else {
      throw .usage(
        "\(scenario.name): there is a baseline; to replace it: "
          + "quantgate baseline update \(scenario.name) --reason \"…\"")
    }
    try writing.replace(scenario, of: results, in: store, old: nil, why: reason)
  }

  private func recordTiming(
    _ scenario: ScenarioResults, of results: RunResults, in store: BaselineStore
  ) throws(CommandFailure) {
    if let fault = results.fault {
      throw .invalid("the fault '\(fault)' was planted in this run: it cannot become a baseline")
    }
    let old: TimingBaseline?
    do {
      old = try store.timing(scenario: scenario.name, fingerprint: results.fingerprint)
    } catch { throw .invalid(error) }
    let baseline = TimingBaseline.recording(scenario, of: results, adding: old)
    for (key, item) in baseline.cases.sorted(by: { $0.key < $1.key }) {
      Terminal.print("\(scenario.name): \(key): \(item.sessions.count) sessions\n")
    }
    guard !writing.dryRun else { return }
    do {
      try store.write(baseline)
      Terminal.print(
        "wrote Baselines/timing/\(results.fingerprint.key)/\(scenario.name).json\n")
    } catch { throw .broken(error) }
  }
}
