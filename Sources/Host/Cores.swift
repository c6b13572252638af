import CHost

/// The logical cores of this machine, as far as this process may use them.
public enum Cores {
  /// The cores the calling thread may run on, ascending.
  public static func available() throws(HostError) -> [Int] {
    var cores = [Int32](repeating: 0, count: Int(QG_MAXIMUM_CORES))
    let count = try HostError.check(
      qg_affinity(&cores, QG_MAXIMUM_CORES), "sched_getaffinity")
    return cores.prefix(count).map(Int.init)
  }
}

/// The calling thread, restricted to some cores for as long as this value lives. Threads created
/// meanwhile inherit the restriction.
public struct PinnedThread: ~Copyable {
  /// The cores the thread runs on.
  public let cores: [Int]
  private let before: [Int32]

  /// Pins the calling thread.
  ///
  /// - Parameter cores: At least one core.
  /// - Throws: `HostError.noSuchCore` that lists the cores there are.
  public init(to cores: [Int]) throws(HostError) {
    let available = try Cores.available()
    if let stranger = cores.first(where: { !available.contains($0) }) {
      throw .noSuchCore(stranger, available: available)
    }
    precondition(!cores.isEmpty, "a thread needs a core")
    let wanted = cores.map(Int32.init)
    try HostError.check(qg_set_affinity(wanted, Int32(wanted.count)), "sched_setaffinity")
    self.cores = cores
    before = available.map(Int32.init)
  }

  deinit {
    // The old set was valid when it was read; a core taken offline since is the kernel's business.
    _ = qg_set_affinity(before, Int32(before.count))
  }
}
