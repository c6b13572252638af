import Documents

extension TextParts {
  static let reader = Reader<TextParts>.record("text_splits", "Which files are which part.") {
    fields in
    let files = Reader.oneOrMany(of: .relativePath)
    let train = fields.optional("train", files, "What fits weights.", default: [])
    let calibrate = fields.optional("calibrate", files, "What ranges are observed on.", default: [])
    let evaluate = fields.required("evaluate", files, "What is scored.")
    guard let evaluate else { return nil }
    let parts = TextParts(train: train, calibrate: calibrate, evaluate: evaluate)
    for (place, split) in Split.allCases.enumerated() {
      if Set(parts[split]).count < parts[split].count {
        fields.report("a file is listed twice", at: split.rawValue)
      }
      for other in Split.allCases[..<place]
      where !Set(parts[split]).isDisjoint(with: parts[other]) {
        fields.report("shares a file with '\(other.rawValue)'", at: split.rawValue)
      }
    }
    return parts
  }
}

extension TextDataset {
  static let reader = Reader<DatasetDefinition>.record(
    "text", "Windows of token ids from plain-text files."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let tokenizer = fields.optional(
      "tokenizer", .choice(of: Tokenizer.self),
      "model: that of the model which is run; bytes: every byte is an id.", default: .model)
    let windowing = windowing(fields, tokenizer)
    let headers = fields.optional(
      "header", .list(of: Reader<String>.string, count: 1...16),
      "Fields of the header that every document begins with; they are slices.", default: [])
    let fileSlice = fields.optional("file_slice", .name, "Slice key whose values are the files.")
    let parts = fields.required("splits", TextParts.reader, "Which files are which part.")
    check(headers, fileSlice, windowing, fields)
    guard let name, let root, let windowing, let parts else { return nil }
    return DatasetDefinition(name: name) { site in
      TextDataset(
        name: name, tokenizer: tokenizer, windowing: windowing, headers: headers,
        fileSlice: fileSlice, parts: parts, root: root, site: site)
    }
  }

  private static func windowing(_ fields: Fields, _ tokenizer: Tokenizer) -> TextWindowing? {
    let length = fields.required("window", .int(in: 2...65_536), "Ids of a window.")
    let stride = fields.optional(
      "stride", .int(in: 1...1_048_576), "Ids from one window to the next; as the window otherwise."
    )
    let rule = fields.optional(
      "rule", .choice(of: TextWindowing.Rule.self),
      "contiguous: files cut into windows; llama_perplexity: each window's first id replaced by the "
        + "beginning mark; documents: every document on its own.", default: .contiguous)
    let separator = fields.optional(
      "separator", .string.only("text", where: { !$0.isEmpty }), "What stands between documents.")
    let windows = fields.optional(
      "windows", .choice(["all", "first"]), "Which windows of a document are used.", default: "all")
    if rule == .llama_perplexity {
      if stride != nil { fields.report("'llama_perplexity' has no stride", at: "stride") }
      if tokenizer == .bytes {
        fields.report(
          "'llama_perplexity' needs a beginning mark, which bytes have none of", at: "rule")
      }
    }
    if rule == .documents, separator == nil, !fields.has("separator") {
      fields.report("missing key 'separator': 'documents' needs it")
    }
    for key in ["separator", "windows", "header"] where rule != .documents && fields.has(key) {
      fields.report("only for the rule 'documents'", at: key)
    }
    return length.map { length in
      TextWindowing(
        rule: rule, length: length, stride: stride ?? length,
        separator: rule == .documents ? separator : nil, isFirstOnly: windows == "first")
    }
  }

  private static func check(
    _ headers: [String], _ fileSlice: String?, _ windowing: TextWindowing?, _ fields: Fields
  ) {
    if Set(headers).count < headers.count { fields.report("a field is listed twice", at: "header") }
    if let fileSlice, headers.contains(fileSlice) {
      fields.report("also a field of 'header'", at: "file_slice")
    }
  }
}
