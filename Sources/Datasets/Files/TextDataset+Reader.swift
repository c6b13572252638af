import Documents

extension TextDataset {
  static let reader = Reader<DatasetDefinition>.record(
    "text", "Windows of token ids from plain-text files."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let encoder = EncoderReference.read(fields)
    let rule = fields.optional(
      "rule", .choice(of: Rule.self),
      "contiguous: files cut into windows; llama_perplexity: each window's first id replaced by the "
        + "beginning mark; documents: every document on its own; documents_marked: and a mark in front of "
        + "every window.", default: .contiguous)
    let windows = windows(fields, rule)
    let separator = fields.optional(
      "separator", .string.only("text", where: { !$0.isEmpty }), "What stands between documents.")
    let headers = PropertyEntry.read(
      "header", fields,
      "Fields of the header that every document begins with; those of text are slices.")
    let goal = fields.optional(
      "target", .choice(of: Prediction.self), "What is to be predicted.", default: .nextToken)
    let fileSlice = fields.optional("file_slice", .name, "Slice key whose values are the files.")
    let entries = SliceRules.entries(fields)
    let parts = FileParts<RecordPart>.read(fields)
    check(rule, encoder, fields)
    let properties = PropertyEntry.joined(TextDataset.ownProperties, headers, at: "header", fields)
    if let fileSlice, headers.contains(where: { $0.name == fileSlice }) {
      fields.report("also a field of 'header'", at: "file_slice")
    }
    var rules = fileSlice.map { [SliceRule(key: $0, kind: .value(property: 0))] } ?? []
    for (index, header) in headers.enumerated() where !header.isNumber {
      let place = TextDataset.ownProperties.count + index
      rules.append(SliceRule(key: header.name, kind: .value(property: place)))
    }
    let slices = SliceRules(behind: rules, entries, properties: properties, fields)
    guard let name, let root, let encoder, let windows, let parts else { return nil }
    return DatasetDefinition(name: name) { site in
      TextDataset(
        name: name, encoder: encoder, rule: rule, separator: separator, headers: headers,
        windows: windows, goal: goal, slices: slices, parts: parts, root: root, site: site)
    }
  }

  private static func windows(_ fields: Fields, _ rule: Rule) -> WindowRule? {
    let length = fields.required("window", .int(in: 2...65_536), "Ids of a window.")
    let stride = fields.optional(
      "stride", .int(in: 1...1_048_576),
      "Ids from one window to the next; as the window otherwise. Ids that an earlier window scored are "
        + "context.")
    let which = fields.optional(
      "windows", .choice(["all", "first"]), "Which windows of a document are used.", default: "all")
    let rest = fields.optional(
      "rest", .choice(of: WindowRule.Rest.self),
      "What becomes of ids that fill no window; what fills one up is not scored.", default: .drop)
    let firstTarget = fields.optional(
      "first_target", .int(in: 1...65_535), "Places of a window before this one are not scored.",
      default: 1)
    if rule == .llama_perplexity, stride != nil {
      fields.report("'llama_perplexity' has no stride", at: "stride")
    }
    guard let length else { return nil }
    if firstTarget >= length {
      fields.report("expected a place within the window", at: "first_target")
    }
    let beginning: WindowRule.Beginning =
      switch rule {
      case .contiguous, .documents: .none
      case .llama_perplexity: .replace
      case .documents_marked: .each
      }
    return WindowRule(
      length: length, stride: stride, beginning: beginning, rest: rest,
      perDocument: which == "first" ? 1 : .max, firstTarget: firstTarget)
  }

  private static func check(_ rule: Rule, _ encoder: EncoderReference?, _ fields: Fields) {
    let isMarked = rule == .llama_perplexity || rule == .documents_marked
    if isMarked, encoder?.isBytes == true {
      fields.report(
        "'\(rule.rawValue)' needs a beginning mark, which bytes have none of", at: "rule")
    }
    let isByDocument = rule == .documents || rule == .documents_marked
    if isByDocument, !fields.has("separator") {
      fields.report("missing key 'separator': '\(rule.rawValue)' needs it")
    }
    for key in ["separator", "windows", "header"] where !isByDocument && fields.has(key) {
      fields.report("only for the rule 'documents' or 'documents_marked'", at: key)
    }
  }
}
