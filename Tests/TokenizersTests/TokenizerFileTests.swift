import Foundation
import TestSupport
import Testing
import Tokenizers

struct TokenizerFileTests {
  /// A small sound file; each test breaks one thing.
  private static let sound = """
    {"version":"1.0","added_tokens":[{"id":4,"content":"<s>","special":true,"normalized":false}],
    "normalizer":null,"pre_tokenizer":{"type":"Whitespace"},
    "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
    {"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[4]}}},
    "decoder":{"type":"Fuse"},
    "model":{"type":"BPE","unk_token":"?","vocab":{"?":0,"a":1,"b":2,"ab":3},"merges":["a b"]}}
    """

  private func read(_ json: String) throws(TokenizerError) -> PipelineTokenizer {
    try PipelineTokenizer(json: Array(json.utf8), file: "t.json")
  }

  private func refusal(_ target: String, _ replacement: String) -> TokenizerError? {
    let json = Self.sound.replacingOccurrences(of: target, with: replacement)
    #expect(json != Self.sound, "nothing was broken")
    return readFailure(json)
  }

  private func readFailure(_ json: String) -> TokenizerError? {
    do throws(TokenizerError) {
      _ = try read(json)
      return nil
    } catch { return error }
  }

  private func malformed(
    _ place: String, _ expected: String, _ found: String
  ) -> TokenizerError {
    .malformed(file: "t.json", place: place, expected: expected, found: found)
  }

  @Test func `a small file is read and used`() throws {
    let tokenizer = try read(Self.sound)
    #expect(tokenizer.vocabularyCount == 5)
    #expect(tokenizer.specialTokens == SpecialTokens(beginning: 4, unknown: 0))
    #expect(try tokenizer.encode("ab ba<s>x", addSpecialTokens: true) == [4, 3, 2, 1, 4, 0])
    #expect(try tokenizer.decode([4, 3, 2]) == "abb")
    #expect(try tokenizer.decode([4, 3, 2], skipSpecialTokens: false) == "<s>abb")
  }

  @Test func `ids that no piece has are refused`() throws {
    let tokenizer = try read(Self.sound)
    for id in [-1, 5, Int.max, Int.min] {
      #expect(
        throws: TokenizerError.identifier(
          position: 1, expected: "the id of a piece in 0..<5", found: id)
      ) {
        try tokenizer.decode([1, id])
      }
    }
  }

  @Test func `contradictions are refused with their place`() {
    #expect(
      refusal("\"ab\":3", "\"ab\":2")
        == malformed("model.vocab", "every id once", "id 2 for 'b' and 'ab'"))
    #expect(
      refusal("\"ab\":3", "\"ab\":-3")
        == malformed("model.vocab, piece 'ab'", "an id in 0..<4194304", "-3"))
    #expect(
      refusal("\"ab\":3", "\"ab\":4194304")
        == malformed("model.vocab, piece 'ab'", "an id in 0..<4194304", "4194304"))
    #expect(
      refusal("\"a b\"", "\"a c\"")
        == malformed("model.merges[0]", "pieces of the vocabulary", "'c'"))
    #expect(
      refusal("\"a b\"", "\"b a\"")
        == malformed("model.merges[0]", "pieces of the vocabulary", "'ba'"))
    #expect(
      refusal("\"a b\"", "\"a b c\"")
        == malformed("model.merges[0]", "two pieces with a space between", "'a b c'"))
    #expect(
      refusal("\"unk_token\":\"?\"", "\"unk_token\":\"!\"")
        == malformed("model.unk_token", "a token of the vocabulary", "'!'"))
    #expect(
      refusal("\"id\":4,", "\"id\":3,")
        == malformed("added_tokens[0]", "the model's piece 'ab' for id 3", "'<s>'"))
    #expect(
      refusal("\"content\":\"<s>\"", "\"content\":\"b\"")
        == malformed("added_tokens[0]", "the model's id 2 for 'b'", "4"))
    #expect(
      refusal("\"ids\":[4]", "\"ids\":[5]")
        == malformed(
          "post_processor.special_tokens.<s>.ids[0]", "a whole number in 0..<5", "5"))
    #expect(
      refusal("\"a\":1,", "\"a\":1,\"a\":7,")?.description
        == "t.json: byte 423: expected every key once, found 'a' twice")
  }

  @Test func `what is not implemented is named`() {
    func unsupported(_ place: String, _ feature: String) -> TokenizerError {
      .unsupported(file: "t.json", place: place, feature: feature)
    }
    #expect(
      refusal("\"normalizer\":null", "\"normalizer\":{\"type\":\"Nmt\"}")
        == unsupported("normalizer", "the normalizer 'Nmt'"))
    #expect(
      refusal("Whitespace", "UnicodeScripts")
        == unsupported("pre_tokenizer", "the pre-tokenizer 'UnicodeScripts'"))
    #expect(
      refusal("\"type\":\"BPE\"", "\"type\":\"WordLevel\"")
        == unsupported("model", "the model 'WordLevel'"))
    let bert = "{\"type\":\"BertProcessing\",\"sep\":[\"a\",1],\"cls\":[\"b\",2]}"
    #expect(
      readFailure(
        """
        {"model":{"type":"BPE","vocab":{"a":1,"b":2},"merges":[]},
        "post_processor":{"type":"Sequence","processors":[\(bert),{"type":"ByteLevel"},\(bert)]}}
        """) == unsupported("post_processor.processors[2]", "a template inside another"))
    #expect(refusal("\"Fuse\"", "\"CTC\"") == unsupported("decoder", "the decoder 'CTC'"))
    #expect(
      refusal("\"unk_token\"", "\"dropout\":0.1,\"unk_token\"")
        == unsupported("model.dropout", "leaving merges out at random"))
  }

  @Test func `a pattern that does not compile is refused`() {
    let broken = "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a\"},\"behavior\":\"Removed\"}"
    #expect(
      refusal("{\"type\":\"Whitespace\"}", broken)
        == malformed("pre_tokenizer.pattern.Regex", "a regular expression", "'(a'"))
  }

  @Test func `a pattern that takes exponential time is given up`() throws {
    let slow =
      "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a+)+$\"},\"behavior\":\"Removed\"}"
    let tokenizer = try read(
      Self.sound.replacingOccurrences(of: "{\"type\":\"Whitespace\"}", with: slow))
    let text = String(repeating: "a", count: 40)
    #expect(try tokenizer.encode(text + "\n", addSpecialTokens: false) == [0])
    #expect {
      try tokenizer.encode(text + "b", addSpecialTokens: false)
    } throws: { error in
      if case .tooLarge("text", _, _, _)? = error as? TokenizerError { true } else { false }
    }
  }

  @Test func `nesting and the number of steps are bounded`() {
    func nested(_ depth: Int) -> String {
      String(repeating: "{\"type\":\"Sequence\",\"normalizers\":[", count: depth)
        + "{\"type\":\"NFC\"}" + String(repeating: "]}", count: depth)
    }
    #expect(refusal("\"normalizer\":null", "\"normalizer\":" + nested(10)) == nil)
    #expect(
      refusal("\"normalizer\":null", "\"normalizer\":" + nested(1000))?.description
        == "t.json: nesting at byte 625: expected at most 32, found 33")
    let many = Array(repeating: "{\"type\":\"NFC\"}", count: 300).joined(separator: ",")
    #expect(
      refusal(
        "\"normalizer\":null", "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[\(many)]}")
        == .tooLarge(
          file: "t.json", place: "normalizer.normalizers[255], number of steps", limit: 256,
          found: 257))
  }

  /// A tokenizer whose normalizer makes 16 of every `a`, several times over.
  private static func growing(_ count: Int) throws -> PipelineTokenizer {
    let step =
      "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aaaaaaaaaaaaaaaa\"}"
    let steps = Array(repeating: step, count: count).joined(separator: ",")
    let json = sound.replacingOccurrences(
      of: "\"normalizer\":null",
      with: "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[\(steps)]}")
    return try PipelineTokenizer(json: Array(json.utf8), file: "t.json")
  }

  @Test func `a text that steps would blow up is refused`() throws {
    let tokenizer = try Self.growing(20)
    #expect(
      throws: TokenizerError.tooLarge(
        file: "text", place: "length after rewriting", limit: 65_600, found: 1_048_576)
    ) {
      try tokenizer.encode("a", addSpecialTokens: false)
    }
    // One step less ends at 65,536 characters, and 64 times a long text are no fault.
    #expect(throws: Never.self) { try Self.growing(4).encode("a", addSpecialTokens: false) }
    let long = String(repeating: "a", count: 2000)
    #expect(throws: Never.self) { try Self.growing(1).encode(long, addSpecialTokens: false) }
  }

  @Test func `roles come from tokenizer_config.json where there is one`() throws {
    let configuration = """
      {"bos_token":{"content":"<s>"},"eos_token":"b","pad_token":null}
      """
    let tokenizer = try PipelineTokenizer(
      json: Array(Self.sound.utf8), file: "t.json", configuration: Array(configuration.utf8))
    #expect(tokenizer.specialTokens == SpecialTokens(beginning: 4, end: 2, unknown: 0))
    #expect(
      throws: TokenizerError.malformed(
        file: "tokenizer_config.json", place: "eos_token", expected: "a token of the vocabulary",
        found: "'zz'")
    ) {
      try PipelineTokenizer(
        json: Array(Self.sound.utf8), file: "t.json",
        configuration: Array("{\"eos_token\":\"zz\"}".utf8))
    }
  }

  @Test func `a missing file is unreadable`() {
    let file = URL(fileURLWithPath: "/nonexistent/tokenizer.json")
    #expect {
      try PipelineTokenizer(file: file)
    } throws: { error in
      if case .unreadable("tokenizer.json", _)? = error as? TokenizerError { true } else { false }
    }
  }

  @Test func `the canonical form tells tokenizers apart and not spellings of one file`() throws {
    let form = try read(Self.sound).canonicalForm
    let reordered = Self.sound.replacingOccurrences(
      of: "\"?\":0,\"a\":1,\"b\":2", with: "\"b\":2, \"a\":1, \"\\u003f\":0")
    #expect(try read(reordered).canonicalForm == form)
    for (target, replacement) in [
      ("\"merges\":[\"a b\"]", "\"merges\":[]"), ("\"ab\":3", "\"ab\":3,\"c\":5"),
      ("Whitespace", "WhitespaceSplit"), ("\"ids\":[4]", "\"ids\":[4,4]"),
      ("\"special\":true", "\"special\":false"),
      ("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}"),
      ("\"BPE\"", "\"BPE\",\"fuse_unk\":true"),
    ] {
      let changed = Self.sound.replacingOccurrences(of: target, with: replacement)
      #expect(try read(changed).canonicalForm != form, "\(replacement)")
    }
  }
}
