import CMath

/// Turns records into inputs, with what the training part taught: vocabularies, means and deviations.
///
/// A missing number becomes the mean, which is 0 after scaling. A missing word, and a word that the
/// training part lacks, sets none of its column's features.
struct CSVEncoder {
  private enum Column {
    case number(CSVColumn.Transform, mean: Double, deviation: Double)
    case words([String: Int], isClosed: Bool)
    case none
  }

  /// Number of features.
  let width: Int
  private let schema: CSVSchema
  private let columns: [Column]

  /// Learns from the training part, summing in the order of the records.
  init(schema: CSVSchema, training: CSVTable, file: String) throws(DatasetError) {
    self.schema = schema
    var (width, columns) = (0, [Column]())
    for (index, column) in schema.columns.enumerated() {
      switch column.kind {
      case .numeric(let transform):
        width += 1
        columns.append(
          try CSVEncoder.scale(index, transform, schema: schema, training: training, file: file))
      case .categorical(let values):
        let words = values ?? schema.vocabulary(of: index, in: training)
        width += words.count
        let positions = Dictionary(uniqueKeysWithValues: zip(words, words.indices))
        columns.append(.words(positions, isClosed: values != nil))
      case .label, .target, .ignored: columns.append(.none)
      }
    }
    self.width = width
    self.columns = columns
  }

  private static func scale(
    _ index: Int, _ transform: CSVColumn.Transform, schema: CSVSchema, training: CSVTable,
    file: String
  ) throws(DatasetError) -> Column {
    var values: [Double] = []
    for (row, line) in zip(training.rows, training.lines) {
      let number = try schema.number(row[index], index, transform, file: file, line: line)
      if let number { values.append(number) }
    }
    guard !values.isEmpty else { return .number(transform, mean: 0, deviation: 1) }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance =
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let deviation = variance.squareRoot()
    return .number(transform, mean: mean, deviation: deviation > 0 ? deviation : 1)
  }

  /// The input of one record, in the order of the columns.
  func encode(_ row: [String], file: String, line: Int) throws(DatasetError) -> [Float] {
    var input: [Float] = []
    input.reserveCapacity(width)
    for (index, column) in columns.enumerated() {
      switch column {
      case .number(let transform, let mean, let deviation):
        let number = try schema.number(row[index], index, transform, file: file, line: line)
        input.append(Float(((number ?? mean) - mean) / deviation))
      case .words(let positions, let isClosed):
        let position = positions[row[index]]
        if position == nil, isClosed, row[index] != schema.missing {
          throw .malformed(
            file: file, place: schema.place(index, line), expected: "one of the column's values",
            found: "'\(row[index])'")
        }
        let start = input.count
        input.append(contentsOf: repeatElement(0, count: positions.count))
        if let position { input[start + position] = 1 }
      case .none: break
      }
    }
    return input
  }
}

/// The columns of a table and how it marks what is missing.
struct CSVSchema: Sendable {
  let columns: [CSVColumn]
  let missing: String?

  /// The class of a record; 0 where there are no classes.
  func label(_ row: [String], file: String, line: Int) throws(DatasetError) -> Int {
    for (index, column) in columns.enumerated() {
      guard case .label(let classes, let trailingDot) = column.kind else { continue }
      var word = Substring(row[index])
      if trailingDot, word.last == "." { word.removeLast() }
      guard let label = classes.firstIndex(where: { $0.spellings.contains(String(word)) }) else {
        throw .malformed(
          file: file, place: place(index, line), expected: "a known class",
          found: "'\(row[index])'")
      }
      return label
    }
    return 0
  }

  /// The numbers to come near to, in the order of the columns; none may be missing.
  func targets(_ row: [String], file: String, line: Int) throws(DatasetError) -> [Float] {
    var targets: [Float] = []
    for (index, column) in columns.enumerated() {
      guard case .target = column.kind else { continue }
      guard let number = try number(row[index], index, .none, file: file, line: line) else {
        throw .malformed(
          file: file, place: place(index, line), expected: "a decimal number",
          found: "'\(row[index])'")
      }
      targets.append(Float(number))
    }
    return targets
  }

  /// What slices read of a record, in the order of the columns.
  func properties(_ row: [String], file: String, line: Int) throws(DatasetError) -> [PropertyValue]
  {
    var values: [PropertyValue] = []
    values.reserveCapacity(columns.count)
    for (index, column) in columns.enumerated() {
      if row[index] == missing {
        values.append(.missing)
      } else if column.property.isNumber {
        let number = try number(row[index], index, .none, file: file, line: line)
        values.append(number.map { .number($0) } ?? .missing)
      } else {
        values.append(.text(row[index]))
      }
    }
    return values
  }

  /// A finite number, transformed; `nil` when it is missing.
  func number(
    _ text: String, _ index: Int, _ transform: CSVColumn.Transform, file: String, line: Int
  ) throws(DatasetError) -> Double? {
    if text == missing { return nil }
    guard let number = DecimalText.number(text) else {
      throw .malformed(
        file: file, place: place(index, line), expected: "a decimal number", found: "'\(text)'")
    }
    guard transform == .log1p else { return number }
    guard number > -1 else {
      throw .malformed(
        file: file, place: place(index, line), expected: "a number above -1 (log1p)",
        found: "'\(text)'")
    }
    return cm_log(1 + number)
  }

  /// The words of a column, sorted by their Unicode scalars, without the mark of what is missing.
  func vocabulary(of index: Int, in table: CSVTable) -> [String] {
    var words = Set(table.rows.lazy.map { $0[index] })
    if let missing { words.remove(missing) }
    return words.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  func place(_ index: Int, _ line: Int) -> String {
    "line \(line), column '\(columns[index].name)'"
  }
}
