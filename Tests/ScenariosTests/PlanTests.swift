import Digests
import Foundation
import Quantization
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

  @Test func `a scenario is found by name and by path, and a named one runs in any suite`() throws {
    let repository = try SampleRepository()
    try repository.edit("Scenarios/sample.yaml", "gates:", "suite: large\ngates:")
    let path = repository.folder.url.path + "/Scenarios/sample.yaml"
    for name in ["sample", "Scenarios/sample.yaml", "Scenarios/./sample.yaml", path] {
      #expect(try repository.plan(PlanSelection(scenarios: [name, "sample"])).cases.count == 2)
    }
    #expect(try repository.plan(PlanSelection(suite: "large")).cases.count == 2)
    #expect(
      try repository.mistakes() == ["no scenario of the suite 'default'; there is 'large'"])
    #expect(
      try repository.mistakes(PlanSelection(suite: "larg"))
        == ["no scenario of the suite 'larg' (did you mean 'large'?)"])
    #expect(
      try repository.mistakes(PlanSelection(suite: "all", filters: ["nothing"]))
        == ["no case is left of 2 after filtering"])
  }

  @Test func `a mistake counts whichever suite it is in`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/broken.yaml", "scenario: broken\nsuite: large\n")
    #expect(
      try repository.mistakes().allSatisfy {
        $0.hasPrefix("Scenarios/broken.yaml:1:1: missing key")
      }
    )
    #expect(try repository.mistakes(PlanSelection(scenarios: ["sample"])) == [])
  }

  @Test func `inline definitions stand beside names and may extend a file`() throws {
    let repository = try SampleRepository()
    try repository.write(
      "Scenarios/hardware/one.yaml",
      "hardware: one\nisa: avx2\nallocator: { narenas: 2, dirty_decay: 5 ms }\nmemory: { limit: 1 GiB }\n"
    )
    try repository.edit(
      "Scenarios/sample.yaml", "hardware: [one]",
      "hardware: { hardware: tight, extends: one, threads: 2, pin: [1, 0], memory: { limit: 64 MiB }, allocator: { narenas: 1 } }"
    )
    let profile = try repository.plan().cases[0].hardware
    #expect(
      profile
        == HardwareProfile(
          name: "tight", ceiling: .avx2, threads: 2, pinning: .cores([1, 0]),
          memoryLimit: 64 << 20,
          allocator: HardwareProfile.AllocatorSettings(narenas: 1, dirtyDecay: .milliseconds(5))))
    #expect(profile.requiredCores == 2)
  }

  @Test func `the float reference is the scenario's own scheme, or fp32`() throws {
    let repository = try SampleRepository()
    #expect(try repository.plan().scenarios[0].floatScheme.name == "fp32")
    try repository.edit(
      "Scenarios/sample.yaml", "[fp32, int8]",
      "[int8, { scheme: plain, weights: { format: fp32 }, activations: { format: fp32 } }]")
    #expect(try repository.plan().scenarios[0].floatScheme.name == "plain")
    try repository.edit(
      "Scenarios/sample.yaml",
      "[int8, { scheme: plain, weights: { format: fp32 }, activations: { format: fp32 } }]", "int8")
    let scenario = try repository.plan().scenarios[0]
    #expect(scenario.floatScheme.name == "fp32" && scenario.schemes.map(\.name) == ["int8"])
  }

  @Test func `the digest follows every file behind a case and no other`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/hardware/base.yaml", "hardware: base\n")
    try repository.edit("Scenarios/hardware/one.yaml", "threads: 1", "threads: 1\nextends: base")
    var seen: Set<Digest> = []
    func change(_ file: String, _ old: String, _ new: String) throws {
      let before = try #require(try repository.plan().cases.last?.digest)
      seen.insert(before)
      try repository.edit(file, old, new)
      let after = try #require(try repository.plan().cases.last?.digest)
      #expect(!seen.contains(after), "\(file): \(new)")
    }
    try change("Scenarios/hardware/base.yaml", "hardware: base", "hardware: base\nisa: scalar")
    try change(
      "Scenarios/datasets/applicants.yaml", "kind: applicants", "kind: applicants\nseed: 2")
    try change("Scenarios/architectures/tiny.yaml", "name: head", "name: tail")
    try change("Scenarios/sample.yaml", "samples: 64", "samples: 65")
    let before = try repository.plan().cases.map(\.digest)
    #expect(Set(before).count == before.count)
    try repository.write("Scenarios/hardware/other.yaml", "hardware: other\n")
    #expect(try repository.plan().cases.map(\.digest) == before)
  }

  @Test func `patterns match whole names`() throws {
    for (pattern, cases) in [
      ("int8", 1), ("int*", 1), ("*8", 1), ("*nt*", 1), ("*", 2), ("i*8", 1),
    ] {
      let repository = try SampleRepository()
      try repository.edit(
        "Scenarios/sample.yaml", "hardware: [one]",
        "hardware: [one, { hardware: other, threads: 1 }]")
      try repository.edit(
        "Scenarios/sample.yaml", "gates:",
        "exclude:\n  - { scheme: \"\(pattern)\", hardware: other, why: a test }\ngates:")
      if cases == 2 {
        #expect(try repository.mistakes().first?.contains("unreachable") == true)
      } else {
        #expect(try repository.plan().cases.count == 3, "\(pattern)")
      }
    }
  }

  @Test func `the schemas for editors are JSON and have every key`() throws {
    for schema in [Scenario.jsonSchema, HardwareProfile.jsonSchema] {
      _ = try JSONSerialization.jsonObject(with: Data(schema.utf8))
    }
    for key in MetricCatalog.ids + ["exclude", "safety_critical", "suite", "warmup", "at_most"] {
      #expect(Scenario.jsonSchema.contains("\"\(key)\": {"), "\(key)")
    }
    for key in ["extends", "requires", "pin", "narenas", "dirty_decay", "limit"] {
      #expect(HardwareProfile.jsonSchema.contains("\"\(key)\": {"), "\(key)")
    }
  }

  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  @Test func `every shipped scenario plans, and the default suite stays small`() throws {
    let repository = try Repository(root: Self.checkout)
    let all = try Plan(repository, PlanSelection(suite: PlanSelection.allSuites))
    #expect(Set(all.scenarios.map(\.name)).isSuperset(of: ["vision", "tabular", "mnist", "adult"]))
    let suite = try Plan(repository, PlanSelection())
    #expect((8...30).contains(suite.cases.count))
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
