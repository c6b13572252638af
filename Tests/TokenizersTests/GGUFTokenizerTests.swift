import Foundation
import TestSupport
import Testing
import Tokenizers

/// A model of the SentencePiece library and its ids.
private struct SentencePiece: Decodable {
  let tokens: [String]
  let scores: [Float]
  let types: [Int]
  let plain: [[Int]]
}

/// The part of a golden `tokenizer.json` that GGUF also has.
private struct Pieces: Decodable {
  struct Model: Decodable {
    let vocab: [String: Int]
    let merges: [[String]]?
  }
  let model: Model

  /// The pieces by id.
  var tokens: [[UInt8]] {
    model.vocab.sorted { $0.value < $1.value }.map { Array($0.key.utf8) }
  }

  /// Merges as GGUF spells them.
  var merges: [[UInt8]] {
    (model.merges ?? []).map { Array($0.joined(separator: " ").utf8) }
  }
}

struct GGUFTokenizerTests {
  private static func json<Value: Decodable>(_ name: String, _ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: #require(Goldens.file(name))))
  }

  private static func sentencePiece() throws -> (SentencePiece, GGUFVocabulary) {
    let model = try json("sentencepiece.json", SentencePiece.self)
    let vocabulary = GGUFVocabulary(
      model: "llama", tokens: model.tokens.map { Array($0.utf8) }, scores: model.scores,
      types: model.types, specialTokens: SpecialTokens(beginning: 1, end: 2))
    return (model, vocabulary)
  }

  /// Ids and texts of a style, but for texts that hold an added token, which GGUF does not look for.
  private static func references(
    _ style: String, without added: [String]
  ) throws -> [(text: String, ids: [Int])] {
    struct Expected: Decodable { let plain: [[Int]] }
    let texts = try json("texts.json", [String].self)
    let ids = try #require(try json("ids.json", [String: Expected].self)[style]).plain
    return zip(texts, ids).filter { text, _ in !added.contains { text.contains($0) } }
  }

  @Test func `a llama vocabulary gives the ids of the SentencePiece library`() throws {
    let (model, vocabulary) = try Self.sentencePiece()
    let tokenizer = try PipelineTokenizer(vocabulary: vocabulary, file: "model.gguf")
    let texts = try Self.json("texts.json", [String].self)
    for (text, ids) in zip(texts, model.plain) where !text.contains("<keep>") {
      #expect(
        try tokenizer.encode(text, addSpecialTokens: false) == ids, "\(text.debugDescription)")
    }
    #expect(tokenizer.specialTokens == SpecialTokens(beginning: 1, end: 2, unknown: 0))
    #expect(try tokenizer.encode("", addSpecialTokens: true) == [1])
    let text = "Zoë measures 🙂\n  twice"
    #expect(try tokenizer.decode(tokenizer.encode(text, addSpecialTokens: true)) == text)
  }

  @Test(arguments: [("gpt2", "gpt-2"), ("llama3", "llama-bpe")])
  func `a gpt2 vocabulary gives the ids of the same tokenizer.json`(
    style: String, pre: String
  ) throws {
    let pieces = try Self.json("\(style).json", Pieces.self)
    let tokenizer = try PipelineTokenizer(
      vocabulary: GGUFVocabulary(
        model: "gpt2", pre: pre, tokens: pieces.tokens, merges: pieces.merges,
        specialTokens: SpecialTokens(beginning: 0), addsSpacePrefix: style == "gpt2" ? true : nil),
      file: "model.gguf")
    let added = ["<keep>", "<strip>", "single", "<|endoftext|>"]
    let references = try Self.references(style, without: added)
    #expect(references.count > 80)
    for (text, ids) in references where style != "gpt2" || text.utf8.first != 0x20 {
      #expect(
        try tokenizer.encode(text, addSpecialTokens: false) == ids, "\(text.debugDescription)")
    }
    let isLlama3 = pre == "llama-bpe"
    #expect(try tokenizer.encode("", addSpecialTokens: true) == (isLlama3 ? [0] : []))
  }

  @Test func `the default pre-tokenizer also parts punctuation and every three digits`() throws {
    let pieces = try Self.json("llama3.json", Pieces.self)
    func tokenizer(_ pre: String?) throws -> PipelineTokenizer {
      try PipelineTokenizer(
        vocabulary: GGUFVocabulary(
          model: "gpt2", pre: pre, tokens: pieces.tokens, merges: pieces.merges),
        file: "model.gguf")
    }
    let (absent, named) = (try tokenizer(nil), try tokenizer("default"))
    let text = "well... 12345 +x"
    let ids = try absent.encode(text, addSpecialTokens: false)
    #expect(ids == (try named.encode(text, addSpecialTokens: false)))
    let parts = ["well", "...", " ", "123", "45", " ", "+", "x"]
    let apart = try parts.flatMap { part throws in
      try tokenizer("gpt-2").encode(part, addSpecialTokens: false)
    }
    #expect(ids == apart)
  }

  @Test func `a bert vocabulary gives the ids of the same tokenizer.json`() throws {
    let pieces = try Self.json("bert-uncased.json", Pieces.self)
    let marked = pieces.tokens.map { piece -> [UInt8] in
      if piece.starts(with: "##".utf8) { return Array(piece.dropFirst(2)) }
      let isBracketed = piece.first == 0x5B && piece.last == 0x5D
      return isBracketed ? piece : Array("▁".utf8) + piece
    }
    let tokenizer = try PipelineTokenizer(
      vocabulary: GGUFVocabulary(
        model: "bert", tokens: marked, specialTokens: SpecialTokens(unknown: 1), classification: 2,
        separator: 3),
      file: "model.gguf")
    let texts = try Self.references("bert-uncased", without: ["[CLS]", "[SEP]", "[MASK]", "[UNK]"])
    for (text, ids) in texts where !text.contains(where: { $0.utf8.count > 60 }) {
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.allSatisfy({ $0.unicodeScalars.count <= 60 }) else { continue }
      #expect(
        try tokenizer.encode(text, addSpecialTokens: false) == ids, "\(text.debugDescription)")
    }
    #expect(try tokenizer.encode("", addSpecialTokens: true) == [2, 3])
  }

  /// llama.cpp's rule, where SentencePiece puts a space at the beginning only.
  @Test func `the stretch after a user-defined piece begins with a space again`() throws {
    let (_, vocabulary) = try Self.sentencePiece()
    let tokenizer = try PipelineTokenizer(vocabulary: vocabulary, file: "model.gguf")
    let keep = try #require(tokenizer.id(of: "<keep>"))
    let word = try tokenizer.encode("word", addSpecialTokens: false)
    #expect(try tokenizer.encode("word<keep>word", addSpecialTokens: false) == word + [keep] + word)
  }

  @Test func `control pieces are not looked for in texts and are left out of decoded ones`() throws
  {
    let (_, vocabulary) = try Self.sentencePiece()
    let tokenizer = try PipelineTokenizer(vocabulary: vocabulary, file: "model.gguf")
    let ids = try tokenizer.encode("a</s>", addSpecialTokens: false)
    #expect(!ids.contains(2))
    #expect(try tokenizer.decode([1] + ids + [2]) == "a</s>")
  }

  @Test func `vocabularies that contradict themselves are refused`() throws {
    let (_, sound) = try Self.sentencePiece()
    func refusal(_ change: (inout GGUFVocabulary) -> Void) -> TokenizerError? {
      var vocabulary = sound
      change(&vocabulary)
      do throws(TokenizerError) {
        _ = try PipelineTokenizer(vocabulary: vocabulary, file: "model.gguf")
        return nil
      } catch { return error }
    }
    func malformed(_ key: String, _ expected: String, _ found: String) -> TokenizerError {
      .malformed(
        file: "model.gguf", place: "tokenizer.ggml.\(key)", expected: expected, found: found)
    }
    let count = sound.tokens.count
    #expect(refusal { _ in } == nil)
    #expect(
      refusal { $0.scores[7] = .nan } == malformed("scores[7]", "a finite number", "nan"))
    #expect(
      refusal { $0.scores.removeLast() }
        == malformed("scores", "\(count) items, as many as tokens", "\(count - 1)"))
    #expect(
      refusal { $0.scores = [] } == malformed("scores", "\(count) items, as many as tokens", "none")
    )
    #expect(refusal { $0.types[3] = 9 } == malformed("token_type[3]", "1 to 6", "9"))
    #expect(
      refusal { $0.specialTokens.beginning = count }
        == malformed("bos_token_id", "an id in 0..<\(count)", "\(count)"))
    #expect(
      refusal { $0.specialTokens.beginning = nil }
        == malformed("bos_token_id", "an id, as one is to be added", "none"))
    #expect(refusal { $0.tokens = [] } == malformed("tokens", "at least one", "none"))
    #expect(
      refusal { $0.model = "rwkv" }
        == .unsupported(
          file: "model.gguf", place: "tokenizer.ggml.model", feature: "'rwkv'"))
    #expect(
      refusal {
        $0.model = "gpt2"
        $0.pre = "tekken"
      } == .unsupported(file: "model.gguf", place: "tokenizer.ggml.pre", feature: "'tekken'"))
    #expect(
      refusal {
        $0.model = "gpt2"
        $0.merges = [Array("no such".utf8)]
      } == malformed("merges[0]", "pieces of the vocabulary", "'no'"))
  }
}
