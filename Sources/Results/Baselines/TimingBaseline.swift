import Digests

/// Durations recorded on machines of one kind: `Baselines/timing/<fingerprint>/<scenario>.json`.
public struct TimingBaseline: Hashable, Sendable, VersionedDocument {
  /// The version of this layout that this build writes.
  public static let currentSchemaVersion = 1

  /// A newer one is refused.
  public let schemaVersion: Int
  /// The scenario's name; also the file's.
  public let scenario: String
  /// The machine; its digest names the folder.
  public let fingerprint: Fingerprint
  /// By `architecture/scheme/hardware`.
  public let cases: [String: TimingCase]

  /// Creates a baseline.
  public init(
    schemaVersion: Int = TimingBaseline.currentSchemaVersion, scenario: String,
    fingerprint: Fingerprint, cases: [String: TimingCase]
  ) {
    self.schemaVersion = schemaVersion
    self.scenario = scenario
    self.fingerprint = fingerprint
    self.cases = cases
  }

  /// The stored sessions of a case.
  public subscript(id: CaseID) -> TimingCase? { cases[Self.key(id)] }

  /// The key of a case in `cases`.
  public static func key(_ id: CaseID) -> String {
    "\(id.architecture)/\(id.scheme)/\(id.hardware)"
  }

  /// A case without a session, or with a metric that this file does not store.
  public func contradiction() -> Contradiction? {
    for (key, stored) in cases.sorted(by: { $0.key < $1.key }) {
      let place = "cases.\(key).sessions"
      if stored.sessions.isEmpty {
        return Contradiction(place, expected: "at least one", found: "none")
      }
      for (index, session) in stored.sessions.enumerated() {
        let unknown = session.metrics.keys.sorted()
          .first { MetricCatalog.declaration($0)?.home != .timing }
        if let unknown {
          return Contradiction(
            "\(place)[\(index)].metrics", expected: "metrics that this file stores",
            found: "'\(unknown)'")
        }
      }
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case scenario
    case fingerprint
    case cases
  }
}

/// The sessions of one case.
public struct TimingCase: Hashable, Sendable, Codable {
  /// The control that every session ran: later runs replay it and never refit.
  public let blend: ControlBlend
  /// Inferences per time stamp of the subject that the control was fitted to.
  public let batchedInferences: Int
  /// Oldest first.
  public let sessions: [TimingSession]

  /// Creates a case.
  public init(blend: ControlBlend, batchedInferences: Int, sessions: [TimingSession]) {
    self.blend = blend
    self.batchedInferences = batchedInferences
    self.sessions = sessions
  }

  private enum CodingKeys: String, CodingKey {
    case blend
    case batchedInferences = "batched_inferences"
    case sessions
  }
}

/// One visit to a machine: several processes, minutes apart at most. The unit between which clock
/// rates, neighbours and page placement differ.
public struct TimingSession: Hashable, Sendable, Codable {
  /// When, ISO 8601, UTC.
  public let when: String
  /// Statistics of each process.
  public let processes: [ProcessStatistics]
  /// Values by metric id.
  public let metrics: [String: Double]
  /// Solo iterations of the subject, nanoseconds per inference, all processes together.
  public let subject: StoredHistogram
  /// Control iterations of the interleaved part, nanoseconds per time stamp.
  public let control: StoredHistogram

  /// Creates a session.
  public init(
    when: String, processes: [ProcessStatistics], metrics: [String: Double],
    subject: StoredHistogram, control: StoredHistogram
  ) {
    self.when = when
    self.processes = processes
    self.metrics = metrics
    self.subject = subject
    self.control = control
  }
}

/// What one process's durations come to.
public struct ProcessStatistics: Hashable, Sendable, Codable {
  /// Median nanoseconds per inference, alone.
  public let p50: Double
  /// 99th percentile of the same.
  public let p99: Double
  /// Geometric mean over blocks of the subject's median over the control's.
  public let ratioToControl: Double?
  /// The same over the float run's; `nil` for the float run itself.
  public let ratioToFloat: Double?

  /// Creates statistics.
  public init(p50: Double, p99: Double, ratioToControl: Double?, ratioToFloat: Double?) {
    self.p50 = p50
    self.p99 = p99
    self.ratioToControl = ratioToControl
    self.ratioToFloat = ratioToFloat
  }

  private enum CodingKeys: String, CodingKey {
    case p50
    case p99
    case ratioToControl = "ratio_to_control"
    case ratioToFloat = "ratio_to_float"
  }
}

extension Fingerprint {
  /// SHA-256 of every field.
  public var digest: String { hashed.hexadecimal }

  /// The first twelve digits of the digest: the folder's name.
  public var key: String { hashed.short }

  private var hashed: Digest {
    var hasher = Hasher256()
    for text in [cpu, hypervisor, allocator, compiler] + features { hasher.update(text) }
    hasher.update(Int64(cores))
    for (level, bytes) in caches.sorted(by: { $0.key < $1.key }) {
      hasher.update(level)
      hasher.update(Int64(bytes))
    }
    return hasher.finalize()
  }
}
