import ArgumentParser

/// Approved results.
struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline",
    abstract: "Record, update, list and verify the approved results in Baselines/.",
    subcommands: [
      BaselineRecordCommand.self, BaselineUpdateCommand.self, BaselineListCommand.self,
      BaselineVerifyCommand.self,
    ])
}
