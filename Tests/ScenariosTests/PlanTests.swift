import Digests
import Foundation
import Results
import Scenarios
import TestSupport
import Testing

@Suite struct PlanTests {
  @Test func `architectures are outermost and hardware innermost`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/hardware/two.yaml", "hardware: two\nextends: one\nthreads: 2\n")
    try repository.edit("Scenarios/sample.yaml", "hardware: [one]", "hardware: [one, two]")
    let plan = try repository.plan()
    #expect(
      plan.cases.map(\.id.description) == [
        "sample/tiny/fp32/one", "sample/tiny/fp32/two", "sample/tiny/int8/one",
        "sample/tiny/int8/two",
      ])
    #expect(plan.cases[1].hardware.threads == 2)
  }

  @Test func `an exclusion removes the cells that match all its patterns`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/hardware/two.yaml", "hardware: two\nextends: one\nthreads: 2\n")
    try repository.edit("Scenarios/sample.yaml", "hardware: [one]", "hardware: [one, two]")
    try repository.edit(
      "Scenarios/sample.yaml", "gates:",
      "exclude:\n  - { scheme: fp*, hardware: two, why: seen on one core }\ngates:")
    let plan = try repository.plan()
    #expect(!plan.cases.contains { $0.id.description == "sample/tiny/fp32/two" })
    #expect(plan.cases.count == 3)
  }

  @Test func `limits become fractions, bytes and counts`() throws {
    let gates = try SampleRepository().plan().scenarios[0].gates
    #expect(gates.rules["accuracy.top1"]?.againstFloat == -0.01)
    #expect(gates.rules["accuracy.top1"]?.againstBaseline == 0)
    #expect(gates.rules["latency.intrinsic_spikes"]?.atMost == 0.002)
    #expect(gates.rules["latency.intrinsic_spikes"]?.more == 0.001)
    #expect(gates.rules["memory.peak_allocated"]?.more == 1024)
    #expect(gates.outputs == .identical)
  }

  @Test func `the digest follows content, not layout`() throws {
    let repository = try SampleRepository()
    let before = try repository.plan().cases.map(\.digest)
    try repository.edit("Scenarios/sample.yaml", "gates:", "# a remark\n\ngates:")
    #expect(try repository.plan().cases.map(\.digest) == before)
    try repository.edit("Scenarios/schemes/int8.yaml", "symmetric: true", "symmetric: false")
    let after = try repository.plan().cases.map(\.digest)
    #expect(after[0] == before[0])
    #expect(after[1] != before[1])
  }

  @Test func `filters, skips and shards divide the cases`() throws {
    let repository = try SampleRepository()
    #expect(
      try repository.plan(PlanSelection(filters: ["int8"])).cases.map(\.id.scheme) == ["int8"])
    #expect(
      try repository.plan(PlanSelection(skips: ["int8"])).cases.map(\.id.scheme) == ["fp32"])
    let shards = try (1...2).flatMap { index in
      try repository.plan(PlanSelection(shard: PlanSelection.Shard("\(index)/2"))).cases.map(\.id)
    }
    #expect(Set(shards) == Set(try repository.plan().cases.map(\.id)))
    #expect(shards.count == 2)
    #expect(throws: SelectionError.self) { try PlanSelection.Shard("3/2") }
    #expect(
      try repository.mistakes(PlanSelection(filters: ["("])).first?.contains("--filter") == true)
    #expect(
      try repository.mistakes(PlanSelection(scenarios: ["sampel"]))
        == ["no scenario 'sampel' (did you mean 'sample'?)"])
    #expect(try repository.mistakes(PlanSelection(suite: "large")).first?.contains("large") == true)
  }

  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  @Test func `every shipped scenario plans, and the default suite stays small`() throws {
    let repository = try Repository(root: Self.checkout)
    let all = try Plan(repository, PlanSelection(suite: PlanSelection.allSuites))
    #expect(Set(all.scenarios.map(\.name)).isSuperset(of: ["vision", "tabular", "mnist", "adult"]))
    let suite = try Plan(repository, PlanSelection())
    #expect((8...10).contains(suite.cases.count))
    #expect(suite.scenarios.allSatisfy { $0.suite == "default" })
  }

  @Test func `random damage to the shipped files never crashes`() throws {
    let seed: UInt64 = 20_261
    var generator = SeededGenerator(seed: seed)
    let text = Array(
      try String(contentsOfFile: Self.checkout + "/Scenarios/vision.yaml", encoding: .utf8).utf8)
    let repository = try SampleRepository()
    for name in ["architectures", "schemes", "hardware", "datasets"] {
      let target = repository.folder.url.appendingPathComponent("Scenarios/\(name)")
      try FileManager.default.removeItem(at: target)
      try FileManager.default.copyItem(
        atPath: Self.checkout + "/Scenarios/\(name)", toPath: target.path)
    }
    try FileManager.default.removeItem(
      at: repository.folder.url.appendingPathComponent("Scenarios/sample.yaml"))
    var planned = 0
    for _ in 0..<300 {
      var damaged = text
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<damaged.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: damaged.remove(at: place)
        default: damaged.insert(UInt8.random(in: 32...126, using: &generator), at: place)
        }
      }
      let file = repository.folder.url.appendingPathComponent("Scenarios/vision.yaml")
      try Data(damaged).write(to: file)
      if try repository.mistakes().isEmpty { planned += 1 }
    }
    #expect(planned < 300, "seed \(seed): no damage was noticed")
  }
}
