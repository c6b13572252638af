import Datasets
import Documents
import Foundation
import TestSupport
import Testing

@Suite struct TextSliceTests {
  /// One id a character: its scalar less 97, so `a` is 0.
  private static func letters(_ identity: String = "letters") -> TextEncoder {
    TextEncoder(vocabulary: 30, beginning: 28, padding: 29, identity: identity) { text, addsMarks in
      (addsMarks ? [28] : []) + text.unicodeScalars.map { Int($0.value) - 97 }
    }
  }

  private static let definition = """
    dataset: tales
    kind: text
    root: { folder: data }
    rule: documents_marked
    separator: "---"
    window: 4
    rest: pad
    header: [dialect, { name: year, type: number }]
    slices:
      - { name: age, property: year, ranges: [1900] }
      - { name: late, where: "position >= 3 and document_tokens > 3" }
      - file
    splits:
      train: { files: train.txt, count: 2 }
      calibrate: { files: train.txt, from: 2 }
      evaluate: [one.txt, two.txt]
    """
  private static let header = "dialect: coast\nyear: 1850\n\n"

  private func folder(
    _ definition: String = definition, one: String = "abcde"
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(definition, to: "Scenarios/datasets/tales.yaml")
    let training = ["abc", "bcd", "abcd", "fff"].map { Self.header + $0 }
    try folder.write(training.joined(separator: "---"), to: "data/train.txt")
    try folder.write(Self.header + one, to: "data/one.txt")
    try folder.write("year: 1950\ndialect: plain\n\n xyz\n---\n", to: "data/two.txt")
    return folder
  }

  private func open(
    _ folder: TemporaryFolder, _ encoder: TextEncoder? = letters()
  ) throws -> any Dataset {
    try DatasetCatalog(
      repository: folder.url.path, environment: ProcessInfo.processInfo.environment,
      textEncoder: encoder
    ).dataset("tales")
  }

  @Test func `windows have slices by their document and their place in it`() throws {
    let folder = try folder()
    let dataset = try open(folder)
    let set = try dataset.load(.evaluate, count: 3)
    #expect(set.inputs == [28, 0, 1, 2, 28, 3, 4, 29, 28, 23, 24, 25])
    #expect(set.windows[1] == TokenWindow(filled: 3, scored: 1..<3))
    #expect(
      set.slices == [
        "dialect": ["coast", "coast", "plain"], "age": ["<1900", "<1900", ">=1900"],
        "late": ["no", "yes", "no"], "file": ["one.txt", "one.txt", "two.txt"],
      ])
  }

  @Test func `calibration leaves out windows that are scored`() throws {
    let folder = try folder()
    let dataset = try open(folder)
    // Of "abcd" and "fff", the window "abc" is also scored; "d" and "fff" are left.
    let set = try dataset.load(.calibrate, count: 2)
    #expect(set.inputs == [28, 3, 29, 29, 28, 5, 5, 5])
    let error = #expect(throws: DatasetError.self) { try dataset.load(.calibrate, count: 3) }
    #expect(error == .tooFew(dataset: "tales", split: .calibrate, expected: 3, found: 2))
  }

  @Test func `another tokenizer gives other digests to the same ids`() throws {
    let folder = try folder()
    let first = try open(folder).load(.train, count: 2)
    let second = try open(folder, Self.letters("other")).load(.train, count: 2)
    #expect(first.inputs == second.inputs)
    #expect(Set(first.exampleDigests).isDisjoint(with: second.exampleDigests))
  }

  @Test func `shares put every document in one part, equal ones in the same`() throws {
    let head = Self.definition.split(separator: "splits:")[0]
    let shares =
      "shares: { files: [one.txt, two.txt], train: 50 %, calibrate: 20 %, evaluate: 30 % }"
    let folder = try folder(head + shares)
    let letters = Array("abcdefghij")
    let words = (0..<200).map { index in
      Self.header + String([letters[index / 10 % 10], letters[index % 10], letters[index / 100]])
    }
    try folder.write(words.joined(separator: "---"), to: "data/one.txt")
    try folder.write(words.reversed().joined(separator: "---"), to: "data/two.txt")
    let dataset = try open(folder)
    var parts: [[Float]: Set<Split>] = [:]
    var total = 0
    for split in [Split.train, .evaluate, .calibrate] {
      let error = #expect(throws: DatasetError.self) { try dataset.load(split, count: 1000) }
      guard case .tooFew(_, _, _, let found)? = error else { continue }
      total += found
      let set = try dataset.load(split, count: found)
      for index in 0..<found {
        parts[Array(set.inputs[index * 4..<(index + 1) * 4]), default: []].insert(split)
      }
    }
    #expect(total == 400)
    #expect(parts.count == 200)
    #expect(parts.values.allSatisfy { $0.count == 1 })
  }

  @Test func `a header that is no number and missing documents are named`() throws {
    let folder = try folder()
    try folder.write("dialect: a\nyear: x\n\nabc", to: "data/one.txt")
    let dataset = try open(folder)
    let error = #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 1) }
    #expect(
      error?.description
        == "data/one.txt: document 0 at byte 0, header field 'year': expected a decimal number, "
        + "found 'x'")
    let longer = try self.folder(
      Self.definition.replacing("count: 2 }", with: "count: 5 }")
        .replacing("from: 2", with: "from: 5"))
    let short = try open(longer)
    let end = #expect(throws: DatasetError.self) { try short.load(.train, count: 9) }
    #expect(end?.description.contains("expected at least 5 records, found 4") == true)
  }

  @Test(
    arguments: [
      ("window: 4", "window: 4\ntokenizer: { file: { path: x.json } }", "missing key 'vocabulary'"),
      ("window: 4", "window: 4\nfirst_target: 4", "expected a place within the window"),
      ("from: 2 }", "at_most: 3 }", "calibrate: shares records with 'train'"),
      ("files: train.txt, from: 2", "files: [train.txt, more.txt], from: 2", "in common"),
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
        "splits:", "shares: { files: a, train: 90 %, calibrate: 9 %, evaluate: 2 % }\nsplits:",
        "more than 100 %"
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
    window: 256
    rule: RULE
    splits: { evaluate: FILE }
    """

  @Test(
    .enabled(
      if: RealData.folder("stories260K") != nil && RealData.folder("tinystories") != nil,
      Comment(rawValue: RealData.absence("stories260K"))),
    arguments: [
      ("windows", "stories260K", "llama_perplexity", "eval_text.txt"),
      (
        "stories", "tinystories",
        "documents_marked\nseparator: \"<|endoftext|>\"\nwindows: first", "evaluate.txt"
      ),
      (
        "stories", "tinystories", "documents\nseparator: \"<|endoftext|>\"\nwindows: first",
        "evaluate.txt"
      ),
    ])
  func `windows hold the reference's token ids`(
    key: String, path: String, rule: String, file: String
  ) throws {
    let definition = Self.real.replacing("FOLDER", with: path).replacing("FILE", with: file)
      .replacing("RULE", with: rule)
    let folder = try folder(definition)
    let set = try open(folder, nil).load(.evaluate, count: 16)
    let json = try #require(RealData.folder("stories260K")).appendingPathComponent("reference.json")
    let root = try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any]
    let part = try #require(root?[key] as? [String: Any])
    let ids = try #require(part["token_ids"] as? [[Int]])
    #expect(set.inputs.map { Int($0) } == ids.flatMap { $0 })
  }
}
