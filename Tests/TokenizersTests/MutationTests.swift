import Foundation
import TestSupport
import Testing
import Tokenizers

/// Files with random damage must be read or refused, never crash; what is read must encode.
struct MutationTests {
  private static let inserts: [[UInt8]] = [
    Array("null".utf8), Array("[]".utf8), Array("{}".utf8), Array("-1".utf8), Array("1e999".utf8),
    Array("\"\"".utf8), Array("\"\\ud800\"".utf8), Array("4294967296".utf8), [0xFF], [0],
    Array("[[[[".utf8), Array("\"type\":\"Sequence\",".utf8), Array("9223372036854775808".utf8),
    Array("true".utf8), Array("\u{301}".utf8), Array(",".utf8),
  ]

  private static func damaged(_ file: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = file
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard !bytes.isEmpty else { break }
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      let insert = inserts.randomElement(using: &generator) ?? []
      let length = min(bytes.count - at, Int.random(in: 0...12, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(at..<at + length)
      case 2: bytes.insert(contentsOf: insert, at: at)
      case 3: bytes.removeSubrange(at...)
      case 4:
        let from = Int.random(in: 0..<bytes.count, using: &generator)
        bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 2 * length)], at: at)
      default:
        if let value = bytes[at...].firstIndex(of: UInt8(ascii: ":")) {
          let end =
            bytes[value...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
            ?? bytes.count
          bytes.replaceSubrange(value + 1..<end, with: insert)
        }
      }
    }
    return bytes
  }

  @Test(arguments: GoldenTests.styles) func `damaged files are read or refused`(
    style: String
  ) throws {
    let file = Array(try Data(contentsOf: #require(Goldens.file("\(style).json"))))
    let text = "Zoë's <keep> ﬁ 12 中🙂\u{301} \r\n\u{0} the quick fox"
    var readable = 0
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let bytes = Self.damaged(file, &generator)
      do throws(TokenizerError) {
        let tokenizer = try PipelineTokenizer(json: bytes, file: "t.json")
        readable += 1
        let ids = try tokenizer.encode(text, addSpecialTokens: true)
        let count = tokenizer.vocabularyCount
        #expect(ids.allSatisfy { (0..<count).contains($0) }, "seed \(seed)")
        _ = try tokenizer.decode(ids)
      } catch {
        #expect(!error.description.isEmpty, "seed \(seed)")
      }
    }
    #expect(readable < 300)
  }

  private static let sentencePiece: GGUFVocabulary = {
    struct Model: Decodable {
      let tokens: [String]
      let scores: [Float]
      let types: [Int]
    }
    let model = Goldens.file("sentencepiece.json").flatMap { try? Data(contentsOf: $0) }
      .flatMap { try? JSONDecoder().decode(Model.self, from: $0) }
    return GGUFVocabulary(
      model: "llama", tokens: model?.tokens.map { Array($0.utf8) } ?? [],
      scores: model?.scores ?? [], types: model?.types ?? [],
      specialTokens: SpecialTokens(beginning: 1, end: 2))
  }()

  private static func damage(
    _ vocabulary: inout GGUFVocabulary, _ generator: inout SeededGenerator
  ) {
    let count = vocabulary.tokens.count
    let id = Int.random(in: 0..<count, using: &generator)
    let other = Int.random(in: 0..<count, using: &generator)
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: vocabulary.model = ["gpt2", "bert"].randomElement(using: &generator) ?? ""
    case 1: vocabulary.tokens[id] = vocabulary.tokens[other]
    case 2: vocabulary.tokens[id] = []
    case 3:
      vocabulary.tokens[id] = (0..<6).map { _ in UInt8.random(in: 0...255, using: &generator) }
    case 4: vocabulary.types[id] = Int.random(in: 0...7, using: &generator)
    case 5:
      vocabulary.scores[id] = [-Float.infinity, 1e30, -0.0].randomElement(using: &generator) ?? 0
    case 6: vocabulary.merges.append(vocabulary.tokens[id] + [0x20] + vocabulary.tokens[other])
    case 7: vocabulary.specialTokens.unknown = id - other
    default: vocabulary.specialTokens.beginning = nil
    }
  }

  @Test func `damaged vocabularies are used or refused`() throws {
    let text = "Zoë's <keep> ﬁ 12 中🙂\u{301} \r\n\u{0} the quick fox"
    var readable = 0
    for seed in UInt64(0)..<400 {
      var generator = SeededGenerator(seed: seed)
      var vocabulary = Self.sentencePiece
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        Self.damage(&vocabulary, &generator)
      }
      do throws(TokenizerError) {
        let tokenizer = try PipelineTokenizer(vocabulary: vocabulary, file: "model.gguf")
        readable += 1
        let ids = try tokenizer.encode(text, addSpecialTokens: true)
        let count = tokenizer.vocabularyCount
        #expect(ids.allSatisfy { (0..<count).contains($0) }, "seed \(seed)")
        _ = try tokenizer.decode(ids)
      } catch {
        #expect(!error.description.isEmpty, "seed \(seed)")
      }
    }
    #expect((50..<400).contains(readable))
  }
}
