import Documents

/// Windows of token ids from plain-text files.
struct TextDataset: RecordDataset {
  /// How files become windows.
  enum Rule: String, CaseIterable, Sendable {
    /// Every file from its beginning, without a mark of it.
    case contiguous
    /// A beginning mark and the whole file; each window's first id is replaced by the mark. This is how
    /// `llama-perplexity` cuts.
    case llama_perplexity
    /// Every document on its own, from a beginning mark where the tokenizer has one.
    case documents
    /// Every document on its own, and a beginning mark in front of every window.
    case documents_marked
  }

  /// What is to be predicted.
  enum Prediction: String, CaseIterable, Sendable {
    case nextToken = "next_token"
    case none
  }

  let name: String
  let encoder: EncoderReference
  let rule: Rule
  /// What stands between documents; `nil` where a file is one.
  let separator: String?
  /// Header fields of a document.
  let headers: [Property]
  let windows: WindowRule
  let goal: Prediction
  let slices: SliceRules
  let parts: FileParts<RecordPart>
  let root: DataRoot
  let site: DatasetSite

  /// What slices may read of every window: its file; the number of its document in its part's files, from
  /// 0; the ids of the document; where in the document the window begins. Header fields follow.
  static let ownProperties = [
    Property("file"), Property("document", isNumber: true),
    Property("document_tokens", isNumber: true), Property("position", isNumber: true),
  ]

  var inputShape: [Int] { [windows.length] }
  var target: Target {
    let vocabulary = encoder.vocabulary(at: site)
    return switch goal {
    case .nextToken: .nextToken(vocabulary: vocabulary)
    case .none: .none(vocabulary: vocabulary)
    }
  }
  var classNames: [String] { [] }
  var sliceKeys: [String] { slices.keys }

  /// Nothing where a part has no file; else how many windows there are is not known before the files are
  /// tokenized.
  func available(_ split: Split) -> Int {
    parts[split].files.isEmpty ? 0 : parts[split].atMost ?? RecordPart.all
  }

  func openEncoder() throws(DatasetError) -> TextEncoder? {
    try encoder.open(dataset: name, root: root, site: site)
  }

  func collect(
    _ part: RecordPart, _ encoder: TextEncoder?, into collector: inout ExampleCollector
  ) throws(DatasetError) {
    guard let encoder else { preconditionFailure("text has an encoder") }
    var index = 0
    for path in part.files {
      let location = try root.locate(path, dataset: name, site: site)
      let documents = try TextDocument.all(
        in: BoundedFile.read(location), separator: separator, headers: headers.map(\.name),
        file: location.shown)
      for document in documents {
        defer { index += 1 }
        guard !collector.isFull, index < part.range.end else { return }
        guard part.holds(document.bytes, at: index) else { continue }
        let ids = try ids(of: document, encoder, file: location.shown)
        let known = try properties(document, file: location.shown)
        for cut in windows.cut(ids, begin: encoder.beginning, pad: encoder.padding ?? 0) {
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

  private func ids(
    of document: TextDocument, _ encoder: TextEncoder, file: String
  ) throws(DatasetError) -> [Int] {
    // Bytes are ids whether or not they are text.
    if self.encoder.isBytes { return document.bytes.map { Int($0) } }
    let ids = try encoder.ids(
      of: try document.text(file: file),
      addingMarks: rule == .llama_perplexity || rule == .documents, file: file,
      place: document.place)
    func missingMark(_ found: String) -> DatasetError {
      .malformed(
        file: file, place: "\(document.place), token 0",
        expected: "the id that marks a beginning, which '\(rule.rawValue)' needs", found: found)
    }
    if rule == .documents_marked, encoder.beginning == nil {
      throw missingMark("none in the tokenizer '\(encoder.identity)'")
    }
    if rule == .llama_perplexity {
      guard let beginning = encoder.beginning, ids.first == beginning else {
        throw missingMark(
          ids.first.map { "\($0) from the tokenizer '\(encoder.identity)'" } ?? "nothing")
      }
    }
    return ids
  }

  private func properties(
    _ document: TextDocument, file: String
  ) throws(DatasetError) -> [PropertyValue] {
    var values: [PropertyValue] = []
    for (property, text) in zip(headers, document.headers) {
      if !property.isNumber {
        values.append(.text(text))
      } else if let number = DecimalText.number(text) {
        values.append(.number(number))
      } else {
        throw .malformed(
          file: file, place: "\(document.place), header field '\(property.name)'",
          expected: "a decimal number", found: "'\(text)'")
      }
    }
    return values
  }
}
