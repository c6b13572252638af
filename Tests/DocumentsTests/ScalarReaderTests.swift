import Documents
import Testing

@Suite struct ScalarReaderTests {
  /// What a reader says of one value under the key `x`, without the place.
  private func message<Value>(_ text: String, _ reader: Reader<Value>) -> String {
    let record = Reader<Bool>.record("root", "A root.") { fields in
      fields.required("x", reader, "A value.").map { _ in true }
    }
    return issues("x: \(text)", record).first.map { issue in
      #expect(issue.hasPrefix("f.yaml:1:\(text.isEmpty ? 3 : 4): x"), "\(issue)")
      return String(issue.drop { $0 != " " }.dropFirst().drop { $0 != " " }.dropFirst())
    } ?? "accepted"
  }

  private func value<Value>(_ text: String, _ reader: Reader<Value>) -> Value? {
    decoded(text, reader)
  }

  @Test func `text is plain or quoted`() {
    #expect(value("hello there", .string) == "hello there")
    #expect(value("\"no\"", .string) == "no")
    #expect(value("'12'", .string) == "12")
    #expect(value("|\n  two\n  lines", .string) == "two\nlines")
    #expect(value("1.2.3", .string) == "1.2.3")
  }

  @Test(
    arguments: [
      ("no", "truth value"), ("On", "truth value"), ("y", "truth value"), ("12", "number"),
      ("0x1F", "number"), ("1_000", "number"), ("012", "number"), ("1e3", "number"),
      (".inf", "number"), ("12:30:45", "number"), ("-.5", "number"),
    ])
  func `a plain word that YAML may take for something else is not text`(
    _ word: String, _ kind: String
  ) {
    #expect(
      message(word, .string)
        == "expected text, found '\(word)', which YAML may take for a \(kind); put it in quotes")
  }

  @Test(arguments: ["~", "null", ""]) func `nothing is not text`(_ word: String) {
    #expect(message(word, .string) == "expected text, found nothing")
  }

  @Test func `a name is an identifier`() {
    #expect(value("int4-g32", .name) == "int4-g32")
    #expect(value("a_b.c", .name) == "a_b.c")
    let expected = "expected a name (lower-case letters, digits, '.', '_', '-'), found"
    #expect(message("Int8", .name) == "\(expected) 'Int8'")
    #expect(message("../up", .name) == "\(expected) '../up'")
    #expect(message("..", .name) == "\(expected) '..'")
    #expect(message("naïve", .name) == "\(expected) 'naïve'")
    #expect(message("\"\"", .name) == "\(expected) ''")
    #expect(message("[a]", .name) == "\(expected) a list")
  }

  @Test func `only true and false are truth values`() {
    #expect(value("true", .bool) == true)
    #expect(value("false", .bool) == false)
    #expect(message("no", .bool) == "expected true or false, found 'no' (did you mean 'false'?)")
    #expect(message("On", .bool) == "expected true or false, found 'On' (did you mean 'true'?)")
    #expect(message("\"true\"", .bool) == "expected true or false, found the text \"true\"")
    #expect(message("1", .bool) == "expected true or false, found '1'")
  }

  @Test func `whole numbers are decimal and in range`() {
    #expect(value("8", .int(in: 1...8)) == 8)
    #expect(value("-3", .int) == -3)
    #expect(value("0", .count) == 0)
    #expect(message("9", .int(in: 1...8)) == "expected a whole number from 1 to 8, found '9'")
    #expect(message("-1", .count) == "expected a whole number of at least 0, found '-1'")
    #expect(message("9", .int(in: .min...8)) == "expected a whole number of at most 8, found '9'")
    for word in ["0x10", "1_000", "010", "+3", "1e3", "3.0", "12:30", "1 000"] {
      #expect(message(word, .int) == "expected a whole number, found '\(word)'")
    }
    #expect(message("\"3\"", .int) == "expected a whole number, found the text \"3\"")
    #expect(message("99999999999999999999", .int).hasPrefix("expected a whole number, found"))
  }

  @Test func `numbers are decimal and finite`() {
    #expect(value("99.99", .double) == 99.99)
    #expect(value("1e-3", .double) == 0.001)
    #expect(value("-2.5e+2", .double) == -250)
    #expect(
      message("101", .double(in: 0...100)) == "expected a number from 0 to 100, found '101'")
    for word in [".5", "5.", "1_0.5", "0x1p3", ".inf", ".nan", "nan", "1e", "1e999", "01.5"] {
      #expect(message(word, .double) == "expected a number, found '\(word)'")
    }
  }

  @Test func `a choice suggests the nearest word and knows what comes later`() {
    let reader = Reader<Weights.Format>.choice(notAvailableYet: ["nf4"])
    #expect(value("int4", reader) == .int4)
    #expect(
      message("in8", reader)
        == "expected one of 'int8', 'int4', found 'in8' (did you mean 'int8'?)")
    #expect(
      message("nf4", reader) == "'nf4' is not available yet; expected one of 'int8', 'int4'")
    #expect(message("{}", reader) == "expected one of 'int8', 'int4', found a mapping")
    #expect(message("b", Reader<String>.choice(["compact"])) == "expected 'compact', found 'b'")
  }

  @Test func `conversions say what they expect`() {
    let even = Reader<Int>.int.only("an even number") { $0.isMultiple(of: 2) }
    #expect(value("4", even) == 4)
    #expect(message("3", even) == "expected an even number, found '3'")
    #expect(message("x", even) == "expected a whole number, found 'x'")
    #expect(value("4", even.map { "\($0)" }) == "4")
  }
}
