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
  /// Ids are below this.
  let vocabulary: Int

  private static let sourceReader = Reader<Source>.keyed([
    "bytes": .record("bytes_tokenizer", "An id is a byte of UTF-8.") { _ in .bytes },
    "model": .record("model_tokenizer", "The tokenizer of the scenario's model.") { _ in .model },
    "file": .record("file_tokenizer", "A Hugging Face tokenizer.json.") { fields in
      let path = fields.required("path", .relativePath, "The file.")
      let root = fields.optional(
        "root", DataRoot.reader, "The folder that holds it; without it, the dataset's.")
      return path.map { .file($0, root: root) }
    },
  ])

  /// Declares `tokenizer` and `vocabulary`.
  static func read(_ fields: Fields) -> EncoderReference? {
    let source = fields.required("tokenizer", sourceReader, "What turns text into token ids.")
    let vocabulary = fields.optional(
      "vocabulary", .int(in: 1...16_777_216), "How many token ids there are; 256 for bytes.")
    guard let source else { return nil }
    if case .bytes = source {
      if let vocabulary, vocabulary != 256 {
        fields.report("bytes have a vocabulary of 256", at: "vocabulary")
      }
      return EncoderReference(source: source, vocabulary: 256)
    }
    guard let vocabulary else {
      if !fields.has("vocabulary") {
        fields.report("missing key 'vocabulary': how many ids the tokenizer has")
      }
      return nil
    }
    return EncoderReference(source: source, vocabulary: vocabulary)
  }

  /// Opens the tokenizer.
  ///
  /// - Throws: `DatasetError` when there is none, or when it has another vocabulary.
  func open(
    dataset: String, root: DataRoot, site: DatasetSite
  ) throws(DatasetError) -> any TextEncoder {
    let encoder: any TextEncoder
    let shown: String
    switch source {
    case .bytes: return TokenizerEncoder(ByteTokenizer())
    case .model:
      guard let handed = site.encoder else { throw .noTokenizer(dataset: dataset) }
      encoder = handed
      shown = "the model's tokenizer"
    case .file(let path, let ownRoot):
      let location = try (ownRoot ?? root).locate(path, dataset: dataset, site: site)
      shown = location.shown
      do {
        encoder = TokenizerEncoder(
          try PipelineTokenizer(file: URL(fileURLWithPath: location.path)))
      } catch {
        throw .tokenizer(file: shown, reason: error.description)
      }
    }
    guard encoder.vocabularyCount == vocabulary else {
      throw .malformed(
        file: shown, place: "the vocabulary", expected: "\(vocabulary) ids, as '\(dataset)' says",
        found: "\(encoder.vocabularyCount)")
    }
    return encoder
  }
}

extension TextEncoder {
  /// The ids of a text of a file, each checked to be in the vocabulary.
  func ids(
    of text: String, addingSpecialTokens: Bool = false, file: String, place: String
  ) throws(DatasetError) -> [Int] {
    let ids: [Int]
    do {
      ids = try encode(text, addingSpecialTokens: addingSpecialTokens)
    } catch {
      throw .malformed(
        file: file, place: place, expected: "text that the tokenizer can encode", found: "\(error)")
    }
    if let wrong = ids.first(where: { !(0..<vocabularyCount).contains($0) }) {
      throw .malformed(
        file: file, place: place, expected: "token ids below \(vocabularyCount)", found: "\(wrong)")
    }
    return ids
  }
}
