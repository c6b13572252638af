import Documents

/// Labelled records in text tables.
struct CSVDataset: Dataset {
  /// One part: a file, and a run of its records.
  struct Part: Sendable {
    let file: String
    let range: FileRange
  }

  /// What is said about the right answer.
  enum Prediction: String, CaseIterable, Sendable {
    case classes = "class"
    case vector
    case none
  }

  let name: String
  /// Number of features of an input.
  let features: Int
  let schema: CSVSchema
  let format: CSVFormat
  let goal: Prediction
  let slices: SliceRules
  let parts: FileParts<Part>
  let root: DataRoot
  let site: DatasetSite

  var inputShape: [Int] { [features] }
  var accuracyBound: Double? { nil }
  var sliceKeys: [String] { slices.keys }
  var target: Target {
    switch goal {
    case .classes: .classes
    case .vector: .vector(width: schema.columns.count { $0.isTarget })
    case .none: .none(vocabulary: nil)
    }
  }
  var classNames: [String] {
    schema.columns.flatMap { column in
      if case .label(let classes, _) = column.kind { classes.map(\.name) } else { [String]() }
    }
  }

  func available(_ split: Split) -> Int { parts[split].range.count }

  func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    let training = try records(.train)
    let encoder = try CSVEncoder(schema: schema, training: training.table, file: training.file)
    guard encoder.width == features else {
      throw .malformed(
        file: training.file,
        place: "records \(parts.train.range.from) to "
          + "\(parts.train.range.end - 1)", expected: "\(features) features after encoding",
        found: "\(encoder.width)")
    }
    let asked = split == .train ? training : try records(split)
    let examples = try encode(asked, encoder)
    if split != .calibrate { return try examples.first(count, of: self, split, without: []) }
    let scored = try encode(try records(.evaluate), encoder)
    return try examples.first(count, of: self, split, without: Set(scored.exampleDigests))
  }

  /// The records of one part, and their file's name for messages.
  private struct Records {
    let table: CSVTable
    let file: String
  }

  private func records(_ split: Split) throws(DatasetError) -> Records {
    let part = parts[split]
    let location = try root.locate(part.file, dataset: name, site: site)
    let table = try CSVTable(
      bytes: BoundedFile.read(location), columns: schema.columns.map(\.name), format: format,
      limit: part.range.end, file: location.shown)
    guard !table.rows.isEmpty else { throw .empty(dataset: name, split: split) }
    guard table.rows.count >= part.range.end else {
      throw .malformed(
        file: location.shown, place: "the end", expected: "at least \(part.range.end) records",
        found: "\(table.rows.count)")
    }
    return Records(table: table.dropping(part.range.from), file: location.shown)
  }

  private func encode(_ records: Records, _ encoder: CSVEncoder) throws(DatasetError) -> ExampleSet
  {
    let table = records.table
    let file = records.file
    var builder = ExampleBuilder(
      inputShape: inputShape, sliceKeys: sliceKeys, capacity: table.rows.count)
    for (row, line) in zip(table.rows, table.lines) {
      builder.append(
        input: try encoder.encode(row, file: file, line: line),
        label: try schema.label(row, file: file, line: line),
        targets: try schema.targets(row, file: file, line: line),
        slices: slices.values(of: try schema.properties(row, file: file, line: line)))
    }
    return builder.finish(target: target)
  }
}

extension CSVDataset.Part: FilePart {
  var files: [String] { [file] }

  static let reader = Reader<CSVDataset.Part>.record("csv_part", "The records of one part.") {
    fields in
    let file = fields.required("file", .relativePath, "The table.")
    let range = FileRange.read(fields)
    guard let file, let range else { return nil }
    return CSVDataset.Part(file: file, range: range)
  }
}

extension CSVDataset {
  static let reader = Reader<DatasetDefinition>.record("csv", "Labelled records in text tables.") {
    fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let features = fields.required(
      "features", .int(in: 1...1_000_000), "Number of features that the columns become.")
    let format = format(fields)
    let missing = fields.optional("missing", .string, "The field that marks a missing value.")
    let columns = fields.required(
      "columns", .list(of: CSVColumn.reader, count: 2...10_000), "Every column, in order.")
    let goal = fields.optional(
      "target", .choice(of: Prediction.self),
      "What is to be predicted: the column of type 'label', those of type 'target', or nothing.",
      default: .classes)
    let entries = SliceRules.entries(fields)
    let parts = fields.required(
      "splits", FileParts<Part>.reader("csv_splits", Part.reader), "Which records are which part.")
    guard let name, let root, let features, let format, let columns, let parts else { return nil }
    check(columns, goal, fields)
    let slices = SliceRules(entries, properties: columns.map(\.property), fields)
    return DatasetDefinition(name: name) { site in
      CSVDataset(
        name: name, features: features, schema: CSVSchema(columns: columns, missing: missing),
        format: format, goal: goal, slices: slices, parts: parts, root: root, site: site)
    }
  }

  private static func format(_ fields: Fields) -> CSVFormat? {
    let delimiter = fields.optional(
      "delimiter",
      Reader<String>.string.mapped(expected: "one ASCII character other than a double quote") {
        text in
        text.utf8.count == 1 && text != "\"" && text != "\n" ? text.utf8.first : nil
      }, "The character between fields.", default: UInt8(ascii: ","))
    let remark = fields.optional(
      "remark", .string.only("text", where: { !$0.isEmpty }), "Lines that begin so are skipped.")
    let header = fields.optional(
      "header", .bool, "Whether the first line names the columns.", default: false)
    return CSVFormat(delimiter: delimiter, remark: remark, hasHeader: header)
  }

  private static func check(_ columns: [CSVColumn], _ goal: Prediction, _ fields: Fields) {
    let labels = columns.count { if case .label = $0.kind { true } else { false } }
    let targets = columns.count { $0.isTarget }
    if labels != (goal == .classes ? 1 : 0) {
      fields.report(
        "expected \(goal == .classes ? "1 column" : "no column") of type 'label', found \(labels)",
        at: "columns")
    }
    if (targets > 0) != (goal == .vector) {
      fields.report(
        "expected \(goal == .vector ? "a column" : "no column") of type 'target', found \(targets)",
        at: "columns")
    }
    let names = columns.map(\.name)
    if Set(names).count < names.count {
      fields.report("two columns have the same name", at: "columns")
    }
  }
}

extension CSVColumn {
  /// Whether the column is a number to come near to.
  fileprivate var isTarget: Bool { if case .target = kind { true } else { false } }
}
