import Documents
import Testing

@Suite struct CollectionReaderTests {
  @Test func `a list has bounds`() {
    let pair = Reader<[Int]>.list(of: .int, count: 2...2)
    #expect(decoded("[1, 2]", pair) == [1, 2])
    #expect(issues("[1]", pair) == ["f.yaml:1:1: expected a list of 2, found 1 elements"])
    #expect(issues("1", pair) == ["f.yaml:1:1: expected a list of 2, found '1'"])
    #expect(
      issues("[]", Reader<[Int]>.list(of: .int, count: 1 ... .max))
        == ["f.yaml:1:1: expected a list that is not empty, found 0 elements"])
    #expect(decoded("[]", Reader<[Int]>.list(of: .int)) == [])
  }

  @Test func `one element may stand without brackets`() {
    let reader = Reader<[String]>.oneOrMany(of: .name)
    #expect(decoded("a", reader) == ["a"])
    #expect(decoded("[a, b]", reader) == ["a", "b"])
    #expect(
      issues("[]", reader) == ["f.yaml:1:1: expected a list that is not empty, found 0 elements"])
  }

  @Test func `a mapping with free keys keeps its order and places`() {
    let entries = decoded("{ b: 1, a: 2 }", Reader<[Entry<Int>]>.entries(of: .int))
    #expect(entries?.map(\.key.value) == ["b", "a"])
    #expect(entries?.map(\.value) == [1, 2])
    #expect(entries?.last?.key.place.description == "f.yaml:1:9: a")
    #expect(
      issues("{ b: x }", Reader<[Entry<Int>]>.entries(of: .int))
        == ["f.yaml:1:6: b: expected a whole number, found 'x'"])
    #expect(
      issues("[1]", Reader<[Entry<Int>]>.entries(of: .int))
        == ["f.yaml:1:1: expected a mapping, found a list"])
  }

  @Test func `a name or an inline definition`() throws {
    let reader = Reader<[Reference<Weights>]>.list(of: .nameOrInline(Weights.reader))
    let references = try #require(decoded("- int8\n- { format: int8 }", reader))
    guard case .name(let name) = references[0], case .inline(let inline) = references[1] else {
      Issue.record("expected a name and a definition, found \(references)")
      return
    }
    #expect(name.value == "int8" && name.place.description == "f.yaml:1:3: [0]")
    #expect(inline.value.format == .int8 && inline.place.line == 2)
    #expect(
      issues("- [int8]", reader) == [
        "f.yaml:1:3: [0]: expected a name or a mapping, found a list"
      ])
  }

  @Test func `alternatives by key, nested`() {
    let text = "- residual:\n    layers:\n      - conv: { filters: 8 }\n      - relu\n- relu"
    #expect(
      decoded(text, Reader<[Layer]>.list(of: Layer.reader))
        == [.residual([.conv(filters: 8), .relu]), .relu])
  }

  @Test(
    arguments: [
      ("conf: { filters: 8 }", "f.yaml:1:1: conf: ", " (did you mean 'conv'?)"),
      ("rely", "f.yaml:1:1: ", " (did you mean 'relu'?)"),
    ])
  func `an unknown alternative gets a suggestion`(_ text: String, _ start: String, _ end: String) {
    let found = text.prefix { $0 != ":" }
    #expect(
      issues(text, Layer.reader)
        == ["\(start)expected one of 'relu', 'conv', 'residual', found '\(found)'\(end)"])
  }

  @Test func `alternatives by key take exactly one`() {
    #expect(
      issues("{ conv: { filters: 8 }, relu: {} }", Layer.reader)
        == ["f.yaml:1:1: expected a mapping with one key, found 2 keys"])
    #expect(
      issues("conv", Layer.reader)
        == ["f.yaml:1:1: missing key 'filters': a whole number from 1 to 512"])
    #expect(
      issues("[conv]", Layer.reader)
        == ["f.yaml:1:1: expected one of 'relu', 'conv', 'residual', found a list"])
  }

  @Test func `alternatives by tag`() {
    #expect(decoded("{ op: conv, filters: 8 }", Layer.tagged) == .conv(filters: 8))
    #expect(decoded("{ op: relu }", Layer.tagged) == .relu)
    #expect(
      issues("{ op: relu, filters: 8 }", Layer.tagged) == ["f.yaml:1:13: filters: unknown key"])
    #expect(
      issues("{ op: cov, filters: 8 }", Layer.tagged) == [
        "f.yaml:1:7: op: expected one of 'relu', 'conv', found 'cov' (did you mean 'conv'?)"
      ])
    #expect(
      issues("{ op: attention }", Layer.tagged) == [
        "f.yaml:1:7: op: 'attention' is not available yet; expected one of 'relu', 'conv'"
      ])
    #expect(
      issues("{ filters: 8 }", Layer.tagged)
        == ["f.yaml:1:1: missing key 'op': one of 'relu', 'conv'"])
    #expect(
      issues("relu", Layer.tagged)
        == ["f.yaml:1:1: expected a mapping with the key 'op', found 'relu'"])
  }
}
