import CHost

/// What the kernel enforces on this process.
public enum ProcessLimits {
  /// Limits private writable memory (`RLIMIT_DATA`) for good; larger requests fail from then on.
  public static func limitData(bytes: Int) throws(HostError) {
    try HostError.check(qg_limit_data(UInt64(bytes)), "setrlimit(RLIMIT_DATA)")
  }

  /// The present limit on private writable memory in bytes; `nil` for none.
  public static func dataLimit() throws(HostError) -> Int? {
    var bytes: UInt64 = 0
    try HostError.check(qg_data_limit(&bytes), "getrlimit(RLIMIT_DATA)")
    return Int(exactly: bytes)
  }

  /// Switches core files off.
  public static func disableCoreFiles() throws(HostError) {
    try HostError.check(qg_disable_core_files(), "setrlimit(RLIMIT_CORE)")
  }

  /// Has the kernel kill this process when the thread that started it ends.
  ///
  /// - Throws: `HostError.system` (ESRCH) when `parent` is gone already.
  public static func dieWithParent(_ parent: Int32) throws(HostError) {
    try HostError.check(qg_die_with_parent(parent), "prctl(PR_SET_PDEATHSIG)")
  }
}
