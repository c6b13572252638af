import ArgumentParser

/// The command.
@main
struct QuantGate: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "quantgate",
    abstract: "Benchmarks quantized neural networks and fails on regressions.",
    discussion: """
      Exit codes: 0 pass, 2 regression, 3 a workload failed (crash, time limit, out of memory), \
      4 better than tolerance (only with --fail-on-improvement), 5 a case has no baseline, 7 a metric \
      is missing or undecided, 64 usage, 65 invalid scenario, baseline or model file, 1 internal \
      error. Several at once: the first of 2, 3, 5, 7, 4.
      """,
    version: version,
    subcommands: [
      CheckCommand.self, RunCommand.self, CompareCommand.self, BaselineCommand.self,
      DescribeCommand.self, ListCommand.self, TrainCommand.self,
      KernelsCommand.self, WorkerCommand.self,
    ])
}
