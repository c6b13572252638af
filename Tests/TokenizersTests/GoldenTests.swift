import Foundation
import Testing
import Tokenizers

/// What `Goldens/generate.py` wrote for one style.
private struct Expected: Decodable {
  let plain: [[Int]]
  let full: [[Int]]
  let decoded: [String]
}

struct GoldenTests {
  static let styles = [
    "gpt2", "llama3", "qwen2", "general", "whitespace", "llama2", "metaspace", "bert-uncased",
    "bert-cased", "unigram", "unigram-bytes",
  ]

  private static func data(_ name: String) throws -> Data {
    try Data(contentsOf: #require(Goldens.file(name)))
  }

  private static func expected(_ style: String) throws -> Expected {
    let all = try JSONDecoder().decode([String: Expected].self, from: data("ids.json"))
    return try #require(all[style])
  }

  private static func texts() throws -> [String] {
    try JSONDecoder().decode([String].self, from: data("texts.json"))
  }

  @Test(arguments: styles) func `every id of every text equals the reference`(
    style: String
  ) throws {
    let tokenizer = try PipelineTokenizer(file: #require(Goldens.file("\(style).json")))
    let (texts, expected) = (try Self.texts(), try Self.expected(style))
    #expect(texts.count == expected.plain.count)
    for (index, text) in texts.enumerated() {
      let ids = try tokenizer.encode(text, addSpecialTokens: false)
      #expect(ids == expected.plain[index], "text \(index): \(text.debugDescription)")
      #expect(ids.allSatisfy { (0..<tokenizer.vocabularyCount).contains($0) })
    }
  }

  @Test(arguments: styles) func `the template puts the reference's ids around a text`(
    style: String
  ) throws {
    let tokenizer = try PipelineTokenizer(file: #require(Goldens.file("\(style).json")))
    for (text, ids) in zip(try Self.texts(), try Self.expected(style).full) {
      #expect(try tokenizer.encode(text, addSpecialTokens: true) == ids)
    }
  }

  @Test(arguments: styles) func `ids decode to the reference's text`(style: String) throws {
    let tokenizer = try PipelineTokenizer(file: #require(Goldens.file("\(style).json")))
    let expected = try Self.expected(style)
    for (ids, text) in zip(expected.plain, expected.decoded) {
      let decoded = try tokenizer.decode(ids)
      #expect(
        Array(decoded.unicodeScalars) == Array(text.unicodeScalars),
        "\(decoded.debugDescription) is not \(text.debugDescription)")
    }
  }
}
