import ArgumentParser
import Documents
import Foundation
import Results
import Scenarios

/// `1 case`, `2 cases`.
func counted(_ cases: Int) -> String { cases == 1 ? "1 case" : "\(cases) cases" }

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

/// The cases a command is about.
struct SelectedPlan {
  /// What was selected.
  let plan: Plan
  /// Cases of the same scenarios that filters, skips or a shard left out.
  let leftOut: [CaseID]
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
  func plan(_ repository: Repository) throws(CommandFailure) -> SelectedPlan {
    let selection: PlanSelection
    do throws(SelectionError) {
      selection = PlanSelection(
        scenarios: scenarios, suite: suite, filters: filter, skips: skip,
        shard: try shard.map { (text) throws(SelectionError) in try PlanSelection.Shard(text) })
    } catch { throw .usage(error) }
    let plan = try plan(repository, selection)
    if filter.isEmpty, skip.isEmpty, shard == nil { return SelectedPlan(plan: plan, leftOut: []) }
    let whole = try self.plan(repository, PlanSelection(scenarios: scenarios, suite: suite))
    let selected = Set(plan.cases.map(\.id))
    let names = Set(plan.scenarios.map(\.name))
    return SelectedPlan(
      plan: plan,
      leftOut: whole.cases.map(\.id).filter {
        names.contains($0.scenario) && !selected.contains($0)
      })
  }

  private func plan(
    _ repository: Repository, _ selection: PlanSelection
  ) throws(CommandFailure) -> Plan {
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
