import Foundation
import TestSupport
import Testing
import Tokenizers

/// The vocabulary of a GGUF file, read without the product's own reader.
private struct GGUFMetadata {
  private var data: Data
  private var offset = 8
  private(set) var strings: [String: [[UInt8]]] = [:]
  private(set) var numbers: [String: [UInt32]] = [:]

  private mutating func integer(_ width: Int) -> UInt64 {
    let bytes = data[offset..<offset + width]
    offset += width
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func string() -> [UInt8] {
    let count = Int(integer(8))
    defer { offset += count }
    return Array(data[offset..<offset + count])
  }

  private mutating func value(_ type: UInt64, key: String) {
    switch type {
    case 8: strings[key, default: []].append(string())
    case 9:
      let (item, count) = (integer(4), integer(8))
      for _ in 0..<count { value(item, key: key) }
    case 0, 1, 7: numbers[key, default: []].append(UInt32(integer(1)))
    case 2, 3: numbers[key, default: []].append(UInt32(integer(2)))
    case 4, 5, 6: numbers[key, default: []].append(UInt32(integer(4)))
    default: _ = integer(8)
    }
  }

  init(_ file: URL) throws {
    data = try Data(contentsOf: file)
    _ = integer(8)
    let count = integer(8)
    for _ in 0..<count {
      let key = String(decoding: string(), as: UTF8.self)
      let type = integer(4)
      value(type, key: key)
    }
  }

  var vocabulary: GGUFVocabulary {
    let prefix = "tokenizer.ggml."
    return GGUFVocabulary(
      model: strings[prefix + "model"]?.first.map { String(decoding: $0, as: UTF8.self) } ?? "",
      tokens: strings[prefix + "tokens"] ?? [],
      scores: (numbers[prefix + "scores"] ?? []).map { Float(bitPattern: $0) },
      types: (numbers[prefix + "token_type"] ?? []).map { Int($0) },
      specialTokens: SpecialTokens(
        beginning: numbers[prefix + "bos_token_id"]?.first.map { Int($0) },
        end: numbers[prefix + "eos_token_id"]?.first.map { Int($0) }))
  }
}

struct RealTokenizerTests {
  private struct Stories: Decodable {
    struct Sample: Decodable {
      let text: String
      let ids_with_bos: [Int]
    }
    struct Greedy: Decodable {
      let generated_ids: [Int]
      let text: String
    }
    let tokenizer_samples: [Sample]
    let greedy: Greedy
  }

  private struct Sentences: Decodable {
    struct Sentence: Decodable {
      let text: String
      let input_ids: [Int]
      let n_tokens_untruncated: Int
    }
    let sentences: [Sentence]
  }

  private static let storiesAbsent = Comment(rawValue: RealData.absence("stories260K"))

  private static func stories() throws -> (URL, Stories) {
    let folder = try #require(RealData.folder("stories260K"))
    let file = folder.appendingPathComponent("reference.json")
    return (folder, try JSONDecoder().decode(Stories.self, from: Data(contentsOf: file)))
  }

  @Test(.enabled(if: RealData.folder("stories260K") != nil, storiesAbsent))
  func `stories260K gives the reference's ids from tokenizer.json and from GGUF`() throws {
    let (folder, reference) = try Self.stories()
    let fromJSON = try PipelineTokenizer(file: folder.appendingPathComponent("tokenizer.json"))
    let metadata = try GGUFMetadata(folder.appendingPathComponent("stories260K-Q8_0.gguf"))
    let fromGGUF = try PipelineTokenizer(vocabulary: metadata.vocabulary, file: "stories.gguf")
    for tokenizer in [fromJSON, fromGGUF] {
      #expect(tokenizer.vocabularyCount == 512)
      #expect(tokenizer.specialTokens == SpecialTokens(beginning: 1, end: 2, unknown: 0))
      for sample in reference.tokenizer_samples {
        let ids = try tokenizer.encode(sample.text, addSpecialTokens: true)
        #expect(ids == sample.ids_with_bos)
        #expect(try tokenizer.decode(ids) == sample.text)
      }
      #expect(try tokenizer.decode(reference.greedy.generated_ids) == reference.greedy.text)
    }
    let file = folder.appendingPathComponent("eval_text.txt")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(
      try fromJSON.encode(text, addSpecialTokens: true)
        == fromGGUF.encode(text, addSpecialTokens: true))
  }

  @Test(
    .enabled(
      if: RealData.folder("minilm").map {
        FileManager.default.fileExists(atPath: $0.appendingPathComponent("tokenizer.json").path)
      } ?? false,
      "the folder 'minilm' of QUANTGATE_REAL_DATA holds no tokenizer.json"))
  func `MiniLM gives the reference's ids`() throws {
    let folder = try #require(RealData.folder("minilm"))
    let tokenizer = try PipelineTokenizer(file: folder.appendingPathComponent("tokenizer.json"))
    let reference = try JSONDecoder().decode(
      Sentences.self,
      from: Data(contentsOf: folder.appendingPathComponent("reference.json")))
    #expect(tokenizer.vocabularyCount == 30522)
    let roles = SpecialTokens(beginning: 101, end: 102, unknown: 100, padding: 0)
    #expect(tokenizer.specialTokens == roles)
    for sentence in reference.sentences {
      let ids = try tokenizer.encode(sentence.text, addSpecialTokens: true)
      #expect(ids.count == sentence.n_tokens_untruncated)
      #expect(ids.prefix(255) == sentence.input_ids.prefix(255))
    }
  }
}
