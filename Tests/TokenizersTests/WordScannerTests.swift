import Foundation
import TestSupport
import Testing
import Tokenizers

struct WordScannerTests {
  private static let patterns = [
    WordScanner.gpt2Pattern, WordScanner.llama3Pattern, WordScanner.qwen2Pattern,
  ]

  /// Parts that meet in every way: contractions in both cases, spaces of several kinds, line ends,
  /// numbers, marks, and characters beyond 16 bits.
  private static let atoms: [Unicode.Scalar] = Array(
    "''''sStTrReEvVmMlLdDſK aé中𝔘🙂½٣12  \n\r\t\u{A0}\u{2028}\u{85}\u{301}.,!?_$".unicodeScalars)

  private func words(_ pattern: String, _ scalars: [Unicode.Scalar]) throws -> [String] {
    let scanner = try #require(WordScanner(pattern: pattern))
    return scanner.words(in: scalars, 0..<scalars.count).map { range in
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars[range])
      return text
    }
  }

  @Test(arguments: patterns) func `scanned words are those of the regular expression`(
    pattern: String
  ) throws {
    let expression = try NSRegularExpression(pattern: pattern)
    for seed in UInt64(0)..<2000 {
      var generator = SeededGenerator(seed: seed)
      let scalars = (0..<Int.random(in: 1...24, using: &generator)).map { _ in
        Self.atoms.randomElement(using: &generator) ?? " "
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let whole = NSRange(location: 0, length: text.utf16.count)
      let expected = expression.matches(in: text, range: whole).map {
        (text as NSString).substring(with: $0.range)
      }
      #expect(
        try words(pattern, scalars).map { Array($0.utf8) } == expected.map { Array($0.utf8) },
        "seed \(seed): \(text.debugDescription)")
    }
  }

  @Test func `the long s ends a contraction where case does not matter`() throws {
    let text = Array("'ſx".unicodeScalars)
    #expect(try words(WordScanner.llama3Pattern, text) == ["'ſ", "x"])
    #expect(try words(WordScanner.gpt2Pattern, text) == ["'", "ſx"])
  }

  @Test func `another pattern has no scanner`() {
    #expect(WordScanner(pattern: WordScanner.gpt2Pattern + "|x") == nil)
  }
}
