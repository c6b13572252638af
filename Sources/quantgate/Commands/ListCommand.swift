import ArgumentParser
import Scenarios

/// What there is.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List scenarios with their suites and cases.")

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var selection: SelectionOptions

  @Flag(help: "List case ids, one a line.")
  var cases = false

  func run() throws {
    try reportingFailures {
      let plan = try selection.plan(try repository.repository()).plan
      for scenario in plan.scenarios {
        let cases = plan.cases(of: scenario)
        if self.cases {
          for planned in cases { Terminal.print("\(planned.id)\n") }
        } else {
          Terminal.print(
            "\(scenario.name)  suite \(scenario.suite), \(counted(cases.count)): \(scenario.summary)\n"
          )
        }
      }
    }
  }
}
