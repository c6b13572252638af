import Documents
import Foundation
import Tokenizers

/// Which tokenizer a dataset's texts are encoded with, and the vocabulary that it must have.
struct EncoderReference: Sendable {
  enum Source: Sendable {
    /// An id is a byte of UTF-8.
    case bytes
    /// The tokenizer that belongs to the model; the scenario hands it over.
    case model
    /// A Hugging Face `tokenizer.json`.
    case file(String, root: DataRoot?)
  }

  let source: Source
  /// How many ids the file says that there are; `nil` where it does not.
  private let declared: Int?

  private static let sourceReader = Reader<Source>.keyed([
    "model": .record("model_tokenizer", "That of the model which is run.") { _ in .model },
    "bytes": .record("bytes_tokenizer", "Every byte is an id.") { _ in .bytes },
    "file": .record("file_tokenizer", "A Hugging Face tokenizer.json.") { fields in
      let path = fields.required("path", .relativePath, "The file.")
      let root = fields.optional(
        "root", DataRoot.reader, "The folder that holds it; without it, the dataset's.")
      return path.map { .file($0, root: root) }
    },
  ])

  /// Declares `tokenizer` and `vocabulary`.
  static func read(_ fields: Fields) -> EncoderReference? {
    let source = fields.optional(
      "tokenizer", sourceReader,
      "model: that of the model which is run; bytes: every byte is an id; file: a tokenizer.json.",
      default: .model)
    let vocabulary = fields.optional(
      "vocabulary", .int(in: 1...16_777_216),
      "How many ids the tokenizer has; needed for a file, which is not read before the data is.")
    if case .bytes = source, let vocabulary, vocabulary != 256 {
      fields.report("bytes have 256 ids", at: "vocabulary")
    }
    if case .file = source, !fields.has("vocabulary") {
      fields.report("missing key 'vocabulary': how many ids the tokenizer has")
    }
    return EncoderReference(source: source, declared: vocabulary)
  }

  /// Whether ids are bytes.
  var isBytes: Bool { if case .bytes = source { true } else { false } }

  /// Ids are below this; 0 where the model's tokenizer is wanted and none was brought, which
  /// ``open(dataset:root:site:)`` then says.
  func vocabulary(at site: DatasetSite) -> Int {
    switch source {
    case .bytes: 256
    case .model: site.textEncoder?.vocabulary ?? declared ?? 0
    case .file: declared ?? 0
    }
  }

  /// Opens the tokenizer.
  ///
  /// - Throws: `DatasetError` when there is none, or when it has another vocabulary.
  func open(
    dataset: String, root: DataRoot, site: DatasetSite
  ) throws(DatasetError) -> TextEncoder {
    let encoder: TextEncoder
    let shown: String
    switch source {
    case .bytes: return .bytes
    case .model:
      guard let handed = site.textEncoder else { throw .needsTokenizer(dataset: dataset) }
      encoder = handed
      shown = "the model's tokenizer"
    case .file(let path, let ownRoot):
      let location = try (ownRoot ?? root).locate(path, dataset: dataset, site: site)
      shown = location.shown
      do {
        encoder = TextEncoder(
          try PipelineTokenizer(file: URL(fileURLWithPath: location.path)))
      } catch {
        throw .tokenizer(file: shown, reason: error.description)
      }
    }
    guard encoder.vocabulary == declared ?? encoder.vocabulary else {
      throw .malformed(
        file: shown, place: "the vocabulary",
        expected: "\(declared ?? 0) ids, as '\(dataset)' says",
        found: "\(encoder.vocabulary)")
    }
    return encoder
  }
}
