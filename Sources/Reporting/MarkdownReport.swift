public import Comparison

/// A verdict for a pull request or a job summary.
public struct MarkdownReport: Sendable {
  /// Creates a report.
  public init() {}

  /// The whole report, newline last.
  public func text(_ verdict: JobVerdict) -> String {
    var lines = ["## QuantGate: \(verdict.lastLine)", ""]
    for section in verdict.sections() {
      lines += ["### \(section.title)", ""]
      for item in section.verdicts { lines += self.lines(item) }
      lines.append("")
    }
    for note in verdict.notes { lines += ["> \(escaped(note))", ""] }
    if !verdict.table.isEmpty { lines += table(verdict) + [""] }
    for table in TradeOffTable.slices(verdict) {
      let rule = table.header.indices.map { $0 < 1 ? "---" : "---:" }
      lines += ([table.header, rule] + table.rows).map { cells in
        "| \(cells.map(escaped).joined(separator: " | ")) |"
      }
      lines.append("")
    }
    for command in verdict.acceptance {
      lines += ["If these changes are meant, accept them all:", "", "```", command, "```", ""]
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What an update of a baseline changes.
  public func text(_ changes: [BaselineChange], scenario: String) -> String {
    let lines = ChangeLines(changes, scenario: scenario)
    let items = lines.items.map { "- \(escaped($0))" }
    return (["**\(escaped(lines.title))**"] + (items.isEmpty ? [] : [""]) + items)
      .joined(separator: "\n") + "\n"
  }

  private func lines(_ verdict: Verdict) -> [String] {
    let line = VerdictLine(verdict: verdict)
    let figures = line.figures.isEmpty ? "" : " (\(line.figures))"
    let evidence = verdict.evidence.map { "  - \(escaped($0))" }
    let next = verdict.next.map { ["  - next: \(escaped($0))"] } ?? []
    return ["- **\(escaped(line.title))**: \(escaped(verdict.message + figures))"] + evidence + next
  }

  private func table(_ verdict: JobVerdict) -> [String] {
    let table = TradeOffTable(verdict)
    let rule = table.header.indices.map { $0 < table.names ? "---" : "---:" }
    var lines = ([table.header, rule] + table.rows).map { cells in
      "| \(cells.map(escaped).joined(separator: " | ")) |"
    }
    if verdict.table.contains(where: { !$0.before.isEmpty }) {
      lines += ["", "\\[ \\] the baseline's value where it differs"]
    }
    return lines
  }

  /// Names come from files and messages from workloads: neither must become markup.
  private func escaped(_ text: String) -> String {
    text.onOneLine.reduce(into: "") { result, character in
      if "\\`*_[]<>|~$&".contains(character) { result.append("\\") }
      result.append(character)
    }
  }
}
