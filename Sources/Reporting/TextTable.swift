/// Columns of text, aligned: the first ones left, numbers right.
struct TextTable {
  let header: [String]
  let rows: [[String]]
  /// Columns from here on are right-aligned.
  let firstNumber: Int

  /// Lines of at most `width` characters where that is possible: what does not fit beside the names
  /// follows in further tables with the same names.
  func lines(width: Int) -> [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let names = Array(0..<firstNumber)
    var tables: [[Int]] = []
    var columns = names
    for column in firstNumber..<header.count {
      if columns.count > names.count, total((columns + [column]).map { widths[$0] }) > width {
        tables.append(columns)
        columns = names
      }
      columns.append(column)
    }
    tables.append(columns)
    return tables.enumerated().flatMap { position, columns in
      var lines = all.map { line($0, widths: widths, columns: columns) }
      lines.insert(String(repeating: "─", count: total(columns.map { widths[$0] })), at: 1)
      return position == 0 ? lines : [""] + lines
    }
  }

  private func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + 2 * max(0, widths.count - 1)
  }

  private func line(_ row: [String], widths: [Int], columns: [Int]) -> String {
    let cells = columns.map { column in
      let padding = String(repeating: " ", count: widths[column] - row[column].count)
      return column < firstNumber ? row[column] + padding : padding + row[column]
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
