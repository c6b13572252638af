import Documents

/// Windows of token ids cut from text files.
struct TextDataset: RecordDataset {
  /// What is said about the right answer.
  enum Prediction: String, CaseIterable, Sendable {
    case nextToken = "next_token"
    case none
  }

  let name: String
  let encoder: EncoderReference
  let documents: DocumentRule
  let header: [Property]
  let windows: WindowRule
  let goal: Prediction
  let slices: SliceRules
  let parts: FileParts<RecordPart>
  let root: DataRoot
  let site: DatasetSite

  /// What slices may read of every window: the path of its file; the number of its document in its part's
  /// files, from 0; the tokens of the document; where in the document the window begins. Header lines
  /// follow.
  static let ownProperties = [
    Property("file"), Property("document", isNumber: true),
    Property("document_tokens", isNumber: true), Property("position", isNumber: true),
  ]

  var inputShape: [Int] { [windows.length] }
  var target: Target {
    switch goal {
    case .nextToken: .nextToken(vocabulary: encoder.vocabulary)
    case .none: .none(vocabulary: encoder.vocabulary)
    }
  }
  var classNames: [String] { [] }
  var sliceKeys: [String] { slices.keys }

  /// How many windows the documents of a part make is not known before they are read.
  func available(_ split: Split) -> Int { parts[split].atMost ?? RecordPart.all }

  func openEncoder() throws(DatasetError) -> (any TextEncoder)? {
    try encoder.open(dataset: name, root: root, site: site)
  }

  func collect(
    _ part: RecordPart, _ encoder: (any TextEncoder)?, into collector: inout ExampleCollector
  ) throws(DatasetError) {
    guard let encoder else { preconditionFailure("text has an encoder") }
    if windows.beginning != .none, encoder.beginning == nil {
      throw .malformed(
        file: name, place: "windows.beginning",
        expected: "a tokenizer with a beginning of sequence",
        found: "none")
    }
    let pad = encoder.padding ?? 0
    var index = 0
    for path in part.files {
      let location = try root.locate(path, dataset: name, site: site)
      let found = try TextDocuments.split(
        BoundedFile.read(location), by: documents, header: header.map(\.name), file: location.shown)
      for document in found {
        defer { index += 1 }
        guard !collector.isFull, index < part.range.end else { return }
        guard part.holds(document.text.utf8, at: index) else { continue }
        let place = "line \(document.line)"
        let ids = try encoder.ids(of: document.text, file: location.shown, place: place)
        let known = try properties(document, file: location.shown)
        for cut in windows.cut(ids, begin: encoder.beginning, pad: pad) {
          let own: [PropertyValue] = [
            .text(path), .number(Double(index)), .number(Double(ids.count)),
            .number(Double(cut.start)),
          ]
          collector.append(
            CollectedExample(
              input: cut.ids.map { Float($0) }, window: cut.window,
              slices: slices.values(of: own + known)))
        }
      }
    }
    try part.checkEnd(found: index)
  }

  private func properties(
    _ document: TextDocument, file: String
  ) throws(DatasetError) -> [PropertyValue] {
    var values: [PropertyValue] = []
    for (property, text) in zip(header, document.header) {
      guard let text else {
        values.append(.missing)
        continue
      }
      guard property.isNumber else {
        values.append(.text(text))
        continue
      }
      guard let number = DecimalText.number(text) else {
        throw .malformed(
          file: file, place: "line \(document.line), header '\(property.name)'",
          expected: "a decimal number", found: "'\(text)'")
      }
      values.append(.number(number))
    }
    return values
  }
}

extension TextDataset {
  static let reader = Reader<DatasetDefinition>.record(
    "text", "Windows of token ids cut from text files."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let encoder = EncoderReference.read(fields)
    let documents = fields.optional(
      "documents", DocumentRule.reader, "What divides a file into documents.", default: .whole)
    let header = PropertyEntry.read(
      "header", fields, "Lines 'name: value' in front of a document, for slices.")
    let windows = fields.required("windows", WindowRule.reader, "How documents become windows.")
    let goal = fields.optional(
      "target", .choice(of: Prediction.self), "What is to be predicted.", default: .nextToken)
    let entries = SliceRules.entries(fields)
    let parts = FileParts<RecordPart>.read(fields)
    let properties = PropertyEntry.joined(TextDataset.ownProperties, header, at: "header", fields)
    let slices = SliceRules(entries, properties: properties, fields)
    guard let name, let root, let encoder, let windows, let parts else { return nil }
    if windows.beginning != .none, case .bytes = encoder.source {
      fields.report("bytes have no id that begins a sequence", at: "windows")
    }
    return DatasetDefinition(name: name) { site in
      TextDataset(
        name: name, encoder: encoder, documents: documents, header: header, windows: windows,
        goal: goal, slices: slices, parts: parts, root: root, site: site)
    }
  }
}
