import Comparison
import Results
import TestSupport
import Testing

@Suite struct IntrinsicProfileTests {
  @Test func `nothing planted is never a FAIL in a thousand runs on a bad machine`() {
    let rules = [
      "latency.intrinsic_spikes": GateRule(atMost: 0.002),
      "latency.intrinsic_tail": GateRule(atMost: 1.10),
    ]
    var largest = 0.0
    for seed in 0..<UInt64(1000) {
      let record = SimulatedTiming(iterations: 1000, pairs: 1, floatFactor: 0).record(seed: seed)
      let share = TimingAnalysis(record, largestCache: nil).intrinsic?.spikeShare ?? 1
      largest = max(largest, share)
      let verdict = Comparison.compare(
        results: Fixture(rules: rules, schemes: ["int8"], timing: record).run, baselines: [:],
        timing: [:], options: ComparisonOptions())
      #expect(verdict.count(.fail) == 0, "seed \(seed)")
    }
    #expect(largest <= 0.001)
  }

  @Test func `twenty per cent more at one per cent of the indices is named to the index`() {
    var exact = 0
    var named = 0
    var planted = 0
    var wronglyNamed = 0
    let runs = 100
    for seed in 0..<UInt64(runs) {
      var generator = SeededGenerator(seed: seed &+ 77)
      var indices: Set<Int> = []
      while indices.count < 20 { indices.insert(Int.random(in: 0..<2000, using: &generator)) }
      let record = SimulatedTiming(pairs: 1, planted: indices, floatFactor: 0)
        .record(seed: seed)
      let spikes = Set(TimingAnalysis(record, largestCache: nil).intrinsic?.spikes ?? [])
      exact += spikes == indices ? 1 : 0
      named += spikes.intersection(indices).count
      planted += indices.count
      wronglyNamed += spikes.subtracting(indices).count
    }
    #expect(Double(named) / Double(planted) >= 0.99, "\(named) of \(planted)")
    #expect(wronglyNamed <= 2, "\(wronglyNamed) named that were not planted")
    #expect(exact >= runs * 8 / 10, "\(exact) of \(runs) runs exact")
  }

  @Test func `a planted spike FAILs with its iterations, inputs and probability`() throws {
    let planted = Set(stride(from: 7, to: 2000, by: 100))
    let record = SimulatedTiming(planted: planted).record(seed: 3)
    let verdict = try Fixture(
      rules: ["latency.intrinsic_spikes": GateRule(atMost: 0.002)], timing: record
    ).judged().verdict("latency.intrinsic_spikes", .atMost)
    #expect(verdict?.ruling == .fail)
    #expect(verdict?.figures.iterations == planted.sorted())
    #expect(verdict?.figures.inputs == [7, 107, 207, 307, 407])
    #expect(verdict?.figures.probability == 0.0005)
    #expect(
      verdict?.message == "1.00 %, at most 0.20 % allowed, p = 0.0005")
    #expect(
      verdict?.evidence.first
        == "slow in every process: iterations "
        + "7, 107, 207, 307, 407, 507, 607, 707, 807, 907, 1007, 1107… (20 in all)")
    #expect(verdict?.evidence.dropFirst().first == "inputs 7, 107, 207, 307, 407")
    #expect(verdict?.exitCode == .regression)
  }

  @Test func `spikes that only one process has do not count`() throws {
    let quiet = SimulatedTiming(noisy: false).record(seed: 1)
    var processes = quiet.processes
    let spiky = SimulatedTiming(planted: Set(stride(from: 0, to: 2000, by: 50)), noisy: false)
    processes[2] = spiky.record(seed: 1).processes[2]
    let record = TimingRecord(
      processes: processes, blend: quiet.blend, batchedInferences: 1)
    #expect(TimingAnalysis(record, largestCache: nil).intrinsic?.spikes.isEmpty == true)
  }

  @Test func `alignment by chance on a noisy machine is UNDECIDED, not FAIL`() throws {
    var generator = SeededGenerator(seed: 4)
    let base = SimulatedTiming(processes: 3, noisy: false).record(seed: 1)
    let processes = base.processes.map { process in
      TimingProcess(
        solo: PackedIntegers(
          (0..<2000).map { _ in
            Double.random(in: 0..<1, using: &generator) < 0.3 ? 80_000 : 50_000
          }), subject: process.subject, control: process.control, float: process.float,
        blockLength: 100, inputs: process.inputs, warmUpIterations: 1, warmUpStable: true,
        phaseSeconds: [:], pageFaults: 0, involuntarySwitches: 0, stealShare: nil,
        outputDigest: "d", isa: "avx2", cores: [0])
    }
    let record = TimingRecord(
      processes: processes, blend: base.blend, batchedInferences: 1)
    let rules = ["latency.intrinsic_spikes": GateRule(atMost: 0.002)]
    let verdict = try Fixture(rules: rules, timing: record).judged()
      .verdict("latency.intrinsic_spikes", .atMost)
    #expect(verdict?.ruling == .undecided)
    #expect(verdict?.message.contains("noise alone gives") == true)
    #expect(verdict?.exitCode == .undecided)
    let quick = try Fixture(rules: rules, quick: true, timing: record).judged()
      .verdict("latency.intrinsic_spikes", .atMost)
    #expect(quick?.ruling == .notGated)
    #expect(quick?.next == "quantgate check vision")
  }

  @Test func `a busy neighbour turns even an aligned finding into UNDECIDED`() throws {
    let record = SimulatedTiming(
      planted: Set(stride(from: 7, to: 2000, by: 100)), steal: 0.3
    ).record(seed: 3)
    let verdict = try Fixture(
      rules: ["latency.intrinsic_spikes": GateRule(atMost: 0.002)], timing: record
    ).judged().verdict("latency.intrinsic_spikes", .atMost)
    #expect(verdict?.ruling == .undecided)
    #expect(verdict?.message.contains("the hypervisor took 30.00 % of the processor") == true)
  }

  @Test func `work bound by memory takes the third of the processes, others the minimum`() {
    let record = SimulatedTiming(processes: 9, noisy: false).record(seed: 1)
    var processes = record.processes
    let spiky = SimulatedTiming(
      processes: 9, planted: [500], plantedFactor: 2, noisy: false
    ).record(seed: 1).processes
    for index in 0..<7 { processes[index] = spiky[index] }
    let mixed = TimingRecord(processes: processes, blend: record.blend, batchedInferences: 1)
    #expect(TimingAnalysis(mixed, largestCache: 1 << 20).intrinsic?.spikes == [])
    #expect(TimingAnalysis(mixed, largestCache: 65536).intrinsic?.spikes == [500])
  }

  @Test func `too few processes, too few iterations and different inputs are said`() throws {
    let rules = ["latency.intrinsic_tail": GateRule(atMost: 1.1)]
    func verdict(_ timing: SimulatedTiming) throws -> Verdict? {
      try Fixture(rules: rules, timing: timing.record(seed: 1)).judged()
        .verdict("latency.intrinsic_tail", .atMost)
    }
    let few = try verdict(SimulatedTiming(processes: 2))
    #expect(few?.ruling == .undecided)
    #expect(few?.message == "no intrinsic profile: 2 processes, 3 are needed")
    let short = try verdict(SimulatedTiming(iterations: 99))
    #expect(short?.message == "no intrinsic profile: 99 iterations, 100 are needed")
    let shifted = try verdict(SimulatedTiming(inputShift: 1))
    #expect(
      shifted?.message == "the processes ran different inputs, so nothing can be aligned")
    #expect(shifted?.exitCode == .undecided)
  }

  @Test func `the lower quartile follows the clock and cuts its window at the ends`() {
    let steps = (0..<200).map { $0 < 100 ? 100.0 : 130.0 }
    let normalised = RollingQuartile.normalised(steps)
    #expect(normalised[0] == 1 && normalised[199] == 1 && normalised[50] == 1)
    #expect(normalised[100] == 1.3)
    #expect(normalised[115] == 1)
    #expect(RollingQuartile.normalised([]).isEmpty)
    #expect(RollingQuartile.normalised([5, 5]) == [1, 1])
  }

  @Test func `batched inferences are named as time stamps and counted per inference`() throws {
    let timing = SimulatedTiming(
      planted: Set(stride(from: 7, to: 2000, by: 100)), noisy: false, batch: 4)
    let analysis = TimingAnalysis(timing.record(seed: 1), largestCache: nil)
    #expect(analysis.p50 == 12_500e-9)
    let verdict = try Fixture(
      rules: ["latency.intrinsic_spikes": GateRule(atMost: 0.002)],
      timing: timing.record(seed: 1)
    ).judged().verdict("latency.intrinsic_spikes", .atMost)
    #expect(
      verdict?.evidence.first?.hasPrefix(
        "slow in every process: time stamps of 4 inferences 7, 107") == true)
  }
}
