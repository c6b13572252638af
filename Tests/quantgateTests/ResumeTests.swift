import Foundation
import TestSupport
import Testing

/// `--resume`: what was measured counts only while everything it was measured on is the same.
@Suite(.serialized) struct ResumeTests {
  static let weights = "Scenarios/models/mlp-applicants.safetensors"

  /// One edit that makes a finished case another one.
  enum Change: String, CaseIterable, Sendable {
    case weights
    case data
    case scheme
    case budget
  }

  @Test(arguments: Change.allCases)
  func `a case whose files changed is measured again`(_ change: Change) throws {
    let repository = try PrivateRepository.measured()
    let journal = try repository.bytes("results/journal.jsonl")
    switch change {
    case .weights:
      var bytes = try repository.bytes(Self.weights)
      bytes[bytes.count - 4] ^= 0x01
      try bytes.write(to: repository.file(Self.weights))
    case .data:
      try repository.replace("seed: 1", "seed: 2", in: "Scenarios/datasets/applicants.yaml")
    case .scheme:
      try repository.replace(
        "group_size: 32", "group_size: 16", in: "Scenarios/schemes/int4-g32.yaml")
    case .budget:
      try repository.replace("budget: 1 s", "budget: 900 ms")
    }
    let outcome = try repository.check(["--quick", "--resume"])
    #expect([0, 2].contains(outcome.exitCode), "\(outcome)")
    let after = try repository.bytes("results/journal.jsonl")
    #expect(after.count > journal.count, "the old result stood in")
    #expect(after.starts(with: journal))
  }

  @Test func `a broken weight is found although the run goes on`() throws {
    let repository = try PrivateRepository.measured()
    try repository.flipExponentBit(in: Self.weights)
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("outputs: the output bits differ from the baseline's"))
  }

  @Test func `a fault is measured although the run goes on`() throws {
    let repository = try PrivateRepository.measured()
    let outcome = try repository.check(["--quick", "--resume"], fault: "leak:64")
    #expect(outcome.exitCode == 2, "\(outcome)")
    #expect(outcome.output.contains("memory.leak_per_iteration"))
  }

  @Test func `a line cut off by a power cut is forgotten`() throws {
    let repository = try PrivateRepository.measured()
    let journal = try repository.bytes("results/journal.jsonl")
    try journal.prefix(journal.count / 2).write(to: repository.file("results/journal.jsonl"))
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 0, "\(outcome)")
    let lines = try repository.bytes("results/journal.jsonl").split(separator: 0x0A)
    #expect(lines.count == 1)
  }

  @Test func `a damaged journal is named`() throws {
    let repository = try PrivateRepository.measured()
    let journal = try repository.bytes("results/journal.jsonl")
    try (Data("garbage\n".utf8) + journal).write(to: repository.file("results/journal.jsonl"))
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 1, "\(outcome)")
    #expect(outcome.errors.contains("results/journal.jsonl:1: not a finished case"), "\(outcome)")
  }
}
