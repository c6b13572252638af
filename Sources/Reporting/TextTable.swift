/// Columns of text, aligned: the first ones left, numbers right.
struct TextTable {
  let header: [String]
  let rows: [[String]]
  /// Columns from here on are right-aligned.
  let firstNumber: Int

  /// Lines of at most `width` characters where that is possible: columns are dropped from the right
  /// and named in a last line, rather than wrapped.
  func lines(width: Int) -> [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    var shown = header.count
    while shown > firstNumber + 1, total(widths.prefix(shown)) > width { shown -= 1 }
    var lines = all.map { row in line(row, widths: widths, shown: shown) }
    lines.insert(String(repeating: "─", count: total(widths.prefix(shown))), at: 1)
    if shown < header.count {
      lines.append(
        "not shown at this width: \(header[shown...].joined(separator: ", "))")
    }
    return lines
  }

  private func total(_ widths: ArraySlice<Int>) -> Int {
    widths.reduce(0, +) + 2 * max(0, widths.count - 1)
  }

  private func line(_ row: [String], widths: [Int], shown: Int) -> String {
    let cells = (0..<shown).map { column in
      let padding = String(repeating: " ", count: widths[column] - row[column].count)
      return column < firstNumber ? row[column] + padding : padding + row[column]
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
