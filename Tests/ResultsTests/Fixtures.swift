import Results

/// A small run: one scenario, a float case and an int8 case, every record filled.
enum Fixture {
  static let fingerprint = Fingerprint(
    cpu: "AuthenticAMD 25/17/1", features: ["avx2", "fma"], cores: 2,
    caches: ["L1d": 32768, "L3": 33_554_432], hypervisor: "kvm", allocator: "jemalloc 5.3.0",
    compiler: "Swift 6.3.1")

  static func id(_ scheme: String, _ hardware: String = "one-core") -> CaseID {
    CaseID(scenario: "vision", architecture: "mlp", scheme: scheme, hardware: hardware)
  }

  static func quality(
    outputs: String = "sha256:out", predictions: [Int] = [0, 1, 2, 0, 1, 1]
  ) -> QualityRecord {
    QualityRecord(
      modelDigest: "sha256:model", dataDigest: "sha256:data", calibrationDigest: nil,
      outputDigest: outputs, modelBytes: 1000, labels: PackedIntegers([0, 1, 2, 0, 1, 2]),
      predictions: PackedIntegers(predictions),
      floatPredictions: PackedIntegers([0, 1, 2, 0, 1, 2]),
      slices: [
        "writer": SliceColumn(
          values: ["left", "right"], members: PackedIntegers([0, 0, 0, 1, 1, 1]))
      ],
      nonFiniteOutputs: 0, outputSQNR: 31.25,
      outputCosine: CosineSummary(mean: 0.99, smallest: 0.9),
      calibrationCoverage: ["writer": ["left": 3]],
      tokens: TokenRecord(
        targets: PackedIntegers([3, 3]), losses: [6, 9], floatLosses: [6, 8],
        divergences: [0.1, 0.3],
        divergence: DivergenceSummary(median: 0.05, p999: 0.2, largest: 0.2),
        windowSlices: [
          "writer": SliceColumn(values: ["left", "right"], members: PackedIntegers([0, 1]))
        ]),
      layers: [
        LayerFidelity(
          name: "head", operation: "linear", sqnr: 20,
          cosine: CosineSummary(mean: 0.99, smallest: 0.9), elements: 40, saturated: 1)
      ])
  }

  static func memory(live: [Int] = [0, 0, 0, 0]) -> MemoryRecord {
    MemoryRecord(
      allocator: "jemalloc 5.3.0",
      phases: ["load", "quantize", "warm-up", "steady"].map {
        PhaseMemory(
          name: $0, allocations: $0 == "load" ? 12 : 0, allocatedBytes: 4096, liveAtEnd: 4096,
          peak: 8192)
      },
      arenaBytes: 512, packedWeightBytes: 1024, peakAllocated: 8192, steadyIterations: live.count,
      steadyAllocations: 0, steadyLiveBytes: live, resident: 1 << 20, active: 1 << 19,
      metadata: 1 << 14, steadyPageFaults: 0)
  }

  static let timing = TimingRecord(
    processes: [
      TimingProcess(
        solo: PackedIntegers([1000, 1010, 990, 70000]),
        subject: PackedIntegers([1000, 1000]), control: PackedIntegers([900, 900]),
        float: PackedIntegers([2000, 2000]), blockLength: 2,
        inputs: PackedIntegers([0, 1, 2, 3]), warmUpIterations: 100, warmUpStable: true,
        phaseSeconds: ["load": 0.125], pageFaults: 0, involuntarySwitches: 1, stealShare: 0.01,
        outputDigest: "sha256:pass", isa: "avx2", cores: [0])
    ],
    blend: ControlBlend(
      controls: "sha256:controls", computeUnits: 10, streamUnits: 3, workingSet: 65536),
    batchedInferences: 1)

  static func completed(
    _ id: CaseID, quality: QualityRecord = quality(), memory: MemoryRecord = memory()
  ) -> CaseResult {
    CaseResult(id: id, outcome: .completed, quality: quality, memory: memory, timing: timing)
  }

  static func run(
    _ cases: [CaseResult] = [completed(id("fp32")), completed(id("int8"))], fault: String? = nil
  ) -> RunResults {
    RunResults(
      tool: "0.1.0", startedAt: "2026-08-01T12:00:00Z", quick: false, fault: fault,
      fingerprint: fingerprint,
      scenarios: [
        ScenarioResults(
          name: "vision", file: "Scenarios/vision.yaml",
          gates: Gates(
            rules: ["accuracy.worst_slice": GateRule(againstFloat: -0.01)], outputs: .identical),
          floatScheme: "fp32", cases: cases)
      ])
  }

  static func baseline(
    _ run: RunResults = run(), replacing old: Baseline? = nil
  ) throws -> Baseline {
    try Baseline.recording(
      run.scenarios[0], of: run, replacing: old, who: "ada", when: "2026-08-01T12:01:00Z",
      why: "first record")
  }
}
