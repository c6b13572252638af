import Foundation
import Results

/// What the suite writes about runs: one small case in every kind of file.
enum RecordSeeds {
  static func results() throws -> [Seed] {
    [try seed("run", run), try seed("kernels", kernels)]
  }

  static func baselines() throws -> [Seed] {
    let baseline = try Baseline.recording(
      run.scenarios[0], of: run, replacing: nil, who: "ada", when: "2026-08-01T12:01:00Z",
      why: "first record")
    return [try seed("quality", baseline), try seed("timing", timing)]
  }

  private static func seed(_ name: String, _ document: some VersionedDocument) throws -> Seed {
    Seed(name, Array(try DocumentFile.encode(document, file: name)))
  }

  private static let fingerprint = Fingerprint(
    cpu: "AuthenticAMD 25/17/1", features: ["avx2", "fma"], cores: 2, caches: ["L1d": 32768],
    hypervisor: "kvm", allocator: "jemalloc 5.3.0", compiler: "Swift 6.3.1")
  private static let id = CaseID(
    scenario: "vision", architecture: "mlp", scheme: "fp32", hardware: "one-core")
  private static let blend = ControlBlend(
    controls: "sha256:controls", computeUnits: 10, streamUnits: 3, workingSet: 65536)
  private static let writers = SliceColumn(
    values: ["left", "right"], members: PackedIntegers([0, 1, 1]))

  private static let quality = QualityRecord(
    modelDigest: "sha256:model", dataDigest: "sha256:data", calibrationDigest: nil,
    outputDigest: "sha256:out", modelBytes: 1000, labels: PackedIntegers([0, 1, 2]),
    predictions: PackedIntegers([0, 1, 1]), floatPredictions: PackedIntegers([0, 1, 2]),
    slices: ["writer": writers], nonFiniteOutputs: 0, outputSQNR: 31.25,
    outputCosine: CosineSummary(mean: 0.99, smallest: 0.9),
    calibrationCoverage: ["writer": ["left": 3]],
    tokens: TokenRecord(
      targets: PackedIntegers([2, 1]), losses: [6, 9], floatLosses: [6, 8],
      divergences: [0.1, 0.3],
      divergence: DivergenceSummary(median: 0.05, p999: 0.2, largest: 0.2),
      windowSlices: [
        "writer": SliceColumn(values: ["left", "right"], members: PackedIntegers([0, 1]))
      ]),
    scores: ScoreRecord(all: scores, slices: ["writer": ["left": scores, "right": scores]]),
    targets: TargetRecord(errors: [0.5, 1, 2], floatErrors: [0.25, 1, 2]),
    layers: [
      LayerFidelity(
        name: "head", operation: "linear", sqnr: 20,
        cosine: CosineSummary(mean: 0.99, smallest: 0.9), elements: 40, saturated: 1)
    ])

  private static let scores = ScoreComparison(
    examples: 3, own: ClassScores(top5: 1, auc: 0.75, brier: 0.25, calibrationError: 0.125),
    float: ClassScores(top5: 1, auc: nil, brier: 0.25, calibrationError: 0.125))

  private static let memory = MemoryRecord(
    allocator: "jemalloc 5.3.0",
    phases: ["load", "quantize", "warm-up", "steady"].map {
      PhaseMemory(name: $0, allocations: 12, allocatedBytes: 4096, liveAtEnd: 4096, peak: 8192)
    },
    arenaBytes: 512, packedWeightBytes: 1024, peakAllocated: 8192, steadyIterations: 4,
    steadyAllocations: 0, steadyLiveBytes: [0, 0, 0, 0], resident: 1 << 20, active: 1 << 19,
    metadata: 1 << 14, steadyPageFaults: 0)

  private static let durations = TimingRecord(
    processes: [
      TimingProcess(
        solo: PackedIntegers([1000, 70000]), subject: PackedIntegers([1000, 1000]),
        control: PackedIntegers([900, 900]), float: PackedIntegers([2000, 2000]), blockLength: 2,
        inputs: PackedIntegers([0, 1]), warmUpIterations: 100, warmUpStable: true,
        phaseSeconds: ["load": 0.125], pageFaults: 0, involuntarySwitches: 1, stealShare: 0.01,
        outputDigest: "sha256:pass", isa: "avx2", cores: [0])
    ],
    blend: blend, batchedInferences: 1)

  private static let run = RunResults(
    tool: "0.1.0", startedAt: "2026-08-01T12:00:00Z", quick: false, fingerprint: fingerprint,
    scenarios: [
      ScenarioResults(
        name: "vision", file: "Scenarios/vision.yaml",
        gates: Gates(
          rules: ["accuracy.worst_slice": GateRule(againstFloat: -0.01)], outputs: .identical),
        floatScheme: "fp32",
        cases: [
          CaseResult(
            id: id, outcome: .completed, quality: quality, memory: memory, timing: durations)
        ])
    ])

  private static let timing = TimingBaseline(
    scenario: "vision", fingerprint: fingerprint,
    cases: [
      TimingBaseline.key(id): TimingCase(
        blend: blend, batchedInferences: 1,
        sessions: [
          TimingSession(
            when: "2026-08-01T12:00:00Z",
            processes: [
              ProcessStatistics(p50: 1000, p99: 1200, ratioToControl: 1.1, ratioToFloat: nil)
            ],
            metrics: ["latency.p50": 1e-6], subject: StoredHistogram(durations: [1000, 1001]),
            control: StoredHistogram(durations: [900]))
        ])
    ])

  private static let kernels = KernelReport(
    tool: "0.1.0", fingerprint: fingerprint, instructionSet: "avx2", cores: [0, 1],
    limits: [MachineLimit(name: "read L3", unit: "GB/s", rate: estimate)],
    kernels: [
      KernelMeasurement(
        family: "products", name: "gemm_u8s8", shape: "1×64×32", operations: 4096, bytes: 2336,
        seconds: estimate, rate: estimate, unit: "GB/s", limit: "read L3", share: estimate)
    ])

  private static let estimate = MedianEstimate(
    median: 0.5, lower: 0.25, upper: 1, confidence: 0.96, samples: 99)
}
