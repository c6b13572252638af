import ArgumentParser
import Comparison
import Foundation
import Reporting
import Results
import Scenarios

/// Where the results that become a baseline come from, and who answers for them.
struct BaselineWriting: ParsableArguments {
  @Option(help: ArgumentHelp("Take these results instead of measuring.", valueName: "file"))
  var from: String?

  @Option(
    help: ArgumentHelp("Who approves; by default the name in git or the user's.", valueName: "name")
  )
  var who: String?

  @Flag(help: "Print what would change and write nothing.")
  var dryRun = false

  /// The results: from a file, or measured now.
  func results(
    _ repository: Repository, _ selection: SelectionOptions, _ measuring: MeasuringOptions
  ) throws(CommandFailure) -> RunResults {
    if let from {
      let results = try readResults(from)
      let wanted = selection.scenarios
      guard wanted.isEmpty || results.scenarios.contains(where: { wanted.contains($0.name) })
      else {
        throw .usage(
          "\(from) holds \(results.scenarios.map(\.name).joined(separator: ", ")), not "
            + wanted.joined(separator: ", "))
      }
      return results
    }
    return try measuring.results(repository, try selection.plan(repository)).results
  }

  /// The scenarios of `results` that were asked for; all where none was named.
  func selected(_ results: RunResults, _ names: [String]) -> [ScenarioResults] {
    guard from != nil, !names.isEmpty else { return results.scenarios }
    return results.scenarios.filter { names.contains($0.name) }
  }

  /// The name an approval carries.
  var approver: String {
    if let who { return who }
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "config", "user.name"]
    let pipe = Pipe()
    git.standardOutput = pipe
    git.standardError = FileHandle.nullDevice
    if (try? git.run()) != nil {
      let name = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      git.waitUntilExit()
      if !name.isEmpty { return name }
    }
    return NSUserName()
  }

  /// Shows what one scenario's baseline would become and, unless told otherwise, writes it.
  func replace(
    _ scenario: ScenarioResults, of results: RunResults, in store: BaselineStore,
    old: Baseline?, why: String
  ) throws(CommandFailure) {
    let baseline: Baseline
    do {
      baseline = try Baseline.recording(
        scenario, of: results, replacing: old, who: approver, when: results.startedAt, why: why)
    } catch {
      if case .noReason = error { throw .usage(error) }
      throw .invalid(error)
    }
    let changes = BaselineChange.between(old, baseline)
    Terminal.print(TextReport().text(changes, scenario: scenario.name))
    guard !dryRun, !(changes.isEmpty && old?.isApproved == true) else { return }
    do {
      try store.write(baseline)
      Terminal.print("wrote Baselines/\(scenario.name).json\n")
    } catch { throw .broken(error) }
  }
}
