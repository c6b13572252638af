import Digests
import Documents

/// Windows of token ids from plain-text files; the next token is what is asked for.
struct TextDataset: Dataset {
  /// What makes text into ids.
  enum Tokenizer: String, CaseIterable, Sendable {
    /// What the site brings: ``DatasetSite/textEncoder``.
    case model
    /// Every byte is its own id; 256 of them, none of which marks a beginning.
    case bytes
  }

  let name: String
  let tokenizer: Tokenizer
  let windowing: TextWindowing
  /// Header fields of a document whose values name slices.
  let headers: [String]
  /// The key of the slice whose value is the file; `nil` for none.
  let fileSlice: String?
  let parts: TextParts
  let root: DataRoot
  let site: DatasetSite

  var inputShape: [Int] { [windowing.length] }
  var classNames: [String] { [] }
  var sliceKeys: [String] { (fileSlice.map { [$0] } ?? []) + headers }
  var accuracyBound: Double? { nil }
  /// With a vocabulary of 0 where the model's tokenizer is wanted and none was brought; ``load(_:count:)``
  /// then says so.
  var target: Target {
    .nextToken(vocabulary: tokenizer == .bytes ? 256 : site.textEncoder?.vocabulary ?? 0)
  }

  /// Nothing where a part has no file; else it is not known before the files are tokenized.
  func available(_ split: Split) -> Int { parts[split].isEmpty ? 0 : .max }

  func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    if split != .calibrate {
      return try windows(split, limit: count).first(count, of: self, split, without: [])
    }
    let scored = Set(try windows(.evaluate, limit: .max).exampleDigests)
    return try windows(split, limit: .max).first(count, of: self, split, without: scored)
  }

  /// The first windows of a part, at most `limit`.
  private func windows(_ split: Split, limit: Int) throws(DatasetError) -> ExampleSet {
    var builder = ExampleBuilder(inputShape: inputShape, sliceKeys: sliceKeys, capacity: 0)
    var left = limit
    for file in parts[split] where left > 0 {
      let location = try root.locate(file, dataset: name, site: site)
      let bytes = try BoundedFile.read(location)
      let fileValue = fileSlice == nil ? [] : [file]
      for document in try TextDocument.all(
        in: bytes, separator: windowing.separator, headers: headers, file: location.shown)
      where left > 0 {
        let ids = try ids(of: document, file: location.shown)
        for start in windowing.starts(in: ids.count).prefix(left) {
          var window = ids[start..<start + windowing.length].map { Float($0) }
          if windowing.rule == .llama_perplexity { window[0] = Float(ids[0]) }
          builder.append(input: window, label: 0, slices: fileValue + document.headers)
          left -= 1
        }
      }
    }
    return builder.finish(target: target)
  }

  private func ids(of document: TextDocument, file: String) throws(DatasetError) -> [Int] {
    if tokenizer == .bytes { return document.bytes.map { Int($0) } }
    guard let encoder = site.textEncoder else { throw .needsTokenizer(dataset: name) }
    let text = try document.text(file: file)
    let marks = windowing.rule != .contiguous
    let ids: [Int]
    do {
      ids = try encoder.tokenize(text, marks)
    } catch {
      throw .unreadable(file: file, reason: "\(document.place): the tokenizer refuses it: \(error)")
    }
    if let place = ids.firstIndex(where: { !(0..<encoder.vocabulary).contains($0) }) {
      throw .malformed(
        file: file, place: "\(document.place), token \(place)",
        expected: "an id below \(encoder.vocabulary) from the tokenizer '\(encoder.identity)'",
        found: "\(ids[place])")
    }
    if windowing.rule == .llama_perplexity {
      guard let beginning = encoder.beginning, ids.first == beginning else {
        throw .malformed(
          file: file, place: "token 0",
          expected: "the id that marks a beginning, which 'llama_perplexity' needs",
          found: ids.first.map { "\($0) from the tokenizer '\(encoder.identity)'" } ?? "nothing")
      }
    }
    return ids
  }
}

/// How ids are cut into windows.
struct TextWindowing: Sendable {
  enum Rule: String, CaseIterable, Sendable {
    /// Every file from its beginning, without a mark of it.
    case contiguous
    /// A beginning mark and the whole file; each window's first id is replaced by the mark. This is how
    /// `llama-perplexity` cuts.
    case llama_perplexity
    /// Every document on its own, from a beginning mark where the tokenizer has one.
    case documents
  }

  let rule: Rule
  /// Ids of a window.
  let length: Int
  /// Ids from one window's first to the next one's.
  let stride: Int
  /// What stands between documents; `nil` where a file is one.
  let separator: String?
  /// Whether a document gives one window at most.
  let isFirstOnly: Bool

  /// Where the windows begin; a rest that fills none is dropped.
  func starts(in count: Int) -> [Int] {
    guard count >= length else { return [] }
    return isFirstOnly ? [0] : Array(Swift.stride(from: 0, through: count - length, by: stride))
  }
}

/// The files of each part; empty where there is none.
struct TextParts: Sendable {
  let train: [String]
  let calibrate: [String]
  let evaluate: [String]

  subscript(split: Split) -> [String] {
    switch split {
    case .train: train
    case .calibrate: calibrate
    case .evaluate: evaluate
    }
  }
}
