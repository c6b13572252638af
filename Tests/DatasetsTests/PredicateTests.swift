import Datasets
import TestSupport
import Testing

@Suite struct PredicateTests {
  private static let properties = [
    Property("length", isNumber: true), Property("hour", isNumber: true), Property("town"),
    Property("hours-per-week", isNumber: true), Property("a b"),
  ]

  private func parse(_ text: String) throws -> Predicate {
    try PredicateParser.parse(text, properties: Self.properties)
  }

  private func holds(
    _ text: String, length: Double? = nil, hour: Double? = nil, town: String? = nil
  ) throws -> Bool {
    func number(_ value: Double?) -> PropertyValue { value.map { .number($0) } ?? .missing }
    return try parse(text).holds([
      number(length), number(hour), town.map { .text($0) } ?? .missing, .number(40), .text("x"),
    ])
  }

  @Test func `comparisons, lists and words for and, or, not mean what they say`() throws {
    #expect(try holds("length < 20 and hour >= 22", length: 19, hour: 22))
    #expect(try !holds("length < 20 and hour >= 22", length: 20, hour: 22))
    #expect(try holds("length = -1.5e1", length: -15))
    #expect(try holds("town in ['Rome', \"Bonn\"]", town: "Bonn"))
    #expect(try holds("town not in ['Rome']", town: "Bonn"))
    #expect(try holds("town != 'Rome'", town: "Bonn"))
    #expect(try holds("hours-per-week == 40 and `a b` = 'x'"))
    #expect(try holds("hour in [1, 2, 3]", hour: 2))
    #expect(try holds("not (hour > 3 or hour < 1)", hour: 2))
    #expect(try holds("length is missing and hour is not missing", hour: 2))
  }

  @Test func `and binds more tightly than or, not more tightly than and`() throws {
    #expect(try holds("hour = 1 or hour = 2 and length = 9", length: 0, hour: 1))
    #expect(try !holds("(hour = 1 or hour = 2) and length = 9", length: 0, hour: 1))
    #expect(try !holds("not hour = 1 and length = 9", length: 0, hour: 2))
  }

  @Test(arguments: ["town = 'a'", "town != 'a'", "town not in ['a']", "length < 1", "length != 1"])
  func `nothing compared with a missing value holds`(text: String) throws {
    #expect(try !holds(text))
  }

  @Test(
    arguments: [
      ("", 1, "expected a property, 'not' or '(', found the end", nil),
      ("lenght < 1", 1, "expected one of 'length'", "length"),
      ("length <", 9, "expected a number, as 'length' is one, found the end", nil),
      ("length < 'a'", 10, "expected a number, as 'length' is one, found the text 'a'", nil),
      ("town < 'a'", 6, "expected '=', '!=', 'in' or 'is' behind 'town'", nil),
      ("town = 3", 8, "expected text in quotes, as 'town' is text, found 3", nil),
      ("town = Rome", 8, "expected text in quotes, as 'town' is text, found 'Rome'", nil),
      ("town = 'Rome", 8, "expected a closing '", nil),
      ("hour = 1 hour", 10, "expected 'and', 'or' or the end, found 'hour'", nil),
      ("(hour = 1", 10, "expected ')', found the end", nil),
      ("hour in []", 10, "expected a number", nil),
      ("hour in [1", 11, "expected ',' or ']', found the end", nil),
      ("hour is 3", 9, "expected 'missing' or 'not missing', found 3", nil),
      ("hour not = 3", 10, "expected 'in', found '='", nil),
      ("hour = 3x", 8, "expected a decimal number", nil),
      ("hour = 1e999", 8, "expected a decimal number", nil),
      ("hour & 3", 6, "expected a property, a value or an operator, found '&'", nil),
      ("and = 3", 1, "expected a property", nil),
    ] as [(String, Int, String, String?)])
  func `each mistake is named with its place`(
    text: String, character: Int, message: String, suggestion: String?
  ) throws {
    let error = #expect(throws: PredicateError.self) { _ = try parse(text) }
    #expect(error?.character == character, "\(error?.message ?? "")")
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    #expect(error?.suggestion == suggestion)
  }

  @Test func `deep nesting is refused and long chains are not`() throws {
    let deep = String(repeating: "(", count: 40) + "hour = 1" + String(repeating: ")", count: 40)
    #expect(throws: PredicateError.self) { _ = try parse(deep) }
    #expect(throws: PredicateError.self) {
      _ = try parse(String(repeating: "not ", count: 50_000) + "hour = 1")
    }
    let chain = Array(repeating: "hour = 1", count: 20_000).joined(separator: " or ")
    #expect(try holds(chain, hour: 1))
  }

  @Test func `random text never crashes the parser`() {
    let words = [
      "length", "town", "and", "or", "not", "in", "is", "missing", "(", ")", "[", "]", ",", "<",
      ">=", "=", "'a'", "\"", "`", "1", "-2.5", "1e", "é", "\u{0}",
    ]
    for seed in UInt64(1)...2000 {
      var random = SeededGenerator(seed: seed)
      let text = (0..<Int.random(in: 0...12, using: &random))
        .map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
      _ = try? parse(text)
    }
  }
}
