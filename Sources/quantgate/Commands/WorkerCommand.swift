import ArgumentParser
import Engines
import Foundation
import Measuring
import Scenarios

/// One worker process; started by the supervisor, with a job on standard input.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Measures one part of one case (internal).",
    shouldDisplay: false)

  func run() throws {
    try ForcedInstructionSet.apply()
    let code = Worker.run(engine: NativeEngine()) { job in
      let repository = try Repository(
        root: job.root, environment: ProcessInfo.processInfo.environment)
      let plan = try Plan(repository, PlanSelection(scenarios: [job.scenarioFile]))
      guard let planned = plan.cases.first(where: { $0.id == job.id }) else {
        throw ValidationError("\(job.scenarioFile): no case '\(job.id)' any more")
      }
      return try planned.materials(root: job.root)
    }
    throw ArgumentParser.ExitCode(code)
  }
}
