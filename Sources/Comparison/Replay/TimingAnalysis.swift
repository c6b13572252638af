import RealModule
public import Results

/// Everything that the durations of one case say.
public struct TimingAnalysis: Sendable {
  /// Statistics of each process, in the order they ran.
  public let processes: [ProcessStatistics]
  /// The intrinsic profile of the solo iterations; `nil` where `intrinsicProblem` says why.
  public let intrinsic: IntrinsicProfile?
  /// Why there is no intrinsic profile.
  public let intrinsicProblem: IntrinsicProblem?
  /// Evaluation example of each solo iteration.
  public let inputs: [Int]
  /// Inferences per time stamp.
  public let batchedInferences: Int
  /// How much other work disturbed the processes.
  public let noise: MachineNoise
  /// The control that ran.
  public let blend: ControlBlend

  /// log of the subject's duration over the control's.
  let logRatioToControl: Estimate?
  /// log of the subject's duration over the float run's.
  let logRatioToFloat: Estimate?
  /// log of the median solo duration in seconds per inference.
  let logP50: Estimate?
  /// log of its 99th percentile.
  let logP99: Estimate?
  let randomTailExcess: Estimate?
  /// The control's own share of iterations in the random tail.
  let randomTailOfControl: Double?
  /// Cores that the subject ran on; the control runs on one.
  let cores: Int

  private let normalised: [[Double]]
  private let rank: Int

  /// Analyses a record. `largestCache` in bytes decides whether the work is bound by memory.
  public init(_ record: TimingRecord, largestCache: Int?) {
    let series = record.processes.map { Self.doubles($0.solo) }
    let memoryBound = largestCache.map { record.blend.workingSet >= $0 } ?? false
    let rank = IntrinsicProfile.rank(processes: series.count, memoryBound: memoryBound)
    let perInference = 1 / Double(record.batchedInferences)
    let statistics = record.processes.compactMap { process in
      ProcessStatistics(process, perInference: perInference)
    }
    processes = statistics
    batchedInferences = record.batchedInferences
    blend = record.blend
    noise = MachineNoise(record)
    self.rank = rank
    let length = series.map(\.count).min() ?? 0
    let inputs = record.processes.map { Array($0.inputs.integers.prefix(length)) }
    self.inputs = inputs.first ?? []
    intrinsicProblem = Self.problem(
      processes: series.count, length: length, aligned: Set(inputs).count <= 1)
    if intrinsicProblem == nil {
      normalised = series.map { RollingQuartile.normalised(Array($0.prefix(length))) }
      intrinsic = IntrinsicProfile(normalised: normalised, rank)
    } else {
      normalised = []
      intrinsic = nil
    }
    let count = series.count
    logRatioToControl = Self.estimate(statistics.compactMap(\.ratioToControl), count)
    logRatioToFloat = Self.estimate(statistics.compactMap(\.ratioToFloat), count)
    logP50 = Self.estimate(statistics.map { $0.p50 * 1e-9 }, count)
    logP99 = Self.estimate(statistics.map { $0.p99 * 1e-9 }, count)
    let tail = RandomTail(
      subject: record.processes.map { Self.doubles($0.subject) },
      control: record.processes.map { Self.doubles($0.control) }, rank: rank)
    randomTailExcess = tail.flatMap { Estimate(processMeans: $0.excess) }
    randomTailOfControl = tail?.ofControl
    cores = record.processes.map(\.cores.count).max() ?? 1
  }

  /// Median seconds per inference, alone: the median over processes.
  public var p50: Double? { Quantiles.median(processes.map(\.p50)).map { $0 * 1e-9 } }
  /// 99th percentile of the same.
  public var p99: Double? { Quantiles.median(processes.map(\.p99)).map { $0 * 1e-9 } }
  /// Duration over the interleaved control's.
  public var ratioToControl: Double? { logRatioToControl.map { .exp($0.mean) } }
  /// Duration over the interleaved float run's.
  public var ratioToFloat: Double? { logRatioToFloat.map { .exp($0.mean) } }
  /// Share of iterations beyond 1.10 × p50 that does not repeat, less the control's.
  public var randomTail: Double? { randomTailExcess?.mean }

  /// What the intrinsic profile would show by chance. Costs 1,999 profiles.
  public func alignmentNull(seed: UInt64 = 0x5EED) -> AlignmentNull? {
    intrinsic.map { AlignmentNull(normalised: normalised, rank: rank, observed: $0, seed: seed) }
  }

  /// The value of a latency metric; `nil` when the record cannot say.
  public func value(_ metric: String) -> Double? {
    switch metric {
    case "latency.p50": p50
    case "latency.p99": p99
    case "latency.vs_control": ratioToControl
    case "latency.vs_float": ratioToFloat
    case "latency.intrinsic_spikes": intrinsic?.spikeShare
    case "latency.intrinsic_tail": intrinsic?.tail
    case "latency.random_tail": randomTail
    default: nil
    }
  }

  static func doubles(_ packed: PackedIntegers) -> [Double] {
    packed.values.map { Double($0) }
  }

  private static func problem(
    processes: Int, length: Int, aligned: Bool
  ) -> IntrinsicProblem? {
    if processes < IntrinsicProfile.fewestProcesses { return .fewProcesses(processes) }
    if length < IntrinsicProfile.fewestIterations { return .fewIterations(length) }
    return aligned ? nil : .differentInputs
  }

  /// `nil` unless every process has the value.
  private static func estimate(_ values: [Double], _ processes: Int) -> Estimate? {
    guard values.count == processes else { return nil }
    return Estimate(processMeans: values.map { .log($0) })
  }
}

/// Why nothing can be said about the intrinsic latency.
public enum IntrinsicProblem: Hashable, Sendable, CustomStringConvertible {
  case fewProcesses(Int)
  case fewIterations(Int)
  case differentInputs

  /// One clause.
  public var description: String {
    switch self {
    case .fewProcesses(let count):
      "\(count) processes, \(IntrinsicProfile.fewestProcesses) are needed"
    case .fewIterations(let count):
      "\(count) iterations, \(IntrinsicProfile.fewestIterations) are needed"
    case .differentInputs: "the processes ran different inputs, so nothing can be aligned"
    }
  }
}

/// How much other work disturbed the timing processes.
public struct MachineNoise: Hashable, Sendable, Codable {
  /// Involuntary context switches per timed iteration, over all processes.
  public let switchesPerIteration: Double
  /// Largest share of the processor that the hypervisor took from any process; `nil` where unknown.
  public let stealShare: Double?

  init(_ record: TimingRecord) {
    let iterations = record.processes.reduce(0) { sum, process in
      sum + process.solo.values.count + process.subject.values.count
        + process.control.values.count + process.float.values.count
    }
    let switches = record.processes.reduce(0) { $0 + $1.involuntarySwitches }
    switchesPerIteration = iterations > 0 ? Double(switches) / Double(iterations) : 0
    stealShare = record.processes.compactMap(\.stealShare).max()
  }

  /// What is too much to blame the subject for a random effect; `nil` when nothing is.
  public var tooMuchForRandomEffects: String? { excess(switches: 0.02, steal: 0.02) }

  /// What is too much to blame the subject even for an effect that repeats at the same index.
  public var tooMuchForAlignment: String? { excess(switches: 0.10, steal: 0.10) }

  private func excess(switches: Double, steal: Double) -> String? {
    if switchesPerIteration > switches {
      return "\(Quantity.share(switchesPerIteration)) of the iterations were interrupted by other "
        + "work, more than \(Quantity.share(switches))"
    }
    if let stealShare, stealShare > steal {
      return "the hypervisor took \(Quantity.share(stealShare)) of the processor, "
        + "more than \(Quantity.share(steal))"
    }
    return nil
  }
}
