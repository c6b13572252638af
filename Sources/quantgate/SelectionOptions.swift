import ArgumentParser
import Documents
import Foundation
import Scenarios

/// Where the repository is.
struct RepositoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder that holds Scenarios/ and Baselines/.", valueName: "folder"))
  var root = "."

  /// Opens the repository.
  func repository() throws(CommandFailure) -> Repository {
    do {
      return try Repository(root: root, environment: ProcessInfo.processInfo.environment)
    } catch { throw .invalid(error) }
  }
}

/// Which cases a command is about.
struct SelectionOptions: ParsableArguments {
  @Argument(help: "Names or paths of scenarios; none means the whole suite.")
  var scenarios: [String] = []

  @Option(help: "The suite to take where no scenario is named; 'all' for every one.")
  var suite = "default"

  @Option(help: ArgumentHelp("Take only cases whose id matches.", valueName: "regex"))
  var filter: [String] = []

  @Option(help: ArgumentHelp("Leave out cases whose id matches.", valueName: "regex"))
  var skip: [String] = []

  @Option(help: ArgumentHelp("Take part i of n of the cases.", valueName: "i/n"))
  var shard: String?

  /// Plans the cases; every mistake in every file is reported, and nothing runs if there is one.
  func plan(_ repository: Repository) throws(CommandFailure) -> Plan {
    let selection: PlanSelection
    do throws(SelectionError) {
      selection = PlanSelection(
        scenarios: scenarios, suite: suite, filters: filter, skips: skip,
        shard: try shard.map { (text) throws(SelectionError) in try PlanSelection.Shard(text) })
    } catch { throw .usage(error) }
    do throws(PlanError) {
      return try Plan(repository, selection)
    } catch {
      switch error {
      case .invalid(let document): throw .invalid(document)
      case .selection(let selection): throw .usage(selection)
      }
    }
  }
}
