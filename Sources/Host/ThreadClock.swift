import CHost

/// The clock of the calling thread: `CLOCK_THREAD_CPUTIME_ID`. It stands still while the thread is off
/// its core. A reading is a system call.
public enum ThreadClock {
  /// Nanoseconds that the calling thread has computed.
  public static func nanoseconds() -> UInt64 {
    qg_thread_clock_nanoseconds()
  }
}
