import Documents
import Foundation
import Scenarios
import TestSupport
import Testing

@Suite struct ScenarioErrorTests {
  /// One edit of the sample repository, and everything that planning says about it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let file: String
    let old: String
    let new: String
    let expected: [String]
    var testDescription: String { expected[0] }

    init(
      in file: String = "Scenarios/sample.yaml", _ old: String, _ new: String,
      _ expected: String...
    ) {
      self.file = file
      self.old = old
      self.new = new
      self.expected = expected
    }
  }

  /// A scenario whose names lead nowhere, or whose keys and values are not what they must be.
  static let spelling: [Mistake] = [
    Mistake(
      "[fp32, int8]", "[fp32, int9]",
      "Scenarios/sample.yaml:3:17: schemes[1]: no scheme 'int9' (did you mean 'int8'?)"),
    Mistake(
      "architectures: [tiny]", "architectures: [tinny]",
      "Scenarios/sample.yaml:2:17: architectures[0]: no architecture 'tinny' (did you mean 'tiny'?)"
    ),
    Mistake(
      "hardware: [one]", "hardware: oen",
      "Scenarios/sample.yaml:4:11: hardware: no hardware profile 'oen' (did you mean 'one'?)"),
    Mistake(
      "dataset: applicants", "dataset: applicant",
      "Scenarios/sample.yaml:6:12: data.dataset: no dataset 'applicant' (did you mean 'applicants'?)"
    ),
    Mistake(
      "[fp32, int8]", "[fp32, ../schemes/int8]",
      "Scenarios/sample.yaml:3:17: schemes[1]: expected a name (lower-case letters, digits, '.', "
        + "'_', '-'), found '../schemes/int8'"),
    Mistake(
      "gates:", "gatez:", "Scenarios/sample.yaml:11:1: gatez: unknown key (did you mean 'gates'?)"),
    Mistake(
      "accuracy.top1:", "accuracy.top2:",
      "Scenarios/sample.yaml:12:3: gates.accuracy.top2: unknown key (did you mean 'accuracy.top1'?)"
    ),
    Mistake(
      "slices: [group]", "slices: [grup]",
      "Scenarios/sample.yaml:9:12: data.slices[0]: 'applicants' has no slice 'grup' "
        + "(did you mean 'group'?)"),
    Mistake(
      "slices: [group]", "slices: [group, group]",
      "Scenarios/sample.yaml:9:19: data.slices[1]: the slice 'group' is listed twice"),
    Mistake(
      "scenario: sample", "scenario: simple",
      "Scenarios/sample.yaml:1:11: scenario: expected the file's name, 'sample', found 'simple'"),
    Mistake(
      "schemes: [fp32, int8]\n", "",
      "Scenarios/sample.yaml:1:1: missing key 'schemes': a name, or a mapping, or a list"),
    Mistake(
      "split: evaluate", "split: train",
      "Scenarios/sample.yaml:8:22: data.evaluate.split: expected 'evaluate', found 'train'"),
    Mistake(
      "split: calibrate", "split: evaluate",
      "Scenarios/sample.yaml:7:23: data.calibrate.split: expected one of 'calibrate', 'train', "
        + "found 'evaluate'"),
    Mistake(
      "gates:", "suite: all\ngates:",
      "Scenarios/sample.yaml:11:8: suite: expected a suite other than 'all', found 'all'"),
    Mistake(
      "gates:", "safety_critical: true\ngates:",
      "Scenarios/sample.yaml:11:18: safety_critical: needs fallback and monitor, not available yet"),
  ]

  /// Limits, units and counts that cannot be meant.
  static let limits: [Mistake] = [
    Mistake(
      "budget: 2 s", "budget: 2",
      "Scenarios/sample.yaml:10:20: measure.budget: expected a duration from 100 ms to 1 h, such as "
        + "'5 s', found '2'"),
    Mistake(
      "at_most: 0.1 s", "at_most: 0.5 s",
      "Scenarios/sample.yaml:10:47: measure.warmup: expected a warm-up that leaves time to measure: "
        + "4 processes × 0.5 s is not under the budget of 2 s"),
    Mistake(
      "budget: 2 s", "limit: 1 s, budget: 40 s",
      "Scenarios/sample.yaml:10:19: measure.limit: expected more than a worker's share of the budget, "
        + "10 s, found 1 s: every worker would be taken for hanging"),
    Mistake(
      "processes: 4", "processes: 2",
      "Scenarios/sample.yaml:10:36: measure.processes: expected a whole number from 3 to 64, "
        + "found '2'"),
    Mistake(
      "samples: 64", "samples: 0",
      "Scenarios/sample.yaml:8:41: data.evaluate.samples: expected a whole number from 1 to 1000000, "
        + "found '0'"),
    Mistake(
      "-1.0 pp", "+1.0 pp",
      "Scenarios/sample.yaml:12:35: gates.accuracy.top1.against_float: expected percentage points "
        + "from -100 pp to 0 pp, such as '-1.0 pp', found '+1.0 pp'"),
    Mistake(
      "more: 1 KiB", "more: 1024",
      "Scenarios/sample.yaml:14:34: gates.memory.peak_allocated.more: expected a number of bytes, "
        + "such as '512 MiB', found '1024' (did you mean '1024 B'?)"),
    Mistake(
      "at_most: 0.2 %", "at_most: 0.002",
      "Scenarios/sample.yaml:13:40: gates.latency.intrinsic_spikes.at_most: expected a share from "
        + "0 % to 100 %, such as '0.2 %' or '5 pp', found '0.002'"),
    Mistake(
      "more: 1 KiB", "slower: 3 %",
      "Scenarios/sample.yaml:14:28: gates.memory.peak_allocated.slower: does not suit this metric; "
        + "expected 'at_most', 'more'"),
    Mistake(
      "{ more: 1 KiB }", "{}",
      "Scenarios/sample.yaml:14:26: gates.memory.peak_allocated: expected at least one limit: "
        + "'at_most', 'more'"),
  ]

  /// Parts that are fine by themselves and do not fit together.
  static let combinations: [Mistake] = [
    Mistake(
      "  calibrate: { split: calibrate, samples: 16 }\n", "",
      "Scenarios/sample.yaml:6:3: data: missing key 'calibrate': 'int8' calibrates"),
    Mistake(
      "slices: [group]\nmeasure:", "slices: []\nmeasure:",
      "Scenarios/sample.yaml:15:28: gates.accuracy.worst_slice: needs 'data.slices', which has none"
    ),
    Mistake(
      "architectures: [tiny]", "architectures: [tiny, tiny]",
      "Scenarios/sample.yaml:2:23: architectures[1]: the architecture 'tiny' is listed twice"),
    Mistake(
      "[fp32, int8]",
      "[fp32, int8, { scheme: int8, weights: { format: fp32 }, activations: { format: fp32 } }]",
      "Scenarios/sample.yaml:3:23: schemes[2]: an inline definition may not take the name of "
        + "Scenarios/schemes/int8.yaml",
      "Scenarios/sample.yaml:3:23: schemes[2]: the scheme 'int8' is listed twice"),
    Mistake(
      in: "Scenarios/architectures/tiny.yaml", "[16]", "[8]",
      "Scenarios/sample.yaml:2:17: architectures[0]: 'tiny' reads inputs of shape [8], but "
        + "'applicants' has [16]"),
    Mistake(
      in: "Scenarios/architectures/tiny.yaml", "features: 2", "features: 3",
      "Scenarios/sample.yaml:2:17: architectures[0]: 'tiny' tells 3 classes apart, but "
        + "'applicants' has 2"),
    Mistake(
      "hardware: [one]", "hardware: { hardware: pinned, extends: one, pin: [0, 1] }",
      "Scenarios/sample.yaml:4:50: hardware.pin: expected one core per thread: 1, found 2"),
    Mistake(
      "hardware: [one]", "hardware: { hardware: wide, threads: 4, requires: { cores: 2 } }",
      "Scenarios/sample.yaml:4:11: hardware: expected at least 4 cores, one per thread, found 2"),
  ]

  /// Exclusions that say nothing, or too much.
  static let exclusions: [Mistake] = [
    Mistake(
      "gates:", "exclude:\n  - { scheme: int8 }\ngates:",
      "Scenarios/sample.yaml:12:5: exclude[0]: missing key 'why': a reason"),
    Mistake(
      "gates:", "exclude:\n  - { why: none }\ngates:",
      "Scenarios/sample.yaml:12:5: exclude[0]: expected at least one of 'architecture', 'scheme', "
        + "'hardware'"),
    Mistake(
      "gates:", "exclude:\n  - { scheme: nothing-*, why: because }\ngates:",
      "Scenarios/sample.yaml:12:5: exclude[0]: excludes nothing: no case of this scenario matches"),
    Mistake(
      "gates:", "exclude:\n  - { scheme: Int8, why: because }\ngates:",
      "Scenarios/sample.yaml:12:15: exclude[0].scheme: expected a name, in which '*' matches any "
        + "text, found 'Int8'"),
    Mistake(
      "gates:", "exclude:\n  - { scheme: int8, why: a }\n  - { scheme: int*, why: b }\ngates:",
      "Scenarios/sample.yaml:3:17: schemes[1]: unreachable: every case of the scheme 'int8' is "
        + "excluded",
      "Scenarios/sample.yaml:13:5: exclude[1]: excludes only cases that entries before it exclude "
        + "already"),
  ]

  /// Mistakes in the files a scenario names.
  static let references: [Mistake] = [
    Mistake(
      in: "Scenarios/schemes/int8.yaml", "scheme: int8", "scheme: int4",
      "Scenarios/schemes/int8.yaml:1:1: scheme: expected the file's name, 'int8', found 'int4'"),
    Mistake(
      in: "Scenarios/schemes/int8.yaml", "calibration:", "fallback: { format: bf16 }\ncalibration:",
      "Scenarios/schemes/int8.yaml:4:1: fallback: not available yet "
        + "(layers kept in a wider format)"),
    Mistake(
      in: "Scenarios/hardware/one.yaml", "threads: 1", "threads: 1\nextends: one",
      "Scenarios/hardware/one.yaml:3:10: extends: a circle of profiles that extend each other: "
        + "one → one"),
    Mistake(
      in: "Scenarios/hardware/one.yaml", "threads: 1", "isa: neno",
      "Scenarios/hardware/one.yaml:2:6: isa: expected one of 'scalar', 'avx2', 'avx512', "
        + "'avx512-vnni', 'neon', 'neon-dotprod', found 'neno' (did you mean 'neon'?)"),
    Mistake(
      in: "Scenarios/hardware/one.yaml", "threads: 1", "requires: { features: [avx3] }",
      "Scenarios/hardware/one.yaml:2:24: requires.features[0]: expected one of 'avx', 'avx2', 'fma', "
        + "'f16c', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512_vnni', 'avx_vnni', "
        + "'avx512_bf16', 'amx_int8', 'asimd', 'asimddp', 'i8mm', 'bf16', 'sve', 'sve2', found 'avx3' "
        + "(did you mean 'avx'?)"),
    Mistake(
      in: "Scenarios/hardware/one.yaml", "threads: 1", "threads: 2\npin: [3, 3]",
      "Scenarios/hardware/one.yaml:3:6: pin: expected a list of different cores, found a list"),
    Mistake(
      in: "Scenarios/hardware/one.yaml", "threads: 1", "memory: { limit: 512 }",
      "Scenarios/hardware/one.yaml:2:18: memory.limit: expected at least 1048576 bytes, such as "
        + "'512 MiB', found '512' (did you mean '512 B'?)"),
    Mistake(
      in: "Scenarios/datasets/applicants.yaml", "kind: applicants", "kind: aplicants",
      "Scenarios/datasets/applicants.yaml:2:7: kind: expected one of 'glyphs', 'applicants', "
        + "'random_tokens', 'random_images', 'stories', 'stories_classes', 'idx', 'csv', 'jsonl', 'safetensors', "
        + "'text', 'wav', found 'aplicants' (did you mean 'applicants'?)"),
    Mistake(
      in: "Scenarios/architectures/tiny.yaml", "../models/tiny.safetensors",
      "../../../outside.safetensors",
      "Scenarios/architectures/tiny.yaml:6:10: weights: expected a relative path that stays inside "
        + "the repository"),
  ]

  @Test(arguments: spelling + limits + combinations + exclusions + references)
  func `a mistake is named with its place, and nothing else is`(_ mistake: Mistake) throws {
    let repository = try SampleRepository()
    if mistake.new.hasPrefix("slices: []") {
      try repository.edit(
        "Scenarios/sample.yaml", "more: 1 KiB }",
        "more: 1 KiB }\n  accuracy.worst_slice:    { against_float: -1 pp }")
    }
    try repository.edit(mistake.file, mistake.old, mistake.new)
    #expect(try repository.mistakes() == mistake.expected)
  }

  @Test func `every mistake of every file is reported`() throws {
    let repository = try SampleRepository()
    try repository.edit("Scenarios/sample.yaml", "[fp32, int8]", "[fp32, int9]")
    try repository.edit("Scenarios/sample.yaml", "budget: 2 s", "budget: 2 hours")
    try repository.edit("Scenarios/architectures/tiny.yaml", "features: 2", "feature: 2")
    let lines = try repository.mistakes()
    #expect(lines.count >= 3)
    #expect(lines.contains { $0.contains("schemes[1]") })
    #expect(lines.contains { $0.contains("measure.budget") })
    #expect(lines.contains { $0.hasPrefix("Scenarios/architectures/tiny.yaml:") })
  }

  @Test func `hardware profiles that extend each other show the circle`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/hardware/one.yaml", "hardware: one\nextends: two\nthreads: 1\n")
    try repository.write("Scenarios/hardware/two.yaml", "hardware: two\nextends: one\n")
    #expect(
      try repository.mistakes() == [
        "Scenarios/hardware/two.yaml:2:10: extends: a circle of profiles that extend each other: "
          + "one → two → one"
      ])
  }

  @Test func `a long chain of profiles is followed and a missing end is named`() throws {
    let repository = try SampleRepository()
    try repository.write("Scenarios/hardware/one.yaml", "hardware: one\nextends: two\n")
    try repository.write("Scenarios/hardware/two.yaml", "hardware: two\nextends: tree\n")
    try repository.write("Scenarios/hardware/three.yaml", "hardware: three\nthreads: 3\n")
    #expect(
      try repository.mistakes() == [
        "Scenarios/hardware/two.yaml:2:10: extends: no hardware profile 'tree' "
          + "(did you mean 'three'?)"
      ])
    try repository.edit("Scenarios/hardware/two.yaml", "tree", "three")
    #expect(try repository.plan().cases[0].hardware.threads == 3)
  }

  @Test func `an alias bomb is refused at once`() throws {
    let repository = try SampleRepository()
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    try repository.write("Scenarios/bomb.yaml", text)
    let clock = ContinuousClock()
    var lines: [String] = []
    let taken = try clock.measure { lines = try repository.mistakes() }
    #expect(lines.contains { $0.hasPrefix("Scenarios/bomb.yaml") })
    // Expanding it would take 10¹² nodes.
    #expect(taken < .seconds(10))
  }

  @Test func `a link that leads out of the repository is refused`() throws {
    let repository = try SampleRepository()
    let outside = try SampleRepository()
    let link = repository.folder.url.appendingPathComponent("Scenarios/schemes/away.yaml")
    try FileManager.default.createSymbolicLink(
      at: link,
      withDestinationURL: outside.folder.url.appendingPathComponent("Scenarios/schemes/fp32.yaml"))
    try repository.edit("Scenarios/sample.yaml", "[fp32, int8]", "[fp32, away]")
    #expect(
      try repository.mistakes() == [
        "Scenarios/sample.yaml:3:17: schemes[1]: 'Scenarios/schemes/away.yaml' leads out of the "
          + "repository"
      ])
  }

  @Test(
    arguments: [
      ("../sample.yaml", "'../sample.yaml' leads out of the repository"),
      ("/etc/passwd", "'/etc/passwd' leads out of the repository"),
      ("Scenarios/../../sample.yaml", "'Scenarios/../../sample.yaml' leads out of the repository"),
      ("Scenarios/schemes/int8.yaml", "no scenario 'Scenarios/schemes/int8.yaml'"),
      (
        "Scenarios/simple.yaml",
        "no scenario 'Scenarios/simple.yaml' (did you mean 'Scenarios/sample.yaml'?)"
      ),
    ])
  func `a scenario is asked for by a path inside the repository`(
    _ path: String, _ expected: String
  ) throws {
    let repository = try SampleRepository()
    #expect(try repository.mistakes(PlanSelection(scenarios: [path])) == [expected])
  }

  @Test func `a folder without scenarios is refused`() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: InvalidDocument.self) { try Repository(root: folder.url.path) }
    #expect(error?.description == "Scenarios:1:1: no such folder")
  }

  @Test(
    arguments: [
      ("encoder", ", classes: 2", "stories_classes\nlabel: mood", nil),
      ("decoder", "", "stories", nil),
      (
        "encoder", ", classes: 3", "stories_classes\nlabel: mood",
        "'tiny' tells 3 classes apart, but 'applicants' has 2"
      ),
      (
        "encoder", "", "stories_classes\nlabel: mood",
        "'tiny' tells no classes apart, which 'applicants' asks for"
      ),
      (
        "decoder", "", "stories_classes\nlabel: mood",
        "'tiny' tells no classes apart, which 'applicants' asks for"
      ),
      (
        "encoder", ", classes: 2", "stories",
        "'tiny' predicts no tokens, which 'applicants' asks for"
      ),
      ("encoder", "", "stories", "'tiny' predicts no tokens, which 'applicants' asks for"),
    ] as [(String, String, String, String?)])
  func `a transformer gives what a dataset of tokens asks for`(
    family: String, extra: String, kind: String, mistake: String?
  ) throws {
    let repository = try SampleRepository()
    try repository.write(
      "Scenarios/architectures/tiny.yaml",
      """
      architecture: tiny
      family: \(family)
      shape: { vocabulary: 256, width: 8, layers: 1, heads: 2, feed_forward: 8, context: 64\(extra) }
      weights: ../models/tiny.safetensors
      """)
    try repository.write(
      "Scenarios/datasets/applicants.yaml", "dataset: applicants\nkind: \(kind)\nlength: 64\n")
    let mistakes = try repository.mistakes().filter { $0.contains("'tiny'") }
    #expect(
      mistakes == (mistake.map { ["Scenarios/sample.yaml:2:17: architectures[0]: " + $0] } ?? []))
  }
}
