public import Results

/// What a worker process is for. Every role runs in a fresh process.
public enum WorkerRole: String, Hashable, Sendable, Codable {
  /// The scheme and its float twin over every evaluation example. Needs no particular hardware.
  case quality
  /// Exact allocation counts: fixed environment, no controls, no float twin.
  case memory
  /// Finds out how long an inference takes and how many fit the budget. Nothing it times is kept.
  case calibrate
  /// Times one process's share of the iterations.
  case time
}

/// The part of a hardware profile that a worker has to obey.
public struct WorkerHardware: Hashable, Sendable, Codable {
  /// Threads that share an inference.
  public let threads: Int
  /// The strongest instruction set to use, as scenario files spell it; `nil` for the machine's best.
  public let isa: String?
  /// One core per thread; `nil` for the lowest that the process may use.
  public let cores: [Int]?
  /// Private writable memory of the memory process, in bytes. Timing processes also hold the float
  /// twin and the controls, so the limit would be wrong there.
  public let memoryLimit: Int?
  /// jemalloc's `narenas`.
  public let arenas: Int?
  /// jemalloc's `dirty_decay_ms`.
  public let dirtyDecayMilliseconds: Int?

  /// Creates settings; the defaults are one thread and whatever the machine offers.
  public init(
    threads: Int = 1, isa: String? = nil, cores: [Int]? = nil, memoryLimit: Int? = nil,
    arenas: Int? = nil, dirtyDecayMilliseconds: Int? = nil
  ) {
    self.threads = threads
    self.isa = isa
    self.cores = cores
    self.memoryLimit = memoryLimit
    self.arenas = arenas
    self.dirtyDecayMilliseconds = dirtyDecayMilliseconds
  }
}

/// How long a case is timed.
public struct TimingBudget: Hashable, Sendable, Codable {
  /// Seconds of warm-up and timed iterations over all processes.
  public let seconds: Double
  /// Number of timing processes; at least 1.
  public let processes: Int
  /// Longest warm-up of one process, in seconds.
  public let warmUpAtMost: Double
  /// Seconds after which a worker counts as hanging; `nil` derives them from the budget.
  public let limit: Double?

  /// Creates a budget.
  public init(seconds: Double, processes: Int, warmUpAtMost: Double, limit: Double? = nil) {
    self.seconds = seconds
    self.processes = processes
    self.warmUpAtMost = warmUpAtMost
    self.limit = limit
  }
}

/// What every timing process of a case does, so that index `i` is the same work from the same state in
/// each of them.
public struct TimingSchedule: Hashable, Sendable, Codable {
  /// Inferences per time stamp.
  public let batchedInferences: Int
  /// Iterations before the first timed one.
  public let warmUpIterations: Int
  /// Iterations of the subject alone.
  public let soloIterations: Int
  /// Iterations per block of the interleaved part.
  public let blockLength: Int
  /// Blocks of the interleaved part.
  public let blocks: Int
  /// The control.
  public let blend: ControlBlend

  /// Iterations of the interleaved part.
  public var pairs: Int { blockLength * blocks }

  /// Creates a schedule.
  public init(
    batchedInferences: Int, warmUpIterations: Int, soloIterations: Int, blockLength: Int,
    blocks: Int, blend: ControlBlend
  ) {
    self.batchedInferences = batchedInferences
    self.warmUpIterations = warmUpIterations
    self.soloIterations = soloIterations
    self.blockLength = blockLength
    self.blocks = blocks
    self.blend = blend
  }
}

/// A control that was fitted when a baseline was recorded: replayed, never refitted.
public struct StoredControl: Hashable, Sendable, Codable {
  /// How the controls were blended.
  public let blend: ControlBlend
  /// Inferences per time stamp of the subject it was fitted to.
  public let batchedInferences: Int

  /// Creates a stored control.
  public init(blend: ControlBlend, batchedInferences: Int) {
    self.blend = blend
    self.batchedInferences = batchedInferences
  }
}

/// What the supervisor sends to a worker.
public struct WorkerJob: Hashable, Sendable, Codable {
  /// What to do.
  public let role: WorkerRole
  /// Which case.
  public let id: CaseID
  /// The repository's folder.
  public let root: String
  /// The scenario's file, relative to `root`.
  public let scenarioFile: String
  /// The digest of the case as the supervisor planned it; the worker refuses any other.
  public let planDigest: String
  /// Decides the order of inputs and of the interleaved part; the same in every process of a case.
  public let seed: UInt64
  /// The supervisor's process: the worker ends with it. `nil` for a worker that is not a process of its
  /// own, which then leaves the process's settings alone.
  public let supervisor: Int32?
  /// The machine to be.
  public let hardware: WorkerHardware
  /// How long to time.
  public let budget: TimingBudget
  /// `calibrate`: the control to replay, if there is a stored one.
  public let storedControl: StoredControl?
  /// `time`: what to do exactly.
  public let schedule: TimingSchedule?
  /// What to break on purpose.
  public let fault: Fault?

  /// Creates a job.
  public init(
    role: WorkerRole, id: CaseID, root: String, scenarioFile: String, planDigest: String,
    seed: UInt64, supervisor: Int32?, hardware: WorkerHardware, budget: TimingBudget,
    storedControl: StoredControl? = nil, schedule: TimingSchedule? = nil, fault: Fault? = nil
  ) {
    self.role = role
    self.id = id
    self.root = root
    self.scenarioFile = scenarioFile
    self.planDigest = planDigest
    self.seed = seed
    self.supervisor = supervisor
    self.hardware = hardware
    self.budget = budget
    self.storedControl = storedControl
    self.schedule = schedule
    self.fault = fault
  }
}
