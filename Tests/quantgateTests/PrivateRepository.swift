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
    for shipped in try files.contentsOfDirectory(atPath: file("Scenarios").path)
    where shipped.hasSuffix(".yaml") && !kept.contains(String(shipped.dropLast(5))) {
      try files.removeItem(at: file("Scenarios/\(shipped)"))
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

  /// A copy of one repository with a baseline and a finished run in its journal, so that `check --quick
  /// --resume` judges without measuring.
  static func measured() throws -> PrivateRepository {
    let copy = try PrivateRepository()
    for folder in ["Baselines", "results"] {
      try FileManager.default.copyItem(
        at: try finished.get().file(folder), to: copy.file(folder))
    }
    return copy
  }

  private static let finished: Result<PrivateRepository, any Error> = Result {
    let repository = try recorded()
    let outcome = try repository.check(["--quick"])
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

  /// Flips the top exponent bit of a weight between 1/32 and 1, which makes it huge and leaves it finite.
  func flipExponentBit(in path: String) throws {
    var bytes = try bytes(path)
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let place = stride(from: 8 + header, to: bytes.count, by: 4).first { start in
      let exponent = Int(bytes[start + 3] & 0x7F) << 1 | Int(bytes[start + 2]) >> 7
      return (0x7A...0x7E).contains(exponent)
    }
    guard let place else { preconditionFailure("\(path) holds no such weight") }
    bytes[place + 3] ^= 0x40
    try bytes.write(to: file(path))
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
