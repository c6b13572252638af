import Foundation
import TestSupport

/// A private copy of the checkout's definitions with one small scenario, `small`, that a test may damage.
struct PrivateRepository {
  let folder: TemporaryFolder

  static let scenario = """
    scenario: small
    architectures: [mlp-applicants]
    schemes: [int4-g32]
    hardware: [one-core]
    data:
      dataset: applicants
      evaluate: { split: evaluate, samples: 400 }
      slices: [group]
    measure: { budget: 1 s, processes: 5, warmup: { until: stable, at_most: 0.05 s } }
    gates:
      accuracy.top1:             { against_float: -2.0 pp, against_baseline: 0 }
      latency.vs_control:        { slower: 5 % }
      latency.intrinsic_spikes:  { at_most: 0.5 % }
      memory.peak_allocated:     { more: 0 B }
      memory.steady_allocations: { at_most: 0 }
    """

  /// A fresh repository without a baseline.
  ///
  /// - Parameter keeping: Shipped scenarios that stay beside `small`.
  init(keeping kept: [String] = []) throws {
    folder = try TemporaryFolder()
    let files = FileManager.default
    try files.copyItem(
      at: InstalledCommand.checkout.appendingPathComponent("Scenarios"),
      to: folder.url.appendingPathComponent("Scenarios"))
    for name in ["vision", "tabular", "mnist", "adult"] where !kept.contains(name) {
      try files.removeItem(at: file("Scenarios/\(name).yaml"))
    }
    try folder.write(Self.scenario, to: "Scenarios/small.yaml")
  }

  /// A copy of one repository whose baseline was recorded once for all tests.
  static func recorded() throws -> PrivateRepository {
    let copy = try PrivateRepository()
    try FileManager.default.copyItem(
      at: try template.get().file("Baselines"), to: copy.file("Baselines"))
    return copy
  }

  private static let template: Result<PrivateRepository, any Error> = Result {
    let repository = try PrivateRepository()
    let outcome = try repository.command.run(["baseline", "record", "small", "--quiet"])
    guard outcome.exitCode == 0 else { throw NotRecorded(outcome: outcome) }
    return repository
  }

  struct NotRecorded: Error {
    let outcome: InstalledCommand.Outcome
  }

  var command: InstalledCommand { InstalledCommand(root: folder.url) }

  func file(_ path: String) -> URL { folder.url.appendingPathComponent(path) }

  func bytes(_ path: String) throws -> Data { try Data(contentsOf: file(path)) }

  /// Rewrites a text file.
  func edit(_ path: String, _ change: (inout String) throws -> Void) throws {
    var text = try String(contentsOf: file(path), encoding: .utf8)
    let before = text
    try change(&text)
    precondition(text != before, "\(path) stayed as it was")
    try Data(text.utf8).write(to: file(path))
  }

  /// Replaces a text that must be there.
  func replace(_ old: String, _ new: String, in path: String = "Scenarios/small.yaml") throws {
    try edit(path) { $0 = $0.replacingOccurrences(of: old, with: new) }
  }

  /// `check small`, without progress.
  func check(
    _ arguments: [String] = [], fault: String? = nil
  ) throws -> InstalledCommand.Outcome {
    try command.run(
      ["check", "small", "--quiet"] + arguments,
      environment: fault.map { ["QUANTGATE_FAULT": $0] } ?? [:])
  }
}
