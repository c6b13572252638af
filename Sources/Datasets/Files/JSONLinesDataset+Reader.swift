import Documents

extension JSONLinesDataset {
  static let reader = Reader<DatasetDefinition>.record(
    "jsonl", "Records in JSON Lines files, one object a line."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let inputs = fields.required("inputs", Inputs.reader, "What of a record the model reads.")
    let goal = Goal.read(
      fields, [.classes, .vector, .nextToken, .none], label: "Path of the class in a record.")
    let properties = fields.optional(
      "fields", .list(of: Field.reader, count: 0...1000), "Properties of a record, for slices.",
      default: [])
    let entries = SliceRules.entries(fields)
    let parts = FileParts<RecordPart>.read(fields)
    let known = PropertyEntry.joined([], properties.map(\.property), at: "fields", fields)
    let slices = SliceRules(entries, properties: known, fields)
    guard let name, let root, let inputs, let goal, let parts else { return nil }
    if goal.kind == .nextToken, case .numbers = inputs {
      fields.report("the target 'next_token' needs inputs of text or tokens", at: "target")
    }
    let label = goal.kind == .classes ? path(goal.label, at: "label", fields) : nil
    let vector = goal.vector.compactMap { path($0, at: "vector", fields) }
    return DatasetDefinition(name: name) { site in
      JSONLinesDataset(
        name: name, inputs: inputs, goal: goal, label: label, vector: vector, fields: properties,
        slices: slices, parts: parts, root: root, site: site)
    }
  }

  private static func path(_ text: String, at key: String, _ fields: Fields) -> JSONPath? {
    let path = JSONPath(text)
    if path == nil, fields.has(key) {
      fields.report("expected \(JSONPath.expected), found '\(text)'", at: key)
    }
    return path
  }
}

extension JSONPath {
  fileprivate static let expected = "keys with dots between them"

  static let reader = Reader<String>.string.mapped(expected: expected) { JSONPath($0) }
}

extension JSONLinesDataset.Field {
  private enum Kind: String, CaseIterable, Sendable {
    case text
    case number
  }

  /// `user.town`, or `{ name: age, path: user.age, type: number }`.
  fileprivate static let reader = Reader<JSONLinesDataset.Field>.scalar(
    JSONPath.reader.map { path in
      JSONLinesDataset.Field(property: Property(path.text), path: path)
    },
    orMapping: .record("field", "A property of a record.") { fields in
      let name = fields.required("name", .string, "What slices call it.")
      let path = fields.optional(
        "path", JSONPath.reader, "Where it stands; without it, the key that its name is.")
      let kind = fields.optional(
        "type", .choice(of: Kind.self), "Whether it is a number.", default: .text)
      guard let name else { return nil }
      guard let path = path ?? JSONPath(name) else {
        if !fields.has("path") { fields.report("missing key 'path': \(JSONPath.expected)") }
        return nil
      }
      return JSONLinesDataset.Field(
        property: Property(name, isNumber: kind == .number), path: path)
    })
}

extension JSONLinesDataset.Inputs {
  fileprivate static let reader = Reader<JSONLinesDataset.Inputs>.keyed([
    "numbers": .record("json_numbers", "Numbers and arrays of numbers.") { fields in
      let paths = fields.required(
        "paths", .oneOrMany(of: JSONPath.reader), "Where they stand; one behind the other.")
      let shape = fields.required(
        "shape", .list(of: .int(in: 1...1_000_000), count: 1...8), "Extents of one input.")
      guard let paths, let shape else { return nil }
      if shape.reduce(1.0, { $0 * Double($1) }) > 1e8 {
        fields.report("an input has at most 100000000 numbers", at: "shape")
      }
      return .numbers(paths, shape: shape)
    },
    "text": .record("json_text", "Text that a tokenizer encodes.") { fields in
      let path = fields.required("path", JSONPath.reader, "Where it stands.")
      let encoder = EncoderReference.read(fields)
      let special = fields.optional(
        "special_tokens", .bool,
        "Whether the ids around a text that the tokenizer's template asks for are added.",
        default: true)
      let fit = TokenFit.read(fields)
      guard let path, let encoder, let fit else { return nil }
      return .text(path, encoder, addingSpecialTokens: special, fit)
    },
    "tokens": .record("json_tokens", "Token ids in an array.") { fields in
      let path = fields.required("path", JSONPath.reader, "Where it stands.")
      let vocabulary = fields.required(
        "vocabulary", .int(in: 1...16_777_216), "Ids are below this.")
      let pad = fields.optional(
        "padding", .int(in: 0...16_777_215), "The id that fills a window up.", default: 0)
      let fit = TokenFit.read(fields)
      guard let path, let vocabulary, let fit else { return nil }
      if pad >= vocabulary { fields.report("expected an id below the vocabulary", at: "padding") }
      return .tokens(path, vocabulary: vocabulary, pad: pad, fit)
    },
  ])
}
