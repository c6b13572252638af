import Comparison
import Results

/// A run of one scenario with a float case and an int8 case, and what can be broken in it.
struct Fixture {
  static let fingerprint = Fingerprint(
    cpu: "AuthenticAMD 25/17/1", features: ["avx2", "fma"], cores: 2,
    caches: ["L1d": 32768, "L3": 33_554_432], hypervisor: "kvm", allocator: "jemalloc 5.3.0",
    compiler: "Swift 6.3.1")
  static let examples = 400

  var rules: [String: GateRule] = [:]
  var outputs = Gates.Outputs.identical
  var fingerprint = Self.fingerprint
  var quick = false
  var fault: String?
  var schemes = ["fp32", "int8"]
  /// Examples that int8 gets wrong beside those that float gets wrong.
  var wrong: Set<Int> = []
  /// Examples that int8 gets right although float does not.
  var right: Set<Int> = []
  var outputDigest = "sha256:out"
  var dataDigest = "sha256:data"
  var modelDigest = "sha256:model"
  var nonFinite = 0
  var coverage: [String: [String: Int]] = [:]
  var modelBytes = 1000
  var peak = 8192
  var loadAllocations = 12
  var steadyAllocations = 0
  var live = [Int](repeating: 0, count: 100)
  var resident = 1 << 20
  var allocator = "jemalloc 5.3.0"
  var timing: TimingRecord? = SimulatedTiming(noisy: false).record(seed: 1)
  var outcome = Outcome.completed
  var hasQuality = true
  var hasMemory = true

  static func id(_ scheme: String) -> CaseID {
    CaseID(scenario: "vision", architecture: "mlp", scheme: scheme, hardware: "one-core")
  }

  /// Every tenth example is wrong in float; the minority writer has every eighth.
  var quality: QualityRecord {
    let labels = (0..<Self.examples).map { $0 % 10 }
    func predictions(_ isWrong: (Int) -> Bool) -> PackedIntegers {
      PackedIntegers(labels.indices.map { isWrong($0) ? (labels[$0] + 1) % 10 : labels[$0] })
    }
    return QualityRecord(
      modelDigest: modelDigest, dataDigest: dataDigest, calibrationDigest: nil,
      outputDigest: outputDigest, modelBytes: modelBytes, labels: PackedIntegers(labels),
      predictions: predictions {
        ($0.isMultiple(of: 10) || wrong.contains($0)) && !right.contains($0)
      },
      floatPredictions: predictions { $0.isMultiple(of: 10) },
      slices: [
        "writer": SliceColumn(
          values: ["left", "right"],
          members: PackedIntegers(labels.indices.map { $0 < 80 ? 0 : 1 }))
      ],
      nonFiniteOutputs: nonFinite, outputSQNR: nil, outputCosine: CosineSummary(mean: 0.99, smallest: 0.9), calibrationCoverage: coverage,
      tokens: TokenRecord(
        targets: PackedIntegers([3, 3]), losses: [6, 9], floatLosses: [6, 8],
        divergences: [0.1, 0.3],
        divergence: DivergenceSummary(median: 0.05, p999: 0.2, largest: 0.2),
        windowSlices: [
          "writer": SliceColumn(values: ["left", "right"], members: PackedIntegers([0, 1]))
        ]))
  }

  var memory: MemoryRecord {
    MemoryRecord(
      allocator: allocator,
      phases: [("load", loadAllocations), ("steady", steadyAllocations)].map {
        PhaseMemory(
          name: $0.0, allocations: $0.1, allocatedBytes: 64 * $0.1, liveAtEnd: 4096, peak: peak)
      },
      arenaBytes: 512, packedWeightBytes: 1024, peakAllocated: peak,
      steadyIterations: live.count, steadyAllocations: steadyAllocations, steadyLiveBytes: live,
      resident: resident, active: 1 << 19, metadata: 1 << 14, steadyPageFaults: 0)
  }

  /// The float case is never broken.
  var run: RunResults {
    let cases = schemes.map { scheme -> CaseResult in
      let case_ = scheme == "int8" ? self : Fixture()
      let completed = case_.outcome == .completed
      return CaseResult(
        id: Self.id(scheme), outcome: case_.outcome,
        quality: completed && case_.hasQuality ? case_.quality : nil,
        memory: completed && case_.hasMemory ? case_.memory : nil,
        timing: completed ? case_.timing : nil)
    }
    return RunResults(
      tool: "0.1.0", startedAt: "2026-08-01T12:00:00Z", quick: quick, fault: fault,
      fingerprint: fingerprint,
      scenarios: [
        ScenarioResults(
          name: "vision", file: "Scenarios/vision.yaml",
          gates: Gates(rules: rules, outputs: outputs), floatScheme: "fp32", cases: cases)
      ])
  }

  func baseline() throws -> Baseline {
    let run = run
    return try Baseline.recording(
      run.scenarios[0], of: run, replacing: nil, who: "ada", when: "2026-08-01T12:01:00Z",
      why: "first record")
  }

  /// A timing baseline of some sessions.
  static func timing(_ sessions: [TimingRecord]) -> TimingBaseline? {
    sessions.reduce(nil) { stored, record in
      let run = Fixture(timing: record).run
      return TimingBaseline.recording(run.scenarios[0], of: run, adding: stored)
    }
  }

  /// Judges this run by the sound one's baseline.
  func judged(
    by baseline: Baseline? = nil, timing: TimingBaseline? = nil,
    options: ComparisonOptions = ComparisonOptions()
  ) throws -> JobVerdict {
    let stored = try baseline ?? Fixture().baseline()
    return Comparison.compare(
      results: run, baselines: ["vision": stored],
      timing: timing.map { ["vision": $0] } ?? [:], options: options)
  }
}

extension JobVerdict {
  /// The verdict on the int8 case's metric under a limit.
  func verdict(_ metric: String, _ limit: GateLimit? = nil) -> Verdict? {
    verdicts.first {
      $0.subject == "mlp/int8/one-core" && $0.metric == metric && $0.limit == limit
    }
  }

  /// Everything that is not a PASS.
  var notable: [Verdict] { verdicts.filter { $0.ruling != .pass } }
}
