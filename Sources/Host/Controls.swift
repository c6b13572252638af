import CHost
public import Digests

/// The two frozen workloads that measure the machine; see `controls.h`.
public enum Controls {
  /// The digest of their source, as compiled, and of the compiler.
  public static func identity() -> Digest {
    Digest(
      of: String(cString: qg_controls_source()) + "\n" + String(cString: qg_controls_compiler()))
  }

  /// Bytes that one unit of the streaming control reads.
  public static let streamUnitBytes = Int(QG_STREAM_UNIT_WORDS) * 8
}

/// Both controls with the memory they work on. Running allocates nothing.
public struct ControlWorkload: ~Copyable {
  /// Bytes the streaming control walks over: a multiple of `Controls.streamUnitBytes`.
  public let workingSet: Int
  /// Depends on everything computed, so that none of it can be left out.
  public private(set) var evidence: UInt64 = 0
  private let words: UnsafeMutableBufferPointer<UInt64>
  private let compute: UnsafeMutablePointer<qg_compute_state>
  private var cursor = 0

  /// Touches a working set of at least `bytes`, rounded up to whole units; at least one.
  public init(workingSet bytes: Int) {
    let units = max(1, (bytes + Controls.streamUnitBytes - 1) / Controls.streamUnitBytes)
    workingSet = units * Controls.streamUnitBytes
    words = .allocate(capacity: workingSet / 8)
    var state: UInt64 = 1
    for index in words.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      words.initializeElement(at: index, to: state)
    }
    compute = .allocate(capacity: 1)
    qg_compute_prepare(compute)
  }

  deinit {
    words.deallocate()
    compute.deallocate()
  }

  /// Runs so many units of each: first arithmetic, then streaming, which goes on where the last call
  /// stopped.
  @inline(__always)
  public mutating func run(computeUnits: Int, streamUnits: Int) {
    evidence &+= qg_compute(compute, UInt64(computeUnits))
    if streamUnits > 0 {
      evidence &+= qg_stream(words.baseAddress, words.count, &cursor, UInt64(streamUnits))
    }
  }
}
