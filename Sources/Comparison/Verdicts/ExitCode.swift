/// What a verdict makes the command end with.
public enum ExitCode: Int32, Hashable, Sendable, Codable {
  /// Everything holds.
  case pass = 0
  /// Something got worse.
  case regression = 2
  /// A workload crashed, hung, refused or ran out of memory.
  case workloadFailed = 3
  /// Something got better, and that was asked to be noticed.
  case improvement = 4
  /// A case has no baseline.
  case noBaseline = 5
  /// A metric is missing or cannot be decided.
  case undecided = 7

  /// Which code wins when several apply.
  public static let precedence: [ExitCode] = [
    .regression, .workloadFailed, .noBaseline, .undecided, .improvement,
  ]

  /// The first of `precedence` that occurs among `codes`.
  public static func combined(_ codes: some Sequence<ExitCode>) -> ExitCode {
    let present = Set(codes)
    return precedence.first(where: present.contains) ?? .pass
  }

  /// What the code means, for the last line.
  public var meaning: String {
    switch self {
    case .pass: "every gate holds"
    case .regression: "regression"
    case .workloadFailed: "a workload failed"
    case .improvement: "better than the baseline"
    case .noBaseline: "a case has no baseline"
    case .undecided: "a metric is missing or undecided"
    }
  }
}
