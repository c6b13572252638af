import Comparison
import Results

/// One verdict in words, the same in every format.
struct VerdictLine {
  let verdict: Verdict

  /// `mlp/int8/one-core: accuracy.top1 against_float`.
  var title: String {
    let rule = verdict.limit.map { "\(verdict.metric) \($0.rawValue)" } ?? verdict.metric
    let place =
      verdict.scenario.isEmpty || verdict.subject == verdict.scenario
      ? verdict.subject : "\(verdict.scenario)/\(verdict.subject)"
    return "\(place): \(rule)"
  }

  /// `baseline 97.35 %, now 96.10 %, limit 97.35 %`; empty where there are no numbers.
  var figures: String {
    let figures = verdict.figures
    guard let unit = figures.unit else { return "" }
    func text(_ name: String, _ value: Double?) -> String? {
      value.map { "\(name) \(Quantity.text($0, unit))" }
    }
    let interval = figures.interval.map { interval in
      figures.intervalIsChange
        ? "change \(Quantity.changeInterval(interval))"
        : "interval \(Quantity.interval(interval, unit))"
    }
    let parts = [
      text("baseline", figures.baseline), text("float", figures.float), text("now", figures.now),
      interval, text("limit", figures.bound),
      figures.smallestDetectable.map { "smallest detectable change \(detectable($0, unit))" },
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  private func detectable(_ value: Double, _ unit: Metric.Unit) -> String {
    unit == .share ? Quantity.points(value) : Quantity.share(value)
  }
}

extension String {
  /// Line breaks and other control characters as spaces: what a workload said before it died must
  /// not pass for lines of the report, or steer the terminal.
  var onOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}

extension JobVerdict {
  /// Verdicts in the order they are read: what failed, what is not decided, what got better.
  func sections() -> [(title: String, verdicts: [Verdict])] {
    let order: [Verdict.Ruling] = [.fail, .undecided, .improved, .notRun, .notGated]
    return order.compactMap { ruling in
      let all = verdicts.filter { $0.ruling == ruling }
      let found = ruling == .notGated ? Self.gathered(all) : all
      return found.isEmpty ? nil : (ruling.rawValue, found)
    }
  }

  /// One verdict for all that are not gated in a scenario for the same reason: they are many, and one
  /// command cures them.
  private static func gathered(_ verdicts: [Verdict]) -> [Verdict] {
    var groups: [(first: Verdict, rules: [String], cases: Set<String>)] = []
    for verdict in verdicts {
      let rule = verdict.limit.map { "\(verdict.metric) \($0.rawValue)" } ?? verdict.metric
      let place = groups.firstIndex {
        $0.first.scenario == verdict.scenario && $0.first.next == verdict.next
          && $0.first.message == verdict.message
      }
      guard let place else {
        groups.append((verdict, [rule], [verdict.subject]))
        continue
      }
      if !groups[place].rules.contains(rule) { groups[place].rules.append(rule) }
      groups[place].cases.insert(verdict.subject)
    }
    return groups.map { group in
      guard group.cases.count > 1 || group.rules.count > 1 else { return group.first }
      return Verdict(
        .notGated, scenario: group.first.scenario,
        subject: group.cases.count > 1
          ? "\(group.cases.count) cases" : group.first.subject,
        metric: group.rules.joined(separator: ", "), message: group.first.message,
        next: group.first.next, exitCode: group.first.exitCode)
    }
  }

  /// `PASS: 12 passed, 1 not gated; exit code 0 (every gate holds)`.
  var lastLine: String {
    let words: [(Verdict.Ruling, String)] = [
      (.fail, "failed"), (.undecided, "undecided"), (.improved, "improved"), (.notRun, "not run"),
      (.notGated, "not gated"), (.pass, "passed"),
    ]
    let counts = words.compactMap { ruling, word in
      count(ruling) > 0 ? "\(count(ruling)) \(word)" : nil
    }
    return "\(headline): \(counts.joined(separator: ", ")); "
      + "exit code \(exitCode.rawValue) (\(exitCode.meaning))"
  }

  /// One word for the whole job.
  private var headline: String {
    switch exitCode {
    case .pass:
      !verdicts.isEmpty && verdicts.allSatisfy { $0.ruling == .notRun }
        ? "NOTHING RAN" : Verdict.Ruling.pass.rawValue
    case .regression, .workloadFailed: Verdict.Ruling.fail.rawValue
    case .noBaseline, .undecided: Verdict.Ruling.undecided.rawValue
    case .improvement: Verdict.Ruling.improved.rawValue
    }
  }

  /// The one command that accepts everything that changed, for each scenario with a failure that a
  /// baseline decides.
  var acceptance: [String] {
    let scenarios = verdicts.filter { verdict in
      verdict.ruling == .fail && (verdict.next ?? "").contains(Advice.update(verdict.scenario))
    }.map(\.scenario)
    return Set(scenarios).sorted().map { Advice.update($0) }
  }
}
