/// Raw durations of one case, as measured by fresh pinned processes.
public struct TimingRecord: Hashable, Sendable, Codable {
  /// One entry per process, in the order they ran.
  public let processes: [TimingProcess]
  /// How the two controls were blended to resemble the subject.
  public let blend: ControlBlend
  /// Inferences per time stamp: 1 unless one lasts less than 20 µs.
  public let batchedInferences: Int

  /// Creates a record.
  public init(processes: [TimingProcess], blend: ControlBlend, batchedInferences: Int) {
    self.processes = processes
    self.blend = blend
    self.batchedInferences = batchedInferences
  }

  private enum CodingKeys: String, CodingKey {
    case processes
    case blend
    case batchedInferences = "batched_inferences"
  }
}

extension TimingRecord {
  func contradiction(at place: String) -> Contradiction? {
    if batchedInferences < 1 {
      return Contradiction(
        "\(place).batched_inferences", expected: "at least 1", found: "\(batchedInferences)")
    }
    for (index, process) in processes.enumerated() {
      let pairs = process.subject.values.count
      let floats = process.float.values.count
      if process.control.values.count != pairs || (floats != 0 && floats != pairs)
        || process.inputs.values.count != process.solo.values.count || process.blockLength < 1
      {
        return Contradiction(
          "\(place).processes[\(index)]", expected: "series that pair up by index",
          found: "series of different lengths")
      }
    }
    return nil
  }
}

/// The durations of one worker process. All series are in nanoseconds per time stamp; index `i` of a
/// series runs the same input from the same state in every process.
public struct TimingProcess: Hashable, Sendable, Codable {
  /// Iterations of the subject alone: headline latency and the intrinsic profile.
  public let solo: PackedIntegers
  /// Subject iterations of the interleaved part.
  public let subject: PackedIntegers
  /// Control iterations of the interleaved part, paired with `subject` by index.
  public let control: PackedIntegers
  /// Float-twin iterations of the interleaved part, paired with `subject` by index; empty for the
  /// float scheme itself.
  public let float: PackedIntegers
  /// Iterations per block of the interleaved part.
  public let blockLength: Int
  /// Which evaluation example each `solo` iteration ran.
  public let inputs: PackedIntegers
  /// Iterations of warm-up until medians were stable.
  public let warmUpIterations: Int
  /// Whether the medians became stable within the bound.
  public let warmUpStable: Bool
  /// Seconds of the load, quantize and warm-up phases.
  public let phaseSeconds: [String: Double]
  /// Page faults during timed iterations.
  public let pageFaults: Int
  /// Involuntary context switches during timed iterations.
  public let involuntarySwitches: Int
  /// Share of the processor's time stolen by the hypervisor during timed iterations; `nil` where the
  /// system does not say.
  public let stealShare: Double?
  /// SHA-256 of the outputs over one pass through the inputs.
  public let outputDigest: String
  /// The instruction set that ran.
  public let isa: String
  /// The cores the process was pinned to.
  public let cores: [Int]

  /// Creates a process's record.
  public init(
    solo: PackedIntegers, subject: PackedIntegers, control: PackedIntegers, float: PackedIntegers,
    blockLength: Int, inputs: PackedIntegers, warmUpIterations: Int, warmUpStable: Bool,
    phaseSeconds: [String: Double], pageFaults: Int, involuntarySwitches: Int,
    stealShare: Double?, outputDigest: String, isa: String, cores: [Int]
  ) {
    self.solo = solo
    self.subject = subject
    self.control = control
    self.float = float
    self.blockLength = blockLength
    self.inputs = inputs
    self.warmUpIterations = warmUpIterations
    self.warmUpStable = warmUpStable
    self.phaseSeconds = phaseSeconds
    self.pageFaults = pageFaults
    self.involuntarySwitches = involuntarySwitches
    self.stealShare = stealShare
    self.outputDigest = outputDigest
    self.isa = isa
    self.cores = cores
  }

  private enum CodingKeys: String, CodingKey {
    case solo
    case subject
    case control
    case float
    case blockLength = "block_length"
    case inputs
    case warmUpIterations = "warm_up_iterations"
    case warmUpStable = "warm_up_stable"
    case phaseSeconds = "phase_seconds"
    case pageFaults = "page_faults"
    case involuntarySwitches = "involuntary_switches"
    case stealShare = "steal_share"
    case outputDigest = "output_digest"
    case isa
    case cores
  }
}

/// How many units of each frozen control make up one control iteration.
public struct ControlBlend: Hashable, Sendable, Codable {
  /// SHA-256 of the controls' source and the compiler; a blend of other controls is not comparable.
  public let controls: String
  /// Units of arithmetic that stays in registers and first-level cache.
  public let computeUnits: Int
  /// Units of memory streaming.
  public let streamUnits: Int
  /// Bytes the streaming control walks over.
  public let workingSet: Int

  /// Creates a blend.
  public init(controls: String, computeUnits: Int, streamUnits: Int, workingSet: Int) {
    self.controls = controls
    self.computeUnits = computeUnits
    self.streamUnits = streamUnits
    self.workingSet = workingSet
  }

  private enum CodingKeys: String, CodingKey {
    case controls
    case computeUnits = "compute_units"
    case streamUnits = "stream_units"
    case workingSet = "working_set"
  }
}
