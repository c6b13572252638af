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
}
