import Documents

/// Records in JSON Lines files: one object a line, blank lines between them allowed.
struct JSONLinesDataset: RecordDataset {
  /// What of a record the model reads.
  enum Inputs: Sendable {
    /// Numbers and arrays of numbers, one behind the other.
    case numbers([JSONPath], shape: [Int])
    /// Text, encoded.
    case text(JSONPath, EncoderReference, addingSpecialTokens: Bool, TokenFit)
    /// Token ids.
    case tokens(JSONPath, vocabulary: Int, pad: Int, TokenFit)
  }

  /// A property and where it stands.
  struct Field: Sendable {
    let property: Property
    let path: JSONPath
  }

  let name: String
  let inputs: Inputs
  let goal: Goal
  let label: JSONPath?
  let vector: [JSONPath]
  let fields: [Field]
  let slices: SliceRules
  let parts: FileParts<RecordPart>
  let root: DataRoot
  let site: DatasetSite

  var inputShape: [Int] {
    switch inputs {
    case .numbers(_, let shape): shape
    case .text(_, _, _, let fit), .tokens(_, _, _, let fit): [fit.length]
    }
  }
  var target: Target { goal.target(vocabulary: inputs.vocabulary(at: site)) }
  var classNames: [String] { goal.classes.map(\.name) }
  var sliceKeys: [String] { slices.keys }

  func openEncoder() throws(DatasetError) -> TextEncoder? {
    guard case .text(_, let reference, _, _) = inputs else { return nil }
    return try reference.open(dataset: name, root: root, site: site)
  }

  func collect(
    _ part: RecordPart, _ encoder: TextEncoder?, into collector: inout ExampleCollector
  ) throws(DatasetError) {
    var index = 0
    for path in part.files {
      let location = try root.locate(path, dataset: name, site: site)
      var lines = try LineReader(location)
      while let bytes = try lines.next() {
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
        defer { index += 1 }
        guard !collector.isFull, index < part.range.end else { return }
        guard part.holds(bytes, at: index) else { continue }
        let record = try JSONRecord(bytes, file: location.shown, line: lines.line)
        collector.append(
          try example(record, encoder, file: location.shown, line: lines.line))
      }
    }
    try part.checkEnd(found: index)
  }

  private func example(
    _ record: JSONRecord, _ encoder: TextEncoder?, file: String, line: Int
  ) throws(DatasetError) -> CollectedExample {
    var example = try input(record, encoder, file: file, line: line)
    if let label { example.label = try record.label(label, goal.classes) }
    for path in vector { try record.append(path, to: &example.targets) }
    guard example.targets.count == goal.width else {
      throw .malformed(
        file: file, place: "line \(line), vector", expected: "\(goal.width) numbers",
        found: "\(example.targets.count)")
    }
    var row: [PropertyValue] = []
    for field in fields {
      row.append(try record.property(field.path, isNumber: field.property.isNumber))
    }
    example.slices = slices.values(of: row)
    return example
  }

  private func input(
    _ record: JSONRecord, _ encoder: TextEncoder?, file: String, line: Int
  ) throws(DatasetError) -> CollectedExample {
    switch inputs {
    case .numbers(let paths, let shape):
      var numbers: [Float] = []
      for path in paths { try record.append(path, to: &numbers) }
      let size = shape.reduce(1, *)
      guard numbers.count == size else {
        throw .malformed(
          file: file, place: "line \(line), inputs", expected: "\(size) numbers",
          found: "\(numbers.count)")
      }
      return CollectedExample(input: numbers)
    case .text(let path, _, let addingSpecialTokens, let fit):
      guard let encoder else { preconditionFailure("text has an encoder") }
      let place = "line \(line), '\(path.text)'"
      let ids = try encoder.ids(
        of: try record.text(path), addingMarks: addingSpecialTokens, file: file,
        place: place)
      let (input, window) = try fit.fit(ids, pad: encoder.padding ?? 0, file: file, place: place)
      return CollectedExample(input: input, window: window)
    case .tokens(let path, let vocabulary, let pad, let fit):
      let place = "line \(line), '\(path.text)'"
      var numbers: [Float] = []
      try record.append(path, to: &numbers)
      let ids = try TokenIDs.checked(numbers, vocabulary: vocabulary, file: file, place: place)
      let (input, window) = try fit.fit(ids, pad: pad, file: file, place: place)
      return CollectedExample(input: input, window: window)
    }
  }
}

extension JSONLinesDataset.Inputs {
  /// How many token ids there are, where inputs are token ids.
  func vocabulary(at site: DatasetSite) -> Int? {
    switch self {
    case .numbers: nil
    case .text(_, let encoder, _, _): encoder.vocabulary(at: site)
    case .tokens(_, let vocabulary, _, _): vocabulary
    }
  }
}

/// Token ids that a file holds as numbers.
enum TokenIDs {
  /// The numbers as ids.
  ///
  /// - Throws: `DatasetError.malformed` at `place` for the first that is no whole number below
  ///   `vocabulary`.
  static func checked(
    _ numbers: [Float], vocabulary: Int, file: String, place: String
  ) throws(DatasetError) -> [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(numbers.count)
    for number in numbers {
      guard let id = Int(exactly: number), (0..<vocabulary).contains(id) else {
        throw .malformed(
          file: file, place: place, expected: "token ids below \(vocabulary)",
          found: PropertyValue.shown(Double(number)))
      }
      ids.append(id)
    }
    return ids
  }
}

extension RecordPart {
  /// Refuses files that end before a part whose records are counted.
  func checkEnd(found: Int) throws(DatasetError) {
    guard range.count < RecordPart.all, found < range.end else { return }
    throw .malformed(
      file: files.joined(separator: ", "), place: "the end",
      expected: "at least \(range.end) records", found: "\(found)")
  }
}
