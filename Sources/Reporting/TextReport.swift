public import Comparison

/// A verdict for a terminal or a log.
public struct TextReport: Sendable {
  /// Characters per line.
  public let width: Int
  /// Whether rulings are coloured.
  public let color: Bool
  /// Whether every PASS is listed with what it ruled out.
  public let passes: Bool
  /// Whether accuracy is listed for every slice.
  public let slices: Bool
  /// Whether layers are compared with the float run's.
  public let layers: Bool
  /// Whether the examples whose prediction changed are listed.
  public let changed: Bool

  /// Creates a report. `width` is that of the terminal; it is the caller who knows.
  public init(
    width: Int = 100, color: Bool = false, passes: Bool = false, slices: Bool = false,
    layers: Bool = false, changed: Bool = false
  ) {
    self.width = max(40, width)
    self.color = color
    self.passes = passes
    self.slices = slices
    self.layers = layers
    self.changed = changed
  }

  /// The whole report, newline last: what failed, what is not decided, the table, the verdict.
  public func text(_ verdict: JobVerdict) -> String {
    var lines: [String] = []
    for section in verdict.sections() {
      for item in section.verdicts { lines += self.lines(item) }
      lines.append("")
    }
    for note in verdict.notes { lines += wrap("NOTE  \(note)", indent: 6) }
    if !verdict.notes.isEmpty { lines.append("") }
    if passes {
      for item in verdict.verdicts where item.ruling == .pass { lines += self.lines(item) }
      lines.append("")
    }
    if !verdict.table.isEmpty {
      let table = TradeOffTable(verdict)
      lines += TextTable(header: table.header, rows: table.rows, firstNumber: table.names)
        .lines(width: width)
      if verdict.table.contains(where: { !$0.before.isEmpty }) {
        lines.append("[ ] the baseline's value where it differs")
      }
      lines.append("")
    }
    if slices {
      for table in TradeOffTable.slices(verdict) {
        lines += TextTable(header: table.header, rows: table.rows, firstNumber: 1)
          .lines(width: width)
        lines.append("")
      }
    }
    if layers { lines += layerLines(verdict) }
    if changed { lines += changedLines(verdict) }
    for command in verdict.acceptance {
      lines.append("If these changes are meant, accept them all: \(command)")
    }
    lines.append(paint(verdict.lastLine, as: verdict.exitCode == .pass ? .pass : .fail))
    return lines.joined(separator: "\n") + "\n"
  }

  private func layerLines(_ verdict: JobVerdict) -> [String] {
    LayerTable.all(verdict).flatMap { table in
      [table.title]
        + TextTable(header: LayerTable.header, rows: table.rows, firstNumber: 2).lines(width: width)
        + [""]
    }
  }

  private func changedLines(_ verdict: JobVerdict) -> [String] {
    ChangedTable.all(verdict).flatMap { table in
      var lines = wrap(table.title, indent: 2)
      if !table.rows.isEmpty {
        lines += TextTable(header: ChangedTable.header, rows: table.rows, firstNumber: 0)
          .lines(width: width)
      }
      if table.more > 0 { lines.append("and \(table.more) more; --format json lists them all") }
      return lines + [""]
    }
  }

  /// What an update of a baseline changes.
  public func text(_ changes: [BaselineChange], scenario: String) -> String {
    let lines = ChangeLines(changes, scenario: scenario)
    return ([lines.title] + lines.items.map { "  \($0)" }).flatMap { wrap($0, indent: 6) }
      .joined(separator: "\n") + "\n"
  }

  private func lines(_ verdict: Verdict) -> [String] {
    let line = VerdictLine(verdict: verdict)
    let ruling = verdict.ruling.rawValue
    let figures = line.figures.isEmpty ? "" : " (\(line.figures))"
    let first = wrap("\(ruling)  \(line.title): \(verdict.message)\(figures)", indent: 6)
    let painted = first.enumerated().map { index, text in
      index == 0
        ? paint(ruling, as: verdict.ruling) + text.dropFirst(ruling.count) : text
    }
    let evidence = verdict.evidence.flatMap { wrap("      \($0)", indent: 8) }
    let next = verdict.next.map { wrap("      → \($0)", indent: 8) } ?? []
    return painted + evidence + next
  }

  /// Breaks at spaces, but not between a number and its unit; a word that is longer than the line stays
  /// whole, so that commands can be copied.
  private func wrap(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    let text = text.onOneLine
    let leading = String(text.prefix { $0 == " " })
    for word in Self.pieces(text.dropFirst(leading.count)) {
      if line.isEmpty {
        line = (lines.isEmpty ? leading : String(repeating: " ", count: indent)) + word
      } else if line.count + 1 + word.count <= width {
        line += " \(word)"
      } else {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      }
    }
    return lines + [line]
  }

  private static let units: Set<Substring> = [
    "%", "pp", "ns", "µs", "ms", "s", "B", "KiB", "MiB", "GiB", "dB",
  ]

  /// The words of a text; a number and the unit behind it are one.
  private static func pieces(_ text: Substring) -> [Substring] {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    var pieces: [Substring] = []
    for word in words {
      let unit = word.prefix { $0.isLetter || $0 == "%" }
      if let number = pieces.last, number.last?.isNumber == true, units.contains(unit) {
        pieces[pieces.count - 1] = number.base[number.startIndex..<word.endIndex]
      } else {
        pieces.append(word)
      }
    }
    return pieces
  }

  private func paint(_ text: String, as ruling: Verdict.Ruling) -> String {
    guard color else { return text }
    let code =
      switch ruling {
      case .pass: 32
      case .fail: 31
      case .undecided: 33
      case .improved: 36
      case .notGated, .notRun: 35
      }
    return "\u{1B}[1;\(code)m\(text)\u{1B}[0m"
  }
}
