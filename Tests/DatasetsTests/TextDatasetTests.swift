import Datasets
import Documents
import Foundation
import TestSupport
import Testing

private struct Refusal: Error, CustomStringConvertible {
  var description: String { "no words for it" }
}

@Suite struct TextDatasetTests {
  /// Bytes behind 10 ids of another kind, of which 1 marks the beginning. Refuses `!`.
  private static let encoder = TextEncoder(vocabulary: 266, beginning: 1, identity: "tens") {
    text, addBOS in
    if text.contains("!") { throw Refusal() }
    return (addBOS ? [1] : []) + text.utf8.map { Int($0) + 10 }
  }

  /// Opens a definition over files of a new folder and loads from it.
  private func load(
    _ keys: String, files: [String: String], encoder: TextEncoder? = TextDatasetTests.encoder,
    _ split: Split = .evaluate, count: Int
  ) throws -> ExampleSet {
    let folder = try TemporaryFolder()
    for (path, text) in files { try folder.write(text, to: "texts/\(path)") }
    return try open(keys, folder, encoder).load(split, count: count)
  }

  private func open(
    _ keys: String, _ folder: TemporaryFolder, _ encoder: TextEncoder? = TextDatasetTests.encoder
  ) throws -> any Dataset {
    let text = "{ dataset: t, kind: text, root: { folder: texts }, \(keys) }"
    let definition = try Document(text: text, file: "t.yaml").decode(DatasetDefinition.reader)
    return DatasetCatalog(repository: folder.url.path, environment: [:], textEncoder: encoder)
      .dataset(definition)
  }

  private func rows(_ set: ExampleSet) -> [String] {
    (0..<set.count).map { index in
      set.inputs[index * set.inputSize..<(index + 1) * set.inputSize].map {
        $0 == 1 ? "^" : String(UnicodeScalar(UInt8($0 < 10 ? $0 + 48 : $0 - 10)))
      }.joined()
    }
  }

  @Test func `bytes need no tokenizer`() throws {
    let set = try load(
      "tokenizer: bytes, window: 4, splits: { evaluate: a.txt }", files: ["a.txt": "abcdeé123"],
      encoder: nil, count: 2)
    #expect(set.inputs == [97, 98, 99, 100, 101, 0xC3, 0xA9, 49])
    #expect(set.target == .nextToken(vocabulary: 256))
    #expect(set.inputShape == [4])
  }

  @Test func `windows follow each other by the stride, and a rest is dropped`() throws {
    let keys = "window: 4, splits: { evaluate: [a.txt, b.txt] }"
    let files = ["a.txt": "abcdefghij", "b.txt": "123456"]
    #expect(rows(try load(keys, files: files, count: 3)) == ["abcd", "efgh", "1234"])
    #expect(
      rows(try load("stride: 3, \(keys)", files: files, count: 4)) == [
        "abcd", "defg", "ghij", "1234",
      ])
    #expect(
      throws: DatasetError.tooFew(dataset: "t", split: .evaluate, expected: 4, found: 3)
    ) { try load(keys, files: files, count: 4) }
  }

  @Test func `windows as llama-perplexity cuts them begin with the mark`() throws {
    let set = try load(
      "window: 4, rule: llama_perplexity, splits: { evaluate: a.txt }",
      files: ["a.txt": "abcdefghijk"], count: 3)
    #expect(set.windows.allSatisfy { $0 == .full(4) })
    #expect(rows(set) == ["^abc", "^efg", "^ijk"])
    #expect(set.target == .nextToken(vocabulary: 266))
  }

  @Test func `documents are cut on their own`() throws {
    let keys =
      "window: 4, rule: documents, separator: '<end>', file_slice: origin, "
      + "splits: { evaluate: [a.txt, b.txt] }"
    let files = ["a.txt": "abcdefg<end>\n\n<end> xy <end>hij\n", "b.txt": "<end>123"]
    let all = try load(keys, files: files, count: 4)
    #expect(rows(all) == ["^abc", "defg", "^hij", "^123"])
    #expect(all.slices == ["origin": ["a.txt", "a.txt", "a.txt", "b.txt"]])
    let first = try load("windows: first, \(keys)", files: files, count: 3)
    #expect(rows(first) == ["^abc", "^hij", "^123"])
  }

  @Test func `header fields are slices and no text`() throws {
    let keys =
      "window: 3, rule: documents, separator: '%%', windows: first, header: [genre, author], "
      + "splits: { evaluate: a.txt }"
    let text = "author: Ann: B.\ngenre:tale\r\nyear: 7\n\nabc\n%%\ngenre: ode\nauthor: C\n\n\nxyz"
    let set = try load(keys, files: ["a.txt": text], count: 2)
    #expect(rows(set) == ["^ab", "^xy"])
    #expect(set.slices == ["genre": ["tale", "ode"], "author": ["Ann: B.", "C"]])
    func expectError(_ text: String, _ expected: String) {
      let error = #expect(throws: DatasetError.self) {
        try load(keys, files: ["a.txt": text], count: 1)
      }
      #expect(error?.description == expected)
    }
    expectError(
      "x%%genre: a\n\nabc",
      "texts/a.txt: document 0 at byte 0, line 1: expected 'field: value', or an empty line after "
        + "the header, found 'x'")
    expectError(
      "genre: a\n\nabc",
      "texts/a.txt: document 0 at byte 0: expected the header field 'author' once, found it 0 times"
    )
    expectError(
      "genre: a\nauthor:\n\nabc",
      "texts/a.txt: document 0 at byte 0: expected the header field 'author' once, found no value")
  }

  @Test func `what is scored does not calibrate`() throws {
    let keys = "window: 3, splits: { calibrate: c.txt, evaluate: e.txt }"
    let files = ["c.txt": "abcxyzdef", "e.txt": "123xyz"]
    #expect(rows(try load(keys, files: files, .calibrate, count: 2)) == ["abc", "def"])
    #expect(
      throws: DatasetError.tooFew(dataset: "t", split: .calibrate, expected: 3, found: 2)
    ) { try load(keys, files: files, .calibrate, count: 3) }
    #expect(
      throws: DatasetError.tooFew(dataset: "t", split: .train, expected: 1, found: 0)
    ) { try load(keys, files: files, .train, count: 1) }
  }

  @Test func `a text that cannot be encoded is refused by name`() throws {
    let keys = "window: 2, splits: { evaluate: a.txt }"
    #expect(throws: DatasetError.needsTokenizer(dataset: "t")) {
      try load(keys, files: ["a.txt": "abc"], encoder: nil, count: 1)
    }
    #expect(
      throws: DatasetError.unreadable(
        file: "texts/a.txt", reason: "byte 0: the tokenizer refuses it: no words for it")
    ) { try load(keys, files: ["a.txt": "ab!"], count: 1) }
    #expect(throws: DatasetError.unreadable(file: "texts/a.txt", reason: "no such file")) {
      try load(keys, files: [:], count: 1)
    }
    let folder = try TemporaryFolder()
    try folder.write([97, 0xFF, 98], to: "texts/a.txt")
    #expect(
      throws: DatasetError.malformed(
        file: "texts/a.txt", place: "byte 0", expected: "UTF-8", found: "other bytes")
    ) { try open(keys, folder).load(.evaluate, count: 1) }
    #expect(throws: DatasetError.empty(dataset: "t", split: .evaluate)) {
      try load(keys, files: ["a.txt": "a"], count: 1)
    }
  }

  @Test func `a tokenizer that lies is caught`() throws {
    let high = TextEncoder(vocabulary: 4, beginning: 1, identity: "high") { _, _ in [1, 2, 4] }
    let error = #expect(throws: DatasetError.self) {
      try load(
        "window: 2, splits: { evaluate: a.txt }", files: ["a.txt": "abc"], encoder: high, count: 1)
    }
    #expect(
      error?.description
        == "texts/a.txt: byte 0, token 2: expected an id below 4 from the tokenizer 'high', found 4"
    )
    let bare = TextEncoder(vocabulary: 4, beginning: nil, identity: "bare") { _, _ in [1, 2, 3] }
    #expect(throws: DatasetError.self) {
      try load(
        "window: 2, rule: llama_perplexity, splits: { evaluate: a.txt }", files: ["a.txt": "abc"],
        encoder: bare, count: 1)
    }
  }

  @Test(arguments: [
    ("rule: documents", "missing key 'separator': 'documents' needs it"),
    ("separator: x", "only for the rule 'documents' or"),
    ("windows: first", "only for the rule 'documents' or"),
    ("header: [a]", "only for the rule 'documents' or"),
    ("rule: llama_perplexity, stride: 2", "'llama_perplexity' has no stride"),
    ("rule: llama_perplexity, tokenizer: bytes", "needs a beginning mark"),
    ("rule: documents, separator: x, header: [a, a]", "two properties called 'a'"),
    ("rule: documents, separator: x, header: [a], file_slice: a", "also a field of 'header'"),
    ("tokenizer: words", "expected one of 'model', 'bytes'"),
  ])
  func `keys that contradict each other are refused`(keys: String, message: String) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: InvalidDocument.self) {
      _ = try open("window: 4, splits: { evaluate: a.txt }, \(keys)", folder)
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("{ calibrate: a.txt, evaluate: a.txt }", "shares records with 'calibrate'"),
    ("{ train: [a.txt, a.txt], evaluate: b.txt }", "every file once"),
    ("{ evaluate: ../a.txt }", "a relative path without '..'"),
  ])
  func `parts share no file`(splits: String, message: String) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: InvalidDocument.self) {
      _ = try open("window: 4, splits: \(splits)", folder)
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(
    .enabled(
      if: RealData.folder("tinystories") != nil,
      Comment(rawValue: RealData.absence("tinystories"))))
  func `real stories are cut by document`() throws {
    let folder = try TemporaryFolder()
    let root = try #require(RealData.folder("tinystories"))
    let text =
      "{ dataset: t, kind: text, root: { environment: DATA, folder: tinystories }, "
      + "tokenizer: bytes, window: 256, rule: documents, separator: '<|endoftext|>', "
      + "windows: first, splits: { calibrate: calibrate.txt, evaluate: evaluate.txt } }"
    try folder.write(text, to: "Scenarios/datasets/t.yaml")
    let parent = root.deletingLastPathComponent().path
    let set = try folder.catalog(["DATA": parent]).dataset("t").load(.evaluate, count: 100)
    let start = String(decoding: set.inputs[..<38].map { UInt8($0) }, as: UTF8.self)
    #expect(start == "There was a little girl named Julie. S")
    #expect(Set(set.exampleDigests).count == 100)
  }
}
