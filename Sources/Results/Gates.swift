/// The rules of one scenario.
public struct Gates: Hashable, Sendable, Codable {
  /// What counts as the same outputs.
  public enum Outputs: String, Hashable, Sendable, Codable {
    /// Every output bit must equal the baseline's.
    case identical
    /// Outputs may differ; then paired accuracy tests decide.
    case equivalent
  }

  /// Rules by metric id.
  public let rules: [String: GateRule]
  /// What counts as the same outputs.
  public let outputs: Outputs

  /// Creates a set of rules.
  public init(rules: [String: GateRule], outputs: Outputs) {
    self.rules = rules
    self.outputs = outputs
  }
}

/// The limits of one metric. Shares and percentage points are fractions of 1 (`1 pp` is 0.01); bytes
/// and counts are themselves. A limit that is `nil` was not asked for.
public struct GateRule: Hashable, Sendable, Codable {
  /// An absolute upper limit that needs no baseline.
  public let atMost: Double?
  /// How much the value may exceed the baseline's: a difference for shares, bytes and counts, a
  /// fraction of the baseline for ratios and seconds.
  public let more: Double?
  /// How much slower than the stored ratio to control: a fraction of it.
  public let slower: Double?
  /// Signed distance to the float run that is still allowed: −0.01 lets a higher-is-better metric
  /// fall by 0.01, +0.02 lets a lower-is-better one rise by 0.02.
  public let againstFloat: Double?
  /// The same distance to the stored baseline.
  public let againstBaseline: Double?

  /// Creates a rule.
  public init(
    atMost: Double? = nil, more: Double? = nil, slower: Double? = nil,
    againstFloat: Double? = nil, againstBaseline: Double? = nil
  ) {
    self.atMost = atMost
    self.more = more
    self.slower = slower
    self.againstFloat = againstFloat
    self.againstBaseline = againstBaseline
  }

  private enum CodingKeys: String, CodingKey {
    case atMost = "at_most"
    case more
    case slower
    case againstFloat = "against_float"
    case againstBaseline = "against_baseline"
  }
}
