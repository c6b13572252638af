import Checkpoints
import Documents

/// Records in the tensors of safetensors files: the first extent of every tensor counts records.
struct ArraysDataset: RecordDataset {
  /// What of a record the model reads.
  enum Inputs: Sendable {
    /// Numbers of any plain type.
    case numbers(tensor: String, shape: [Int])
    /// Token ids of any integer type.
    case tokens(tensor: String, vocabulary: Int, length: Int)

    var tensor: String {
      switch self {
      case .numbers(let tensor, _), .tokens(let tensor, _, _): tensor
      }
    }
    var vocabulary: Int? {
      if case .tokens(_, let vocabulary, _) = self { vocabulary } else { nil }
    }
    var shape: [Int] {
      switch self {
      case .numbers(_, let shape): shape
      case .tokens(_, _, let length): [length]
      }
    }
  }

  /// A property: one number a record, or an index into names.
  struct Column: Sendable {
    let property: Property
    let tensor: String
    let values: [String]?
  }

  let name: String
  let inputs: Inputs
  let goal: Goal
  let columns: [Column]
  let slices: SliceRules
  let parts: FileParts<RecordPart>
  let root: DataRoot
  let site: DatasetSite

  var inputShape: [Int] { inputs.shape }
  var target: Target { goal.target(vocabulary: inputs.vocabulary) }
  var classNames: [String] { goal.classes.map(\.name) }
  var sliceKeys: [String] { slices.keys }

  /// The tensors of a file that the dataset reads.
  private struct Tensors {
    let inputs: TensorEntry
    let label: TensorEntry?
    let vector: [TensorEntry]
    let columns: [TensorEntry]
  }

  func collect(
    _ part: RecordPart, _ encoder: TextEncoder?, into collector: inout ExampleCollector
  ) throws(DatasetError) {
    var index = 0
    for path in part.files {
      let location = try root.locate(path, dataset: name, site: site)
      let file = try ArrayFile(location)
      let tensors = try tensors(file)
      for record in 0..<tensors.inputs.shape[0] {
        defer { index += 1 }
        guard !collector.isFull, index < part.range.end else { return }
        // Only lots need the bytes of a record that is passed over.
        guard index >= part.range.from else { continue }
        let example = try example(record, tensors, file)
        guard example.input.withUnsafeBytes({ part.holds($0, at: index) }) else { continue }
        collector.append(example)
      }
    }
    try part.checkEnd(found: index)
  }

  private func tensors(_ file: borrowing ArrayFile) throws(DatasetError) -> Tensors {
    let inputs = try file.entry(self.inputs.tensor, row: inputShape)
    var label: TensorEntry?
    if goal.kind == .classes { label = try file.entry(goal.label, row: []) }
    var vector: [TensorEntry] = []
    if goal.kind == .vector {
      // One tensor may hold all numbers of a record; several hold one each.
      let row = goal.vector.count == 1 && goal.width > 1 ? [goal.width] : []
      for tensor in goal.vector { vector.append(try file.entry(tensor, row: row)) }
    }
    var columns: [TensorEntry] = []
    for column in self.columns { columns.append(try file.entry(column.tensor, row: [])) }
    try file.checkCounts([inputs] + [label].compactMap(\.self) + vector + columns)
    return Tensors(inputs: inputs, label: label, vector: vector, columns: columns)
  }

  private func example(
    _ record: Int, _ tensors: Tensors, _ file: borrowing ArrayFile
  ) throws(DatasetError) -> CollectedExample {
    var example: CollectedExample
    switch inputs {
    case .numbers:
      example = CollectedExample(input: try file.numbers(tensors.inputs, at: record))
    case .tokens(_, let vocabulary, _):
      let ids = try file.indices(
        tensors.inputs, at: record, below: vocabulary, called: "token ids")
      example = CollectedExample(input: ids.map { Float($0) })
    }
    if let label = tensors.label {
      let classes = try file.indices(
        label, at: record, below: goal.classes.count, called: "a label")
      example.label = classes[0]
    }
    for entry in tensors.vector {
      example.targets.append(contentsOf: try file.numbers(entry, at: record))
    }
    var row: [PropertyValue] = []
    for (column, entry) in zip(columns, tensors.columns) {
      if let values = column.values {
        let value = try file.indices(entry, at: record, below: values.count, called: "a value")
        row.append(.text(values[value[0]]))
      } else {
        row.append(.number(Double(try file.numbers(entry, at: record)[0])))
      }
    }
    example.slices = slices.values(of: row)
    return example
  }
}

extension ArraysDataset {
  static let reader = Reader<DatasetDefinition>.record(
    "safetensors", "Records in the tensors of safetensors files, along their first extent."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let inputs = fields.required("inputs", Inputs.reader, "What of a record the model reads.")
    let goal = Goal.read(
      fields, [.classes, .vector, .nextToken, .none],
      label: "Tensor of labels, indices into the classes.")
    let columns = fields.optional(
      "columns", .list(of: Column.reader, count: 0...1000), "Properties of a record, for slices.",
      default: [])
    let entries = SliceRules.entries(fields)
    let parts = FileParts<RecordPart>.read(fields)
    let known = PropertyEntry.joined([], columns.map(\.property), at: "columns", fields)
    let slices = SliceRules(entries, properties: known, fields)
    guard let name, let root, let inputs, let goal, let parts else { return nil }
    if goal.classes.contains(where: { $0.spellings != [$0.name] }) {
      fields.report("labels are indices; expected a list of names", at: "classes")
    }
    if goal.kind == .nextToken, inputs.vocabulary == nil {
      fields.report("the target 'next_token' needs inputs of tokens", at: "target")
    }
    if goal.kind == .vector, goal.vector.count > 1, goal.vector.count != goal.width {
      fields.report(
        "expected one tensor, or one for each of the \(goal.width) numbers; found "
          + "\(goal.vector.count)", at: "vector")
    }
    return DatasetDefinition(name: name) { site in
      ArraysDataset(
        name: name, inputs: inputs, goal: goal, columns: columns, slices: slices, parts: parts,
        root: root, site: site)
    }
  }
}

extension ArraysDataset.Inputs {
  fileprivate static let reader = Reader<ArraysDataset.Inputs>.keyed([
    "numbers": .record("array_numbers", "Numbers.") { fields in
      let tensor = fields.required("tensor", .string, "The tensor: [records, shape…].")
      let shape = fields.required(
        "shape", .list(of: .int(in: 1...1_000_000), count: 1...8), "Extents of one input.")
      guard let tensor, let shape else { return nil }
      if shape.reduce(1.0, { $0 * Double($1) }) > 1e8 {
        fields.report("an input has at most 100000000 numbers", at: "shape")
      }
      return .numbers(tensor: tensor, shape: shape)
    },
    "tokens": .record("array_tokens", "Token ids.") { fields in
      let tensor = fields.required("tensor", .string, "The tensor: [records, length].")
      let vocabulary = fields.required(
        "vocabulary", .int(in: 1...16_777_216), "Ids are below this.")
      let length = fields.required("length", .int(in: 1...1_048_576), "Tokens of a window.")
      guard let tensor, let vocabulary, let length else { return nil }
      return .tokens(tensor: tensor, vocabulary: vocabulary, length: length)
    },
  ])
}

extension ArraysDataset.Column {
  /// `age`, or `{ name: group, tensor: g, values: [young, old] }`.
  fileprivate static let reader = Reader<ArraysDataset.Column>.scalar(
    Reader<String>.string.map {
      ArraysDataset.Column(property: Property($0, isNumber: true), tensor: $0, values: nil)
    },
    orMapping: .record("array_column", "A tensor of one number a record.") { fields in
      let name = fields.required("name", .string, "What slices call it.")
      let tensor = fields.optional(
        "tensor", .string, "The tensor; without it, the one of its name.")
      let values = fields.optional(
        "values", .list(of: .string, count: 1...1_000_000),
        "Names that the numbers are indices of; without it, a number.")
      return name.map {
        ArraysDataset.Column(
          property: Property($0, isNumber: values == nil), tensor: tensor ?? $0, values: values)
      }
    })
}
