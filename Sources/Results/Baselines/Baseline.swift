import Digests

/// Approved results of a scenario that hold on any machine: `Baselines/<scenario>.json`.
public struct Baseline: Hashable, Sendable, VersionedDocument {
  /// The version of this layout that this build writes.
  public static let currentSchemaVersion = 1

  /// A newer one is refused.
  public let schemaVersion: Int
  /// The scenario's name; also the file's.
  public let scenario: String
  /// By `architecture/scheme`.
  public let entries: [String: BaselineEntry]
  /// Who accepted what, oldest first; only ever appended to.
  public let approvals: [Approval]

  /// Creates a baseline.
  public init(
    schemaVersion: Int = Baseline.currentSchemaVersion, scenario: String,
    entries: [String: BaselineEntry], approvals: [Approval]
  ) {
    self.schemaVersion = schemaVersion
    self.scenario = scenario
    self.entries = entries
    self.approvals = approvals
  }

  /// The digest of the entries as they are written: what an approval approves.
  public var contentDigest: String {
    guard let bytes = try? DocumentFile.encode(entries, file: scenario) else {
      return "not representable"
    }
    return Digest(of: bytes).description
  }

  /// Whether the last approval is of these entries. A file edited by hand is not approved.
  public var isApproved: Bool { approvals.last?.digest == contentDigest }

  /// An entry without an approval, an unknown metric, or an accuracy that is not a share.
  public func contradiction() -> Contradiction? {
    if approvals.isEmpty {
      return Contradiction("approvals", expected: "at least one", found: "none")
    }
    for (model, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let place = "entries.\(model)"
      if let problem = Self.unknownMetric(entry.metrics, home: .model, at: place) {
        return problem
      }
      for (profile, hardware) in entry.hardware.sorted(by: { $0.key < $1.key }) {
        let place = "\(place).hardware.\(profile)"
        if let problem = Self.unknownMetric(hardware.metrics, home: .hardware, at: place) {
          return problem
        }
      }
    }
    return nil
  }

  private static func unknownMetric(
    _ metrics: [String: Double], home: MetricDeclaration.Home, at place: String
  ) -> Contradiction? {
    guard
      let unknown = metrics.keys.sorted()
        .first(where: { MetricCatalog.declaration($0)?.home != home })
    else { return nil }
    return Contradiction(
      "\(place).metrics", expected: "metrics that this file stores", found: "'\(unknown)'")
  }

  private enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case scenario
    case entries
    case approvals
  }
}

/// What is approved for one architecture under one scheme.
public struct BaselineEntry: Hashable, Sendable, Codable {
  /// Digests and the answers.
  public let quality: QualityBaseline
  /// Values by metric id, of metrics that hold on any hardware.
  public let metrics: [String: Double]
  /// Memory, by hardware profile: threads and allocator settings change it.
  public let hardware: [String: HardwareBaseline]

  /// Creates an entry.
  public init(
    quality: QualityBaseline, metrics: [String: Double], hardware: [String: HardwareBaseline]
  ) {
    self.quality = quality
    self.metrics = metrics
    self.hardware = hardware
  }
}

/// The approved answers of one model, readable per slice.
public struct QualityBaseline: Hashable, Sendable, Codable {
  /// Examples kept for paired tests; more would bloat the file and add little power.
  public static let mostExamples = 4096

  /// SHA-256 of the trained weights.
  public let modelDigest: String
  /// SHA-256 of the evaluation examples, in order.
  public let dataDigest: String
  /// SHA-256 of the calibration examples; `nil` for schemes that need none.
  public let calibrationDigest: String?
  /// SHA-256 of every output element's bit pattern, in order.
  public let outputDigest: String
  /// Number of evaluation examples.
  public let examples: Int
  /// Accuracy per slice key and value.
  public let slices: [String: [String: Double]]
  /// Predicted class of the first 4,096 examples, for paired tests. Labels and slices follow from the
  /// data digest, so the new run's own serve.
  public let predictions: PackedIntegers

  /// Creates a record.
  public init(
    modelDigest: String, dataDigest: String, calibrationDigest: String?, outputDigest: String,
    examples: Int, slices: [String: [String: Double]], predictions: PackedIntegers
  ) {
    self.modelDigest = modelDigest
    self.dataDigest = dataDigest
    self.calibrationDigest = calibrationDigest
    self.outputDigest = outputDigest
    self.examples = examples
    self.slices = slices
    self.predictions = predictions
  }

  /// What a baseline keeps of a full record.
  public init(_ record: QualityRecord) {
    var slices: [String: [String: Double]] = [:]
    for slice in record.sliceAccuracies {
      slices[slice.key, default: [:]][slice.value] = slice.accuracy
    }
    self.init(
      modelDigest: record.modelDigest, dataDigest: record.dataDigest,
      calibrationDigest: record.calibrationDigest, outputDigest: record.outputDigest,
      examples: record.labels.values.count, slices: slices,
      predictions: PackedIntegers(Array(record.predictions.values.prefix(Self.mostExamples))))
  }

  private enum CodingKeys: String, CodingKey {
    case modelDigest = "model_digest"
    case dataDigest = "data_digest"
    case calibrationDigest = "calibration_digest"
    case outputDigest = "output_digest"
    case examples
    case slices
    case predictions
  }
}

/// The approved memory figures of one model on one hardware profile.
public struct HardwareBaseline: Hashable, Sendable, Codable {
  /// The allocator that counted.
  public let allocator: String
  /// The compiler that built the tool; the standard library's own allocations depend on it.
  public let compiler: String
  /// Allocation calls and bytes by phase.
  public let phases: [String: PhaseMemory]
  /// Values by metric id.
  public let metrics: [String: Double]

  /// Creates a record.
  public init(
    allocator: String, compiler: String, phases: [String: PhaseMemory], metrics: [String: Double]
  ) {
    self.allocator = allocator
    self.compiler = compiler
    self.phases = phases
    self.metrics = metrics
  }
}

/// One acceptance of a baseline's content.
public struct Approval: Hashable, Sendable, Codable {
  /// Who.
  public let who: String
  /// When, ISO 8601, UTC.
  public let when: String
  /// Why.
  public let why: String
  /// `Baseline.contentDigest` of what was accepted.
  public let digest: String

  /// Creates an approval.
  public init(who: String, when: String, why: String, digest: String) {
    self.who = who
    self.when = when
    self.why = why
    self.digest = digest
  }
}
