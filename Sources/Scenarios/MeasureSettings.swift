import Documents

/// How long a case may be measured. Counts of iterations follow from the budget.
public struct MeasureSettings: Hashable, Sendable {
  /// Time for all timing processes of one case together, warm-up included.
  public let budget: Duration
  /// Fresh timing processes per case.
  public let processes: Int
  /// The longest warm-up of one process, which ends sooner when medians are stable.
  public let warmUpAtMost: Duration
  /// The longest time that one worker process may take before it counts as hanging; `nil` leaves it to the
  /// supervisor, which derives one from the budget.
  public let limit: Duration?

  /// Creates settings.
  public init(
    budget: Duration = .seconds(6), processes: Int = 6, warmUpAtMost: Duration = .milliseconds(500),
    limit: Duration? = nil
  ) {
    self.budget = budget
    self.processes = processes
    self.warmUpAtMost = warmUpAtMost
    self.limit = limit
  }

  static let reader = Reader<MeasureSettings>.record(
    "measure", "How long a case may be measured."
  ) { fields in
    let budget = fields.optional(
      "budget", .duration(in: .milliseconds(100) ... .seconds(3600)),
      "Time for all timing processes of a case (default 6 s).", default: .seconds(6))
    // With two processes the replay's minimum keeps a quarter of the machine's own spikes.
    let processes = fields.optional(
      "processes", .int(in: 3...64), "Fresh timing processes per case (default 6).", default: 6)
    let warmUp = fields.optional(
      "warmup", warmUpReader, "Iterations before the timed ones.", default: .milliseconds(500))
    let limit = fields.optional(
      "limit", .duration(in: .seconds(1) ... .seconds(86_400)),
      "The longest time one worker may take (default 60 s and ten times its share of the budget).")
    if warmUp * processes >= budget {
      fields.report(
        "expected a warm-up that leaves time to measure: \(processes) processes × "
          + "\(seconds(warmUp)) s is not under the budget of \(seconds(budget)) s",
        at: fields.has("warmup") ? "warmup" : "budget")
    }
    if let limit, limit <= budget / processes {
      fields.report(
        "expected more than a worker's share of the budget, \(seconds(budget / processes)) s, found "
          + "\(seconds(limit)) s: every worker would be taken for hanging", at: "limit")
    }
    return MeasureSettings(
      budget: budget, processes: processes, warmUpAtMost: warmUp, limit: limit)
  }

  private static let warmUpReader = Reader<Duration>.record(
    "warmup", "Iterations before the timed ones."
  ) { fields in
    _ = fields.optional("until", .choice(["stable"]), "When it ends: stable medians.")
    return fields.required(
      "at_most", .duration(in: .milliseconds(1) ... .seconds(600)),
      "When it ends even if medians are not stable.")
  }

  private static func seconds(_ duration: Duration) -> String {
    let value = duration / .seconds(1)
    return value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
