import Datasets
import Documents
import Foundation
import TestSupport
import Testing

/// One id a character: its scalar less 97, so `a` is 0; `?` cannot be encoded.
private struct LetterEncoder: TextEncoder {
  var identity = "letters"
  var vocabularyCount = 30
  var beginning: Int? = 28
  var padding: Int? = 29

  struct Refusal: Error {}

  func encode(_ text: String, addingSpecialTokens: Bool) throws -> [Int] {
    try text.unicodeScalars.map { scalar in
      if scalar == "?" { throw Refusal() }
      return scalar.value >= 97 ? Int(scalar.value) - 97 : 26
    }
  }
}

@Suite struct TextDatasetTests {
  private static let definition = """
    dataset: tales
    kind: text
    root: { folder: data }
    tokenizer: model
    vocabulary: 30
    documents: { line: "---" }
    header: [dialect, { name: year, type: number }]
    windows: { length: 4, beginning: each, rest: pad }
    slices:
      - dialect
      - { name: age, property: year, ranges: [1900] }
      - { name: late, where: "position >= 3 and document_tokens > 3" }
      - file
    splits:
      train: { files: train.txt, count: 2 }
      calibrate: { files: train.txt, from: 2 }
      evaluate: { files: [one.txt, two.txt] }
    """
  private static let training = "abc\n---\nbcd\n---\nabcd\n---\nfff\n"
  private static let one = """
    year: 1850
    dialect: coast
    abcde
    ---

    ---
    dialect: plain
     xyz

    """

  private func folder(
    _ definition: String = definition, one: String = one
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(definition, to: "Scenarios/datasets/tales.yaml")
    try folder.write(Self.training, to: "data/train.txt")
    try folder.write(one, to: "data/one.txt")
    try folder.write("abcde", to: "data/two.txt")
    return folder
  }

  private func open(
    _ folder: TemporaryFolder, encoder: (any TextEncoder)? = LetterEncoder()
  ) throws -> any Dataset {
    let path = folder.url.appendingPathComponent("Scenarios/datasets/tales.yaml").path
    let definition = try Document(file: path, shownAs: "tales.yaml").decode(
      DatasetDefinition.reader)
    return definition.open(
      at: DatasetSite(repository: folder.url.path, environment: [:], encoder: encoder))
  }

  @Test func `documents become windows with slices from their headers`() throws {
    let folder = try folder()
    let dataset = try open(folder)
    #expect(dataset.target == .nextToken(vocabulary: 30))
    let set = try dataset.load(.evaluate, count: 5)
    #expect(
      set.inputs == [28, 0, 1, 2, 28, 3, 4, 29, 28, 23, 24, 25, 28, 0, 1, 2, 28, 3, 4, 29])
    #expect(set.windows[1] == TokenWindow(filled: 3, scored: 1..<3))
    #expect(set.slices["dialect"] == ["coast", "coast", "plain", "missing", "missing"])
    #expect(set.slices["age"] == ["<1900", "<1900", "missing", "missing", "missing"])
    #expect(set.slices["late"] == ["no", "yes", "no", "no", "yes"])
    #expect(set.slices["file"] == ["one.txt", "one.txt", "one.txt", "two.txt", "two.txt"])
  }

  @Test func `calibration leaves out windows that are scored`() throws {
    let folder = try folder()
    let dataset = try open(folder)
    // Of "abcd" and "fff", the window "abc" is also scored; "d" and "fff" are left.
    let set = try dataset.load(.calibrate, count: 2)
    #expect(set.inputs == [28, 3, 29, 29, 28, 5, 5, 5])
    #expect(
      #expect(throws: DatasetError.self) { try dataset.load(.calibrate, count: 3) }
        == .tooFew(dataset: "tales", split: .calibrate, expected: 3, found: 2))
    try proveDisjoint(
      calibration: set, evaluation: try dataset.load(.evaluate, count: 5), dataset: "tales")
  }

  @Test func `another tokenizer gives other digests to the same ids`() throws {
    let folder = try folder()
    let first = try open(folder).load(.train, count: 2)
    let second = try open(folder, encoder: LetterEncoder(identity: "other")).load(.train, count: 2)
    #expect(first.inputs == second.inputs)
    #expect(Set(first.exampleDigests).isDisjoint(with: second.exampleDigests))
  }

  @Test(
    arguments: [
      ("blank_lines", "a\nb\n \t\n\nc\r\n\r\nd", ["a\nb", "c", "d"], [1, 5, 7]),
      ("{ text: \"<|end|>\" }", "a<|end|>\n<|end|>\n\n b <|end|>", ["a", "b"], [1, 4]),
      ("{ line: \"---\" }", "---\n ---\na --- b\n---", ["a --- b"], [3]),
      ("{ text: \"\\n==\\n\" }", "a\nb\n==\nc\n==\n\n==\nd", ["a\nb", "c", "d"], [1, 4, 8]),
      ("whole", " a\n\n", [" a\n\n"], [1]),
    ] as [(String, String, [String], [Int])])
  func `each rule divides as it says`(
    rule: String, text: String, documents: [String], lines: [Int]
  ) throws {
    let rules: [String: DocumentRule] = [
      "blank_lines": .blankLines, "{ text: \"<|end|>\" }": .text("<|end|>"),
      "{ text: \"\\n==\\n\" }": .text("\n==\n"), "{ line: \"---\" }": .line("---"), "whole": .whole,
    ]
    let found = try TextDocuments.split(
      Array(text.utf8), by: try #require(rules[rule]), header: [], file: "f")
    #expect(found.map(\.text) == documents)
    #expect(found.map(\.line) == lines)
  }

  @Test func `shares put every document in one part, equal ones in the same`() throws {
    let shares = """
      shares: { files: [one.txt, two.txt], train: 50 %, calibrate: 20 %, evaluate: 30 % }
      """
    let head = Self.definition.split(separator: "splits:")[0]
    let words = (0..<200).map { index in
      let letters = "abcdefghij".map { $0 }
      return String([letters[index / 10 % 10], letters[index % 10], letters[index / 100]])
    }
    let folder = try folder(head + shares, one: words.joined(separator: "\n---\n"))
    try folder.write(words.reversed().joined(separator: "\n---\n"), to: "data/two.txt")
    let dataset = try open(folder)
    var seen: [[Float]: Set<Split>] = [:]
    var total = 0
    for split in [Split.train, .evaluate, .calibrate] {
      var count = 0
      do throws(DatasetError) {
        _ = try dataset.load(split, count: 1000)
      } catch {
        if case .tooFew(_, _, _, let found) = error { count = found }
      }
      total += count
      let set = try dataset.load(split, count: count)
      for index in 0..<count {
        seen[Array(set.inputs[index * 4..<(index + 1) * 4]), default: []].insert(split)
      }
    }
    #expect(total == 400)
    #expect(seen.count == 200)
    #expect(seen.values.allSatisfy { $0.count == 1 })
  }

  @Test(
    arguments: [
      ("year: x\nabc", "line 1, header 'year'", "a decimal number"),
      ("abc\n---\nyear: 1\nyear: 2\nabc", "line 4", "'year' once in a document"),
      ("abc\n---\nab?", "line 3", "text that the tokenizer can encode"),
      ("abc\n---\nab\u{2603}", "line 3", "token ids below 30"),
    ])
  func `each damage is named with its place`(text: String, place: String, expected: String) throws {
    let folder = try folder(one: text)
    let dataset = try open(folder)
    let error = #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 9) }
    guard case .malformed("data/one.txt", place, expected, _)? = error else {
      Issue.record("\(error?.description ?? "")")
      return
    }
  }

  @Test func `bytes that are no UTF-8, missing documents and tokenizers are named`() throws {
    let folder = try folder()
    try folder.write([0x61, 0x0A, 0xFF], to: "data/one.txt")
    let dataset = try open(folder)
    #expect(
      #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 1) }
        == .malformed(
          file: "data/one.txt", place: "line 2", expected: "UTF-8", found: "other bytes"))
    let none = try open(folder, encoder: nil)
    #expect(
      #expect(throws: DatasetError.self) { try none.load(.train, count: 1) }
        == .noTokenizer(dataset: "tales"))
    let other = try open(folder, encoder: LetterEncoder(vocabularyCount: 31))
    #expect(throws: DatasetError.self) { try other.load(.train, count: 1) }
    let longer = try self.folder(
      Self.definition.replacing("count: 2 }", with: "count: 5 }").replacing(
        "from: 2", with: "from: 5"))
    let short = try open(longer)
    let error = #expect(throws: DatasetError.self) { try short.load(.train, count: 9) }
    #expect(error?.description.contains("expected at least 5 records, found 4") == true)
  }

  @Test(
    arguments: [
      ("vocabulary: 30\n", "", "missing key 'vocabulary'"),
      ("tokenizer: model", "tokenizer: modle", "(did you mean 'model'?)"),
      ("tokenizer: model", "tokenizer: bytes", "bytes have a vocabulary of 256"),
      ("from: 2 }", "}", "calibrate: shares records with 'train'"),
      ("files: train.txt, from: 2", "files: [train.txt, more.txt], from: 2", "in common"),
      ("beginning: each", "beginning: each, stride: 4", "expected at most 3"),
      ("late, where: \"position", "late, where: \"positoin", "(did you mean 'position'?)"),
      ("ranges: [1900]", "ranges: [1900, 1900]", "expected edges in ascending order"),
      ("property: year", "property: dialect", "'dialect' is text; ranges are of numbers"),
      ("  - file\n", "  - position\n", "a numeric column cannot be a slice without 'ranges'"),
      ("  - file\n", "  - dialect\n", "the slice 'dialect' is listed twice"),
      ("header: [dialect", "header: [file, dialect", "two properties called 'file'"),
      (
        "splits:", "shares: { files: a, train: 1 %, calibrate: 1 %, evaluate: 1 % }\nsplits:",
        "expected either"
      ),
      (
        "evaluate: { files: [one.txt, two.txt] }", "evaluate: { files: ../one.txt }",
        "relative path"
      ),
    ])
  func `a wrong definition is refused before any file is read`(
    old: String, new: String, message: String
  ) throws {
    let definition = Self.definition.replacing(old, with: new)
    #expect(definition != Self.definition)
    let folder = try folder(definition)
    let error = #expect(throws: InvalidDocument.self) { _ = try open(folder) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  private static let real = """
    dataset: tales
    kind: text
    root: { environment: QUANTGATE_REAL_DATA, folder: FOLDER }
    tokenizer:
      file:
        path: tokenizer.json
        root: { environment: QUANTGATE_REAL_DATA, folder: stories260K }
    vocabulary: 512
    documents: DOCUMENTS
    windows: WINDOWS
    splits:
      train: { files: calibrate.txt, count: 100 }
      calibrate: { files: calibrate.txt, from: 100 }
      evaluate: { files: FILE }
    """

  @Test(
    .enabled(
      if: RealData.folder("stories260K") != nil, Comment(rawValue: RealData.absence("stories260K"))),
    arguments: [
      ("windows", "stories260K", "whole", "{ length: 256, beginning: replace }", "eval_text.txt"),
      (
        "stories", "tinystories", "{ line: \"<|endoftext|>\" }",
        "{ length: 256, beginning: each, per_document: 1 }", "evaluate.txt"
      ),
    ])
  func `windows hold the reference's token ids`(
    key: String, path: String, documents: String, windows: String, file: String
  ) throws {
    let definition = Self.real.replacing("FOLDER", with: path).replacing("FILE", with: file)
      .replacing("DOCUMENTS", with: documents).replacing("WINDOWS", with: windows)
    let folder = try folder(definition)
    let catalog = folder.catalog(ProcessInfo.processInfo.environment)
    let set = try catalog.dataset("tales").load(.evaluate, count: 16)
    let json = try #require(RealData.folder("stories260K")).appendingPathComponent("reference.json")
    let root = try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any]
    let part = try #require(root?[key] as? [String: Any])
    let ids = try #require(part["token_ids"] as? [[Int]])
    #expect(set.inputs.map { Int($0) } == ids.flatMap { $0 })
  }
}
