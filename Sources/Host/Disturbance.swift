import CHost
import Foundation

/// What the kernel did to a process: page faults and context switches since it started.
public struct Disturbance: Hashable, Sendable {
  /// Faults served without reading from a disk.
  public let minorFaults: Int
  /// Faults that read from a disk.
  public let majorFaults: Int
  /// Switches because a thread waited.
  public let voluntarySwitches: Int
  /// Switches because the kernel wanted the core.
  public let involuntarySwitches: Int

  /// Minor and major faults.
  public var pageFaults: Int { minorFaults + majorFaults }

  /// Over all threads of this process.
  public static func ofProcess() throws(HostError) -> Disturbance {
    var usage = qg_usage()
    try HostError.check(qg_process_usage(&usage), "getrusage")
    return Disturbance(usage)
  }

  /// Of the calling thread alone.
  public static func ofThread() throws(HostError) -> Disturbance {
    var usage = qg_usage()
    try HostError.check(qg_thread_usage(&usage), "getrusage")
    return Disturbance(usage)
  }

  /// What happened between two readings.
  public static func - (late: Disturbance, early: Disturbance) -> Disturbance {
    Disturbance(
      minorFaults: late.minorFaults - early.minorFaults,
      majorFaults: late.majorFaults - early.majorFaults,
      voluntarySwitches: late.voluntarySwitches - early.voluntarySwitches,
      involuntarySwitches: late.involuntarySwitches - early.involuntarySwitches)
  }

  private init(_ usage: qg_usage) {
    self.init(
      minorFaults: Int(usage.minor_faults), majorFaults: Int(usage.major_faults),
      voluntarySwitches: Int(usage.voluntary_switches),
      involuntarySwitches: Int(usage.involuntary_switches))
  }

  private init(
    minorFaults: Int, majorFaults: Int, voluntarySwitches: Int, involuntarySwitches: Int
  ) {
    self.minorFaults = minorFaults
    self.majorFaults = majorFaults
    self.voluntarySwitches = voluntarySwitches
    self.involuntarySwitches = involuntarySwitches
  }
}

/// Time that a hypervisor took from some cores, from `/proc/stat`.
public struct StealReading: Hashable, Sendable {
  /// Stolen clock ticks.
  public let stolen: Int
  /// All clock ticks.
  public let total: Int

  /// Sums over `cores`; `nil` where the system does not say.
  public static func now(cores: [Int]) -> StealReading? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
    return StealReading(statistics: text, cores: cores)
  }

  /// Reads the text of `/proc/stat`; `nil` when a core is missing or its line is too short.
  public init?(statistics text: String, cores: [Int]) {
    var stolen = 0
    var total = 0
    for core in cores {
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("cpu\(core) ") })
      else { return nil }
      // user nice system idle iowait irq softirq steal [guest guest_nice, already in user and nice]
      let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
      guard ticks.count == 8 else { return nil }
      stolen += ticks[7]
      total += ticks.reduce(0, +)
    }
    self.stolen = stolen
    self.total = total
  }

  /// Share of the time since `early` that was stolen, 0…1; 0 when no tick has passed.
  public func share(since early: StealReading) -> Double {
    total > early.total ? Double(stolen - early.stolen) / Double(total - early.total) : 0
  }
}
