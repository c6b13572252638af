/// A metric with everything that is known about it before anything was measured.
public struct MetricDeclaration: Sendable {
  /// Reads a metric from one kind of record; `nil` where the record cannot say.
  public enum Reading: Sendable {
    /// From the answers, beside the same number of the float run.
    case quality(
      value: @Sendable (QualityRecord) -> Double?, float: @Sendable (QualityRecord) -> Double?)
    /// From the memory process.
    case memory(@Sendable (MemoryRecord) -> Double?)
    /// From the durations: a statistic, computed where results are compared.
    case timing
  }

  /// The baseline file that stores the metric.
  public enum Home: Hashable, Sendable {
    /// `Baselines/<scenario>.json`, per architecture and scheme: holds on any machine.
    case model
    /// `Baselines/<scenario>.json`, per architecture, scheme and hardware profile.
    case hardware
    /// `Baselines/timing/<fingerprint>/<scenario>.json`: holds on machines of one kind.
    case timing
    /// None: only limits that need no baseline suit it.
    case nowhere
  }

  /// Id, unit, direction and repeatability.
  public let metric: Metric
  /// One line that says what the number is.
  public let meaning: String
  /// The limits a scenario may set on it.
  public let limits: Set<GateLimit>
  /// Where its baseline is stored.
  public let home: Home
  /// The rule that holds where a scenario says nothing about the metric.
  public let defaultRule: GateRule?
  /// How it is read.
  public let reading: Reading

  /// Declares a metric.
  public init(
    _ metric: Metric, meaning: String, limits: Set<GateLimit>, home: Home,
    defaultRule: GateRule? = nil, reading: Reading
  ) {
    self.metric = metric
    self.meaning = meaning
    self.limits = limits
    self.home = home
    self.defaultRule = defaultRule
    self.reading = reading
  }

  /// The metric's id.
  public var id: String { metric.id }

  /// The metric's value in a case; `nil` when it was not measured or is a statistic of durations.
  public func value(of result: CaseResult) -> Double? {
    switch reading {
    case .quality(let value, _): result.quality.flatMap(value)
    case .memory(let value): result.memory.flatMap(value)
    case .timing: nil
    }
  }

  /// The same number of the float run on the same examples; `nil` for what has no float twin.
  public func floatValue(of result: CaseResult) -> Double? {
    guard case .quality(_, let float) = reading else { return nil }
    return result.quality.flatMap(float)
  }
}

/// A kind of limit, by its key in a scenario file.
public enum GateLimit: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
  /// An absolute upper limit that needs no baseline.
  case atMost = "at_most"
  /// How much the value may exceed the baseline's.
  case more
  /// How much slower than the stored ratio, as a fraction of it.
  case slower
  /// Signed distance to the float run.
  case againstFloat = "against_float"
  /// Signed distance to the stored baseline.
  case againstBaseline = "against_baseline"

  /// Orders as in a scenario file: absolute first.
  public static func < (left: GateLimit, right: GateLimit) -> Bool {
    left.order < right.order
  }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension GateRule {
  /// The value of one limit; `nil` when it was not asked for.
  public subscript(limit: GateLimit) -> Double? {
    switch limit {
    case .atMost: atMost
    case .more: more
    case .slower: slower
    case .againstFloat: againstFloat
    case .againstBaseline: againstBaseline
    }
  }

  /// The limits that were asked for.
  public var limits: [GateLimit] {
    GateLimit.allCases.filter { self[$0] != nil }
  }
}
