/// Metrics of bytes and allocation calls.
enum MemoryMetrics {
  static let all = [
    modelBytes, arenaBytes, packedWeightBytes, cacheBytes, peakAllocated, loadAllocations,
    steadyAllocations,
    leakPerIteration, resident, steadyPageFaults,
  ]

  static let modelBytes = MetricDeclaration(
    Metric("memory.model_bytes", unit: .bytes, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "bytes of the parameters as a checkpoint stores them",
    limits: [.atMost, .more], home: .model, defaultRule: GateRule(more: 0),
    reading: .quality(value: { Double($0.modelBytes) }, float: { _ in nil }))

  static let arenaBytes = exact(
    "memory.arena_bytes", .bytes, "bytes of the arena that holds every intermediate tensor",
    defaultRule: GateRule(more: 0), read: { Double($0.arenaBytes) })

  static let packedWeightBytes = exact(
    "memory.packed_weight_bytes", .bytes, "bytes of the repacked weights that execution reads",
    defaultRule: GateRule(more: 0), read: { Double($0.packedWeightBytes) })

  static let cacheBytes = exact(
    "memory.kv_cache_bytes", .bytes, "bytes of the keys and values of past tokens",
    defaultRule: GateRule(more: 0), read: { $0.cacheBytes.map(Double.init) })

  static let peakAllocated = exact(
    "memory.peak_allocated", .bytes, "largest number of live bytes at any time, over all phases",
    read: { Double($0.peakAllocated) })

  static let loadAllocations = exact(
    "memory.load_allocations", .count, "allocation calls while loading",
    read: { record in
      record.phases.first { $0.name == "load" }.map { Double($0.allocations) }
    })

  static let steadyAllocations = exact(
    "memory.steady_allocations", .count, "allocation calls in the steady phase",
    defaultRule: GateRule(atMost: 0), read: { Double($0.steadyAllocations) })

  static let leakPerIteration = exact(
    "memory.leak_per_iteration", .bytes,
    "live bytes that each steady iteration adds and none gives back",
    defaultRule: GateRule(atMost: 0), read: { $0.leakPerIteration })

  static let resident = MetricDeclaration(
    Metric("memory.resident", unit: .bytes, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "bytes in pages the allocator holds at the end",
    limits: [.atMost], home: .nowhere, reading: .memory { Double($0.resident) })

  static let steadyPageFaults = MetricDeclaration(
    Metric(
      "memory.steady_page_faults", unit: .count, direction: .lowerIsBetter, repeatability: .noisy),
    meaning: "minor and major page faults in the steady phase",
    limits: [.atMost], home: .nowhere, reading: .memory { Double($0.steadyPageFaults) })

  private static func exact(
    _ id: String, _ unit: Metric.Unit, _ meaning: String, defaultRule: GateRule? = nil,
    read: @escaping @Sendable (MemoryRecord) -> Double?
  ) -> MetricDeclaration {
    MetricDeclaration(
      Metric(id, unit: unit, direction: .lowerIsBetter, repeatability: .exact),
      meaning: meaning, limits: [.atMost, .more], home: .hardware, defaultRule: defaultRule,
      reading: .memory(read))
  }
}

extension MemoryRecord {
  /// Bytes that stayed live for good, and the iterations in which they came: the smallest number of
  /// live bytes in the last eighth of the steady phase less that in the first eighth, so that memory
  /// which comes and goes does not count, and the distance between the two. `nil` with fewer than
  /// four iterations.
  public var leak: (bytes: Int, iterations: Int)? {
    let count = steadyLiveBytes.count
    let window = max(2, count / 8)
    guard count >= 4, let first = steadyLiveBytes.prefix(window).min(),
      let last = steadyLiveBytes.suffix(window).min()
    else { return nil }
    return (max(0, last - first), count - window)
  }

  /// The bytes of `leak` per iteration.
  public var leakPerIteration: Double? {
    leak.map { Double($0.bytes) / Double($0.iterations) }
  }
}
