/// What a comparison comes to.
public struct JobVerdict: Hashable, Sendable, Codable {
  /// Every verdict, in plan order and then in the catalog's.
  public let verdicts: [Verdict]
  /// What quantization cost and bought.
  public let table: [TableRow]
  /// What deserves attention and is no gate's business, one sentence each.
  public let notes: [String]

  /// Creates a verdict over a job.
  public init(verdicts: [Verdict], table: [TableRow], notes: [String] = []) {
    self.verdicts = verdicts
    self.table = table
    self.notes = notes
  }

  /// What the command ends with: the first of 2, 3, 5, 7, 4 that any verdict asks for.
  public var exitCode: ExitCode { ExitCode.combined(verdicts.map(\.exitCode)) }

  /// How many verdicts have a ruling.
  public func count(_ ruling: Verdict.Ruling) -> Int {
    verdicts.count { $0.ruling == ruling }
  }
}

/// What the user asked for beside the gates.
public struct ComparisonOptions: Hashable, Sendable, Codable {
  /// IMPROVED ends with 4.
  public var failOnImprovement: Bool
  /// NOT GATED ends with 7.
  public var requireTiming: Bool
  /// NOT RUN ends with 7.
  public var requireAll: Bool

  /// Creates options; by default none is asked for.
  public init(
    failOnImprovement: Bool = false, requireTiming: Bool = false, requireAll: Bool = false
  ) {
    self.failOnImprovement = failOnImprovement
    self.requireTiming = requireTiming
    self.requireAll = requireAll
  }
}
