public import Results

/// What a gate says about one metric of one case.
public struct Verdict: Hashable, Sendable, Codable {
  /// The word it is printed with.
  public enum Ruling: String, Hashable, Sendable, Codable, CaseIterable {
    /// The limit holds; the message says what that rules out.
    case pass = "PASS"
    /// The limit is broken, or the workload failed.
    case fail = "FAIL"
    /// The data cannot say; the message says why.
    case undecided = "UNDECIDED"
    /// Better than the baseline by more than the limit asks.
    case improved = "IMPROVED"
    /// Nothing to compare with on this machine yet: the one declared exception to failing closed.
    case notGated = "NOT GATED"
    /// The case did not run, for a declared reason.
    case notRun = "NOT RUN"
  }

  /// PASS, FAIL…
  public let ruling: Ruling
  /// The scenario's name.
  public let scenario: String
  /// What was judged: `architecture/scheme/hardware`, or less where the rest does not matter.
  public let subject: String
  /// The metric's id, or `outputs`, `case`, `baseline`.
  public let metric: String
  /// The limit that was applied; `nil` for rules without a number.
  public let limit: GateLimit?
  /// The numbers behind it.
  public let figures: Figures
  /// What was found, in one sentence without a full stop.
  public let message: String
  /// Lines of evidence: slices, iterations, inputs.
  public let evidence: [String]
  /// What to do next; `nil` for a PASS.
  public let next: String?
  /// What it makes the command end with.
  public let exitCode: ExitCode

  /// Creates a verdict.
  public init(
    _ ruling: Ruling, scenario: String, subject: String, metric: String, limit: GateLimit? = nil,
    figures: Figures = Figures(), message: String, evidence: [String] = [], next: String? = nil,
    exitCode: ExitCode
  ) {
    self.ruling = ruling
    self.scenario = scenario
    self.subject = subject
    self.metric = metric
    self.limit = limit
    self.figures = figures
    self.message = message
    self.evidence = evidence
    self.next = next
    self.exitCode = exitCode
  }

  private enum CodingKeys: String, CodingKey {
    case ruling
    case scenario
    case subject
    case metric
    case limit
    case figures
    case message
    case evidence
    case next
    case exitCode = "exit_code"
  }
}

/// The numbers of a verdict, in the metric's unit. What does not apply is `nil`.
public struct Figures: Hashable, Sendable, Codable {
  /// The metric's unit.
  public var unit: Metric.Unit?
  /// The measured value.
  public var now: Double?
  /// The stored value.
  public var baseline: Double?
  /// The float run's value.
  public var float: Double?
  /// Where the measured value, or its change from the stored one, lies.
  public var interval: Interval?
  /// Whether `interval` is of the relative change from the stored value.
  public var intervalIsChange: Bool
  /// The value that `now` may just reach.
  public var bound: Double?
  /// The smallest change that this gate finds with probability 0.95; relative for ratios.
  public var smallestDetectable: Double?
  /// The probability of such a finding by chance.
  public var probability: Double?
  /// Iterations that are to blame.
  public var iterations: [Int]
  /// The evaluation examples they ran, without repetition.
  public var inputs: [Int]

  /// Creates figures.
  public init(
    unit: Metric.Unit? = nil, now: Double? = nil, baseline: Double? = nil, float: Double? = nil,
    interval: Interval? = nil, intervalIsChange: Bool = false, bound: Double? = nil,
    smallestDetectable: Double? = nil, probability: Double? = nil, iterations: [Int] = [],
    inputs: [Int] = []
  ) {
    self.unit = unit
    self.now = now
    self.baseline = baseline
    self.float = float
    self.interval = interval
    self.intervalIsChange = intervalIsChange
    self.bound = bound
    self.smallestDetectable = smallestDetectable
    self.probability = probability
    self.iterations = iterations
    self.inputs = inputs
  }

  private enum CodingKeys: String, CodingKey {
    case unit
    case now
    case baseline
    case float
    case interval
    case intervalIsChange = "interval_is_change"
    case bound
    case smallestDetectable = "smallest_detectable"
    case probability
    case iterations
    case inputs
  }
}
