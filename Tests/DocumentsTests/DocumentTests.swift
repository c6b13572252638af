import Documents
import Foundation
import TestSupport
import Testing

@Suite struct DocumentTests {
  private func parse(_ text: String) -> [String] { parse(Array(text.utf8)) }

  private func parse(_ bytes: [UInt8]) -> [String] {
    do throws(InvalidDocument) {
      _ = try Document(bytes: bytes, file: "f.yaml")
      return []
    } catch {
      return error.issues.map(\.description)
    }
  }

  @Test(
    arguments: [
      ("", "f.yaml:1:1: expected a YAML document, found an empty file"),
      ("# only a comment\n", "f.yaml:1:1: expected a YAML document, found an empty file"),
      ("~", "f.yaml:1:1: expected a YAML document, found an empty file"),
      ("a: 1\n---\nb: 2\n", "f.yaml:2:1: expected one YAML document, found another one"),
      (
        "a:\n\tb: 1\n",
        "f.yaml:2:1: not YAML: expected spaces before the first word, found a tab"
      ),
      ("a: 1\nb: 2\na: 3\n", "f.yaml:1:1: key 'a' occurs more than once in this mapping"),
      ("a: *b\n", "f.yaml:1:4: not YAML: found undefined alias"),
      ("[a]: 1\n", "f.yaml:1:1: expected a plain word as key"),
      (
        "a: !!binary aGk=\n",
        "f.yaml:1:4: a: tags are not supported, found 'tag:yaml.org,2002:binary'"
      ),
      ("a: !custom [1]\n", "f.yaml:1:4: a: tags are not supported, found '!custom'"),
      (
        "a: &x { b: 1 }\nc:\n  <<: *x\n",
        "f.yaml:3:3: c.<<: merge keys are not supported; write the keys out"
      ),
      (
        "a: [1, 2\nb: 3\n",
        "f.yaml:2:2: not YAML: while parsing a flow sequence, line 1: did not find expected ',' or ']'"
      ),
      (
        "a: \"x\n",
        "f.yaml:2:1: not YAML: while scanning a quoted scalar, line 1: found unexpected end of stream"
      ),
      (
        "a: @b\n",
        "f.yaml:1:4: not YAML: while scanning for the next token, line 1: found character that cannot start any token"
      ),
      ("a: b\n c: d\n", "f.yaml:2:3: not YAML: mapping values are not allowed in this context"),
      ("a: \u{1}\n", "f.yaml:1:4: not YAML: control characters are not allowed"),
    ])
  func `what is not one YAML document is refused where it stops being one`(
    _ text: String, _ expected: String
  ) {
    #expect(parse(text) == [expected])
  }

  @Test func `what is not UTF-8 is refused with its line`() {
    #expect(
      parse(Array("a: 1\nb: ".utf8) + [0xFF, 0x0A]) == [
        "f.yaml:2:1: expected UTF-8 text, found other bytes in this line"
      ])
    #expect(parse([0xFE, 0xFF, 0, 0x61]).count == 1)
  }

  @Test func `a file of more than 1 MiB is refused`() {
    let fill = [UInt8](repeating: UInt8(ascii: " "), count: Document.Limit.bytes - 4)
    #expect(parse(Array("a: 1".utf8) + fill) == [])
    #expect(
      parse(Array("a: 1 ".utf8) + fill) == [
        "f.yaml:1:1: expected at most 1 MiB, found a larger file"
      ])
  }

  @Test func `a file that is not there is refused, and one that is, is read`() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("a.yaml").path
    let error = #expect(throws: InvalidDocument.self) {
      try Document(file: path, shownAs: "Scenarios/a.yaml")
    }
    #expect(
      error?.description
        == "Scenarios/a.yaml:1:1: cannot be read: no such file, or no permission")
    try Data("a: 1".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try Document(file: path, shownAs: "a.yaml").decode(.entries(of: .int)).count == 1)
    #expect(throws: InvalidDocument.self) {
      try Document(file: folder.url.path, shownAs: "Scenarios")
    }
  }

  @Test func `aliases stand for their values`() {
    let reader = Reader<[Entry<[Int]>]>.entries(of: .list(of: .int))
    #expect(decoded("a: &x [1, 2]\nb: *x\n", reader)?.map(\.value) == [[1, 2], [1, 2]])
  }

  /// Nine references a level: 9⁹ values from nine lines.
  private var bomb: String {
    var text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let references = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
      text += "l\(level): &l\(level) [\(references)]\n"
    }
    return text
  }

  @Test(.timeLimit(.minutes(1))) func `an alias bomb is refused at the limit of values`() throws {
    let found = parse(bomb)
    #expect(found.count == 1)
    let issue = try #require(found.first)
    #expect(
      issue.hasSuffix("expected at most 20000 values after replacing aliases, found more"))
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "*l9 : 1", "? *l9\n: 1", "{ *l9 : 1 }", "[ *l9 ]: 1", "x: { [ *l9 ] : 1 }",
      "x: { ? [ *l9 ] : 1 }", "x: { a: 1, ?*l9 : 2 }",
    ])
  func `an alias bomb as a key is refused before it is hashed`(_ key: String) {
    let lines = bomb.split(separator: "\n").count + key.split(separator: "\n").count - 1
    let found = parse(bomb + key + "\n")
    #expect(found.count == 1)
    #expect(
      found.allSatisfy {
        $0.contains("expected a plain word as key; a file with anchors and aliases may not")
          && $0.hasPrefix("f.yaml:1")
      }, "\(found), \(lines) lines")
  }

  @Test func `nesting beyond 64 levels is refused`() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(parse(nested(64)) == [])
    #expect(parse(nested(65)).first?.contains("expected at most 64 levels of nesting") == true)
    #expect(parse(nested(100_000)).count == 1)
  }

  @Test func `random damage never traps and always has a place`() {
    let text = "scheme: a\nweights: { format: int4, group_size: 32 }\nowners: [&x a, *x]\n"
    for seed in UInt64(1)...300 {
      var random = SeededGenerator(seed: seed)
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: position)
        default:
          bytes.insert(
            contentsOf: Array("&*?:{}[]\t\n".utf8).shuffled(using: &random), at: position)
        }
      }
      do throws(InvalidDocument) {
        _ = try Document(bytes: bytes, file: "f.yaml").decode(Scheme.reader)
      } catch {
        #expect(
          error.issues.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 }, "seed \(seed)")
      }
    }
  }

  @Test func `canonical text ignores comments, layout and the order of keys`() throws {
    func canonical(_ text: String) throws -> String {
      try Document(text: text, file: "f.yaml").canonicalText
    }
    let first = try canonical("a: 1\nb: [x, { c: d }]\n")
    #expect(try canonical("# words\nb:\n  - x\n  - c: d\na:   1\n") == first)
    #expect(try canonical("b: &q [x, { c: d }]\na: 1\n") == first)
    #expect(try canonical("a: \"1\"\nb: [x, { c: d }]\n") != first)
    #expect(try canonical("a: 1\nb: [{ c: d }, x]\n") != first)
    #expect(try canonical("a: 1\nb: [x, { c: d, e: f }]\n") != first)
  }
}
