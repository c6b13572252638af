import Documents
import Testing

@Suite struct FieldsTests {
  @Test func `a record decodes`() {
    let text = """
      scheme: int4-g32
      weights: { format: int4, group_size: 32, clip: 0.1 % }
      owners: [ml-platform]
      """
    #expect(
      decoded(text, Scheme.reader)
        == Scheme(
          name: "int4-g32", weights: Weights(format: .int4, groupSize: 32, clip: 0.001),
          owners: ["ml-platform"]))
  }

  @Test func `every issue is reported with its position and key path`() {
    let text = """
      weigths:
        format: int4
      owners: [a, no, 3]
      weights:
        format: in8
        group_size: 1
        method: gptq
      """
    #expect(
      issues(text, Scheme.reader) == [
        "f.yaml:1:1: missing key 'scheme': a name (lower-case letters, digits, '.', '_', '-')",
        "f.yaml:1:1: weigths: unknown key",
        "f.yaml:3:13: owners[1]: expected text, found 'no', which YAML may take for a truth value; "
          + "put it in quotes",
        "f.yaml:3:17: owners[2]: expected text, found '3', which YAML may take for a number; "
          + "put it in quotes",
        "f.yaml:5:11: weights.format: expected one of 'int8', 'int4', found 'in8' "
          + "(did you mean 'int8'?)",
        "f.yaml:6:15: weights.group_size: expected a whole number from 2 to 1024, found '1'",
        "f.yaml:7:3: weights.method: not available yet (rounding method)",
      ])
  }

  @Test func `a mistyped required key is named on both sides`() {
    #expect(
      issues("scheme: a\nweigths: { format: int8 }", Scheme.reader) == [
        "f.yaml:1:1: missing key 'weights': a mapping",
        "f.yaml:2:1: weigths: unknown key (did you mean 'weights'?)",
      ])
  }

  @Test func `a rule between keys is reported at the key it is about`() {
    #expect(
      issues("scheme: a\nweights: { format: int4 }", Scheme.reader) == [
        "f.yaml:2:20: weights.format: int4 needs 'group_size'"
      ])
  }

  @Test func `a word in place of a mapping says which mapping`() {
    #expect(
      issues("scheme: a\nweights: int8", Scheme.reader) == [
        "f.yaml:2:10: weights: expected a mapping (weights), found 'int8'"
      ])
  }
}
