/// Exact allocation counts of one memory process.
public struct MemoryRecord: Hashable, Sendable, Codable {
  /// The allocator and its version, for example `jemalloc 5.3.0`.
  public let allocator: String
  /// Phases in order: `load`, `quantize`, `warm-up`, `steady`.
  public let phases: [PhaseMemory]
  /// Bytes of the executor's arena.
  public let arenaBytes: Int
  /// Bytes of the repacked weights that execution reads.
  public let packedWeightBytes: Int
  /// Bytes of keys and values of past tokens, 0 for models that keep none; absent in records of older
  /// versions.
  public let cacheBytes: Int?
  /// Largest number of live bytes at any time, over all phases, in excess of what was live at start.
  public let peakAllocated: Int
  /// Iterations of the steady phase.
  public let steadyIterations: Int
  /// Allocation calls in the steady phase.
  public let steadyAllocations: Int
  /// Live bytes after each steady iteration, relative to the phase's start.
  public let steadyLiveBytes: [Int]
  /// jemalloc's resident, active and metadata bytes at the end.
  public let resident: Int
  /// Bytes in pages that hold live allocations.
  public let active: Int
  /// jemalloc's own bookkeeping bytes.
  public let metadata: Int
  /// Minor and major page faults in the steady phase.
  public let steadyPageFaults: Int

  /// Creates a record.
  public init(
    allocator: String, phases: [PhaseMemory], arenaBytes: Int, packedWeightBytes: Int,
    cacheBytes: Int? = 0, peakAllocated: Int, steadyIterations: Int, steadyAllocations: Int,
    steadyLiveBytes: [Int],
    resident: Int, active: Int, metadata: Int, steadyPageFaults: Int
  ) {
    self.allocator = allocator
    self.phases = phases
    self.arenaBytes = arenaBytes
    self.packedWeightBytes = packedWeightBytes
    self.cacheBytes = cacheBytes
    self.peakAllocated = peakAllocated
    self.steadyIterations = steadyIterations
    self.steadyAllocations = steadyAllocations
    self.steadyLiveBytes = steadyLiveBytes
    self.resident = resident
    self.active = active
    self.metadata = metadata
    self.steadyPageFaults = steadyPageFaults
  }

  private enum CodingKeys: String, CodingKey {
    case allocator
    case phases
    case arenaBytes = "arena_bytes"
    case packedWeightBytes = "packed_weight_bytes"
    case cacheBytes = "cache_bytes"
    case peakAllocated = "peak_allocated"
    case steadyIterations = "steady_iterations"
    case steadyAllocations = "steady_allocations"
    case steadyLiveBytes = "steady_live_bytes"
    case resident
    case active
    case metadata
    case steadyPageFaults = "steady_page_faults"
  }
}

/// What one phase allocated.
public struct PhaseMemory: Hashable, Sendable, Codable {
  /// `load`, `quantize`, `warm-up` or `steady`.
  public let name: String
  /// Allocation calls.
  public let allocations: Int
  /// Bytes asked for by those calls.
  public let allocatedBytes: Int
  /// Live bytes at the phase's end in excess of those at the process's start.
  public let liveAtEnd: Int
  /// Largest number of live bytes within the phase, in excess of those at the process's start.
  public let peak: Int

  /// Creates a phase.
  public init(name: String, allocations: Int, allocatedBytes: Int, liveAtEnd: Int, peak: Int) {
    self.name = name
    self.allocations = allocations
    self.allocatedBytes = allocatedBytes
    self.liveAtEnd = liveAtEnd
    self.peak = peak
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case allocations
    case allocatedBytes = "allocated_bytes"
    case liveAtEnd = "live_at_end"
    case peak
  }
}
