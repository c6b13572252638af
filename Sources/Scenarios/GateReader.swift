import Documents
import Results

/// The `gates` mapping: one key per metric of the catalogue, and `outputs`.
struct GateEntry: Sendable {
  let gates: Gates
  /// Where each rule is written, by metric id.
  let places: [String: Place]

  static let none = GateEntry(gates: Gates(rules: [:], outputs: .identical), places: [:])

  static let reader = Reader<GateEntry>.record("gates", "What fails a case.") { fields in
    var rules: [String: GateRule] = [:]
    var places: [String: Place] = [:]
    for declaration in MetricCatalog.all {
      let rule = fields.optional(declaration.id, rule(of: declaration), declaration.meaning)
      if let rule {
        rules[declaration.id] = rule
        places[declaration.id] = fields.place(of: declaration.id)
      }
    }
    let outputs = fields.optional(
      "outputs", outputsReader,
      "identical: every output bit equals the baseline's; equivalent: paired accuracy tests.",
      default: .identical)
    return GateEntry(gates: Gates(rules: rules, outputs: outputs), places: places)
  }

  private static let outputsReader = Reader<String>.choice(["identical", "equivalent"])
    .mapped(expected: "'identical' or 'equivalent'") { Gates.Outputs(rawValue: $0) }

  private static func rule(of declaration: MetricDeclaration) -> Reader<GateRule> {
    let suited = declaration.limits.sorted()
    let listed = suited.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return .record("gate-\(declaration.id)", declaration.meaning) { fields in
      var values: [GateLimit: Double] = [:]
      for limit in GateLimit.allCases {
        if suited.contains(limit) {
          values[limit] = fields.optional(
            limit.rawValue, reader(of: limit, on: declaration.metric), meaning(of: limit))
        } else {
          fields.refuse(limit.rawValue, "does not suit this metric; expected \(listed)")
        }
      }
      if values.isEmpty, !fields.hasIssues {
        fields.report("expected at least one limit: \(listed)")
      }
      return GateRule(
        atMost: values[.atMost], more: values[.more], slower: values[.slower],
        againstFloat: values[.againstFloat], againstBaseline: values[.againstBaseline])
    }
  }

  private static func meaning(of limit: GateLimit) -> String {
    switch limit {
    case .atMost: "An absolute upper limit that needs no baseline."
    case .more: "How much the value may exceed the baseline's."
    case .slower: "How much slower than the stored ratio."
    case .againstFloat: "How far the value may lie on the worse side of the float run's."
    case .againstBaseline: "How far the value may lie on the worse side of the baseline's."
    }
  }

  private static func reader(of limit: GateLimit, on metric: Metric) -> Reader<Double> {
    switch (limit, metric.unit) {
    case (.againstFloat, .number), (.againstBaseline, .number):
      .double(in: metric.direction == .higherIsBetter ? -1e9...0 : 0...1e9)
    case (.againstFloat, _), (.againstBaseline, _):
      // A limit on the better side would demand an improvement on every run.
      .points(in: metric.direction == .higherIsBetter ? -1...0 : 0...1)
    case (.slower, _), (.more, .ratio), (.more, .seconds): .share(in: 0...10)
    case (.atMost, .share): .shareOrPoints
    case (.more, .share): .points(in: 0...1)
    case (.atMost, .ratio): .double(in: 0...1000)
    case (.atMost, .number), (.more, .number): .double(in: 0...1e9)
    case (.atMost, .seconds): Reader<Duration>.duration.map { $0 / .seconds(1) }
    case (.atMost, .bytes), (.more, .bytes): Reader<Int>.bytes.map(Double.init)
    case (.atMost, .count), (.more, .count): Reader<Int>.count.map(Double.init)
    }
  }
}
