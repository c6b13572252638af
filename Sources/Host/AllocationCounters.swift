import CHost

/// Allocations of the whole process, counted by the allocator this program links; see
/// `allocation.h` for what counts. Reading allocates nothing.
public struct AllocationCounters: Hashable, Sendable {
  /// Calls that returned a block.
  public let allocations: Int
  /// Blocks given back.
  public let deallocations: Int
  /// Usable bytes of all blocks ever returned.
  public let allocatedBytes: Int
  /// Usable bytes of blocks not yet given back.
  public let liveBytes: Int
  /// Largest `liveBytes` since the start or the last `resetPeak()`.
  public let peakLiveBytes: Int

  /// Totals since the process started; exact when no other thread is inside an allocation call.
  public static func now() -> AllocationCounters {
    let counts = qg_allocation_counts_now()
    return AllocationCounters(
      allocations: Int(counts.allocations), deallocations: Int(counts.deallocations),
      allocatedBytes: Int(counts.allocated_bytes), liveBytes: Int(counts.live_bytes),
      peakLiveBytes: Int(counts.peak_live_bytes))
  }

  /// Makes the present live bytes the peak, so that the next phase has a peak of its own.
  public static func resetPeak() {
    qg_reset_peak()
  }
}

/// Allocations of the calling thread since it started. Reading allocates nothing.
public struct ThreadAllocations: Hashable, Sendable {
  /// Calls that returned a block.
  public let allocations: Int
  /// Blocks given back.
  public let deallocations: Int
  /// Usable bytes of all blocks ever returned.
  public let allocatedBytes: Int

  /// Totals of the calling thread.
  public static func now() -> ThreadAllocations {
    let counts = qg_thread_counts_now()
    return ThreadAllocations(
      allocations: Int(counts.allocations), deallocations: Int(counts.deallocations),
      allocatedBytes: Int(counts.allocated_bytes))
  }
}
