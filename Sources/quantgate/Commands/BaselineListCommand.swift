import ArgumentParser
import Results

/// What is approved, by whom and why.
struct BaselineListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List baselines with their last approval.")

  @OptionGroup var repository: RepositoryOptions

  func run() throws {
    try reportingFailures {
      let store = try repository.repository().baselineStore
      for scenario in store.scenarios() {
        do throws(ResultsError) {
          guard let baseline = try store.baseline(scenario: scenario) else { continue }
          let approval = baseline.approvals.last.map { "\($0.when) \($0.who): \($0.why)" }
          Terminal.print(
            "\(scenario)  \(baseline.entries.count) models  \(approval ?? "not approved")\n")
        } catch { throw CommandFailure.invalid(error) }
      }
      for (fingerprint, scenario) in store.timings() {
        Terminal.print("timing/\(fingerprint)/\(scenario)\n")
      }
    }
  }
}

/// Whether what is stored can be trusted.
struct BaselineVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every stored baseline; ends with 65 if one is wrong.")

  @OptionGroup var repository: RepositoryOptions

  func run() throws {
    try reportingFailures {
      let store = try repository.repository().baselineStore
      let problems = store.verify()
      guard problems.isEmpty else {
        throw CommandFailure.invalid(problems.joined(separator: "\n"))
      }
      Terminal.print(
        "\(store.scenarios().count) baselines and \(store.timings().count) timing baselines hold\n")
    }
  }
}
