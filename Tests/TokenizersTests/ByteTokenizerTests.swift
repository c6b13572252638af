import Testing
import Tokenizers

struct ByteTokenizerTests {
  @Test func `an id is a byte and decoding gives the text back`() throws {
    let tokenizer = ByteTokenizer()
    let text = "Zoë\r\n\u{0}🙂"
    let ids = try tokenizer.encode(text, addSpecialTokens: true)
    #expect(ids == text.utf8.map { Int($0) })
    #expect(try tokenizer.decode(ids) == text)
    #expect(try tokenizer.encode("", addSpecialTokens: true) == [])
  }

  @Test func `bytes that are not UTF-8 decode to the replacement character`() throws {
    #expect(try ByteTokenizer().decode([0x41, 0xFF, 0x42]) == "A\u{FFFD}B")
  }

  @Test(arguments: [-1, 256, Int.max]) func `an id that is no byte is refused`(id: Int) {
    #expect(
      throws: TokenizerError.identifier(position: 1, expected: "an id in 0..<256", found: id)
    ) {
      try ByteTokenizer().decode([65, id])
    }
  }

  @Test func `a model with fewer rows than ids is refused`() throws {
    try ByteTokenizer().expects(vocabularyCount: 256, of: "model")
    #expect(
      throws: TokenizerError.vocabularyMismatch(model: "model", expected: 256, found: 255)
    ) {
      try ByteTokenizer().expects(vocabularyCount: 255, of: "model")
    }
  }
}
