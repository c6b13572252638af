import Datasets
import Documents
import TestSupport
import Testing

@Suite struct JSONLinesDatasetTests {
  private static let definition = """
    dataset: calls
    kind: jsonl
    root: { folder: data }
    inputs: { numbers: { paths: [age, stats.pay, embedding], shape: [4] } }
    label: answer
    classes: { no: "0", yes: ["1", "y", "true"] }
    fields: [region, { name: age, type: number }, { name: hour, path: stats.hour, type: number }]
    slices:
      - region
      - { name: generation, property: age, ranges: [25, 65], names: [young, middle, old] }
      - { name: night, where: "hour >= 22 or hour < 6" }
    splits:
      train: { files: a.jsonl, count: 1 }
      calibrate: { files: a.jsonl, from: 1, count: 2 }
      evaluate: { files: [b.jsonl, c.jsonl] }
    """
  private static let a = """
    {"age": 1, "stats": {"pay": 2, "hour": 3}, "embedding": [4, [5]], "answer": 0}

    {"age": 7, "stats": {"pay": 2.5, "hour": 23}, "embedding": [4, 5], "answer": "y", "region": 3}
    {"age": 8, "stats": {"pay": -1e-3}, "embedding": [4, 5], "answer": true, "region": "north"}
    """
  private static let b = """
    {"answer": 1, "age": 25, "stats": {"pay": 2, "hour": 5}, "embedding": [4, 5], "region": null}\r
    {"age": 7, "stats": {"pay": 2.5, "hour": 23}, "embedding": [4, 5], "answer": "1", "region": "s"}
    """

  private func open(
    _ definition: String = definition, b: String = b, folder: TemporaryFolder
  ) throws -> any Dataset {
    try folder.write(definition, to: "Scenarios/datasets/calls.yaml")
    try folder.write(Self.a, to: "data/a.jsonl")
    try folder.write(b, to: "data/b.jsonl")
    try folder.write("", to: "data/c.jsonl")
    return try folder.catalog().dataset("calls")
  }

  @Test func `paths become inputs, labels and slices`() throws {
    let folder = try TemporaryFolder()
    let dataset = try open(folder: folder)
    #expect(dataset.classNames == ["no", "yes"])
    let set = try dataset.load(.evaluate, count: 2)
    #expect(set.inputs == [25, 2, 4, 5, 7, 2.5, 4, 5])
    #expect(set.labels == [1, 1])
    #expect(
      set.slices == [
        "region": ["missing", "s"], "generation": ["middle", "young"], "night": ["yes", "yes"],
      ])
    // The first record to calibrate on is also scored; slices are no part of an example.
    let calibration = try dataset.load(.calibrate, count: 1)
    #expect(calibration.inputs == [8, -0.001, 4, 5])
    #expect(calibration.slices["night"] == ["no"])
    #expect(throws: DatasetError.self) { try dataset.load(.calibrate, count: 2) }
  }

  @Test(
    arguments: [
      ("{", "line 1, byte 1", "'\"'"),
      ("[1]", "line 1", "an object"),
      ("{\"age\": 1, \"age\": 2}", "line 1, byte 11", "every key once"),
      ("\n{\"age\": \"x\"}", "line 2, 'age'", "a number or an array of numbers"),
      ("{\"age\": 1}", "line 1, 'stats.pay'", "a number or an array of numbers"),
      ("{\"age\": 1, \"stats\": 3}", "line 1, 'stats.pay'", "an object on the way to 'pay'"),
      ("{\"age\": 1e99}", "line 1, 'age'", "a number that fits 32 bits"),
      (
        "{\"age\": 1, \"stats\": {\"pay\": 1}, \"embedding\": [1]}", "line 1, inputs", "4 numbers"
      ),
      (
        "{\"age\": 1, \"stats\": {\"pay\": 1}, \"embedding\": [1, 2], \"answer\": 2}",
        "line 1, 'answer'", "a known class"
      ),
      (
        "{\"age\": 1, \"stats\": {\"pay\": 1}, \"embedding\": [1, 2], \"answer\": 1, \"region\": []}",
        "line 1, 'region'", "text, a whole number, true or false"
      ),
      ("{\"age\": 1} x", "line 1, byte 11", "the end of the file"),
      (String(repeating: "[", count: 5000), "line 1, nesting at byte 32", "at most 32"),
    ])
  func `each damage is named with its line`(text: String, place: String, expected: String) throws {
    let folder = try TemporaryFolder()
    let dataset = try open(b: text, folder: folder)
    let error = #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 1) }
    guard case .malformed("data/b.jsonl", place, expected, _)? = error else {
      Issue.record("\(error?.description ?? "")")
      return
    }
  }

  @Test func `a line without end is refused before it fills the memory`() throws {
    let folder = try TemporaryFolder()
    let dataset = try open(b: String(repeating: " ", count: 17 << 20), folder: folder)
    let error = #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 1) }
    guard case .malformed("data/b.jsonl", "line 1", _, "more")? = error else {
      Issue.record("\(error?.description ?? "")")
      return
    }
  }

  @Test func `vectors, tokens and text are read as declared`() throws {
    let folder = try TemporaryFolder()
    var definition = Self.definition
      .replacing(
        "label: answer\nclasses: { no: \"0\", yes: [\"1\", \"y\", \"true\"] }",
        with: "target: vector\nvector: [stats.pay, stats.hour]\nwidth: 2")
    var set = try open(definition, folder: folder).load(.evaluate, count: 2)
    #expect(set.target == .vector(width: 2))
    #expect(set.targets == [2, 5, 2.5, 23])
    #expect(set.keeping(slices: []).targets == set.targets)
    definition = Self.definition.replacing(
      "{ numbers: { paths: [age, stats.pay, embedding], shape: [4] } }",
      with: "{ tokens: { path: embedding, vocabulary: 6, padding: 1, length: 3, shorter: pad } }")
    let dataset = try open(definition, folder: folder)
    #expect(dataset.target == .tokenClasses(vocabulary: 6))
    set = try dataset.load(.evaluate, count: 2)
    #expect(set.inputs == [4, 5, 1, 4, 5, 1])
    #expect(set.windows == [.init(filled: 2, scored: 1..<2), .init(filled: 2, scored: 1..<2)])
    let kept = set.keeping(slices: ["night"])
    #expect(kept.windows == set.windows && kept.slices == ["night": set.slices["night"] ?? []])
    #expect(kept.digest == set.digest && kept.inputs == set.inputs && kept.labels == set.labels)
    definition = Self.definition.replacing(
      "{ numbers: { paths: [age, stats.pay, embedding], shape: [4] } }",
      with: "{ text: { path: region, tokenizer: bytes, length: 2, longer: truncate } }")
    let texts = """
      {"region": "abc", "answer": 0, "age": 1}
      {"region": "é", "answer": 1, "age": 2}
      """
    set = try open(definition, b: texts, folder: folder).load(.evaluate, count: 2)
    #expect(set.inputs == [97, 98, 195, 169])
  }

  @Test(
    arguments: [
      ("label: answer\n", "", "missing key 'label'"),
      ("label: answer", "target: none\nlabel: answer", "the target 'none' has no 'label'"),
      ("label: answer", "target: next_token\nlabel: answer", "needs inputs of text or tokens"),
      ("[\"1\", \"y\"", "[\"0\", \"y\"", "a word stands for two classes"),
      ("path: stats.hour", "path: stats..hour", "keys with dots between them"),
      ("names: [young, middle, old]", "names: [young, old]", "expected 3 names for 2 edges"),
      ("shape: [4]", "shape: [1000000, 1000000, 1000000]", "at most 100000000 numbers"),
      ("fields: [region", "fields: [age, region", "two properties called 'age'"),
      ("hour < 6", "town < 6", "character 15: expected one of 'region', 'age', 'hour'"),
    ])
  func `a wrong definition is refused before any file is read`(
    old: String, new: String, message: String
  ) throws {
    let definition = Self.definition.replacing(old, with: new)
    #expect(definition != Self.definition)
    let folder = try TemporaryFolder()
    let error = #expect(throws: InvalidDocument.self) { _ = try open(definition, folder: folder) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func `mutated files are read or refused, never a crash`() throws {
    for seed in UInt64(1)...200 {
      var random = SeededGenerator(seed: seed)
      let folder = try TemporaryFolder()
      let dataset = try open(folder: folder)
      try folder.write(Bytes.mutated(Array(Self.b.utf8), &random), to: "data/b.jsonl")
      _ = try? dataset.load(.evaluate, count: 2)
    }
  }
}
