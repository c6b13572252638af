import CHost
import Foundation

/// The allocator of this process.
public enum Allocator {
  /// The environment variable that configures this build of jemalloc.
  public static let configurationVariable = "MALLOC_CONF"

  /// For example `jemalloc 5.3.0`.
  ///
  /// - Throws: `HostError.noJemalloc` when it does not say.
  public static func name() throws(HostError) -> String {
    guard let text = qg_allocator_version() else {
      throw .noJemalloc(reason: "mallctl does not know its version")
    }
    return "jemalloc " + String(cString: text).prefix { $0 != "-" }
  }

  /// Allocates 1 MiB the way any library would and checks that our counters and jemalloc's both saw it.
  ///
  /// - Throws: `HostError.noJemalloc` that says who missed it.
  public static func proveInterposition() throws(HostError) {
    let size = 1 << 20
    var counted: UInt64 = 0
    var seen: UInt64 = 0
    let failure = qg_observe_allocation(size, &counted, &seen)
    guard failure == 0 else {
      throw .noJemalloc(reason: "mallctl failed: \(String(cString: strerror(failure)))")
    }
    guard counted >= size else {
      throw .noJemalloc(reason: "of \(size) bytes allocated, the counters saw \(counted)")
    }
    guard seen == counted else {
      throw .noJemalloc(reason: "of \(counted) bytes allocated, jemalloc saw \(seen)")
    }
  }

  /// Makes the first allocation that fails write a line to a file descriptor.
  public static func reportExhaustion(to descriptor: Int32) {
    qg_report_exhaustion_to(descriptor)
  }

  /// What `reportExhaustion` writes, without the number.
  public static let exhaustionPrefix = "out of memory: "
}

/// jemalloc's own figures, in bytes.
public struct AllocatorReadings: Hashable, Sendable {
  /// In blocks handed out, thread caches included.
  public let allocated: Int
  /// In pages that hold such blocks.
  public let active: Int
  /// Bookkeeping.
  public let metadata: Int
  /// Physically mapped, at most.
  public let resident: Int
  /// Arenas the configuration asks for.
  public let arenas: Int
  /// Milliseconds until unused dirty pages go back to the system.
  public let dirtyDecayMilliseconds: Int

  /// Refreshes and reads them.
  ///
  /// - Throws: `HostError.noJemalloc` where they are not to be had.
  public static func now() throws(HostError) -> AllocatorReadings {
    var figures = qg_allocator_figures()
    let failure = qg_allocator_figures_now(&figures)
    guard failure == 0 else {
      throw .noJemalloc(reason: "mallctl failed: \(String(cString: strerror(failure)))")
    }
    return AllocatorReadings(
      allocated: figures.allocated, active: figures.active, metadata: figures.metadata,
      resident: figures.resident, arenas: Int(figures.arenas),
      dirtyDecayMilliseconds: figures.dirty_decay_ms)
  }
}
