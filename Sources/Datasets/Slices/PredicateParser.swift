import Documents

/// Reads conditions such as `length < 20 and (hour >= 22 or town in ['Rome', 'Bonn'])`.
///
///     condition  = both { "or" both }
///     both       = single { "and" single }
///     single     = "not" single | "(" condition ")" | comparison
///     comparison = property ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
///                | property [ "not" ] "in" "[" value { "," value } "]"
///                | property "is" [ "not" ] "missing"
///     property   = a word (letters, digits, `_`, `-`, `.`) | anything in backquotes
///     value      = a number | text in single or double quotes
///
/// Text is only equal, unequal, in a list or missing; `==` is the same as `=`.
package struct PredicateParser {
  /// Deepest nesting of brackets and `not`.
  package static let deepest = 32
  private static let keywords: Set<String> = ["and", "or", "not", "in", "is", "missing"]

  private let tokens: [(token: PredicateToken, character: Int)]
  private let properties: [Property]
  private var position = 0

  /// Reads a condition.
  ///
  /// - Throws: `PredicateError` with the character and what was expected there.
  package static func parse(
    _ text: String, properties: [Property]
  ) throws(PredicateError) -> Predicate {
    var parser = PredicateParser(
      tokens: try PredicateLexer.tokens(of: text), properties: properties)
    let predicate = try parser.condition(depth: 0)
    guard parser.token == .end else { throw parser.failure("'and', 'or' or the end") }
    return predicate
  }

  private init(
    tokens: [(token: PredicateToken, character: Int)], properties: [Property]
  ) {
    self.tokens = tokens
    self.properties = properties
  }

  private var token: PredicateToken { tokens[position].token }

  private func failure(_ expected: String, suggestion: String? = nil) -> PredicateError {
    PredicateError(
      character: tokens[position].character,
      message: "expected \(expected), found \(token.shown)", suggestion: suggestion)
  }

  private mutating func take(_ wanted: PredicateToken) -> Bool {
    guard token == wanted else { return false }
    position += 1
    return true
  }

  private mutating func condition(depth: Int) throws(PredicateError) -> Predicate {
    var parts = [try both(depth: depth)]
    while take(.word("or")) { parts.append(try both(depth: depth)) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func both(depth: Int) throws(PredicateError) -> Predicate {
    var parts = [try single(depth: depth)]
    while take(.word("and")) { parts.append(try single(depth: depth)) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func single(depth: Int) throws(PredicateError) -> Predicate {
    guard depth < Self.deepest else {
      throw failure("at most \(Self.deepest) nested brackets and 'not'")
    }
    if take(.word("not")) { return .not(try single(depth: depth + 1)) }
    if take(.symbol("(")) {
      let inner = try condition(depth: depth + 1)
      guard take(.symbol(")")) else { throw failure("')'") }
      return inner
    }
    return try comparison()
  }

  private mutating func comparison() throws(PredicateError) -> Predicate {
    let property = try property()
    if take(.word("is")) {
      let negated = take(.word("not"))
      guard take(.word("missing")) else {
        throw failure(negated ? "'missing'" : "'missing' or 'not missing'")
      }
      return negated ? .not(.missing(property: property)) : .missing(property: property)
    }
    let negated = take(.word("not"))
    if take(.word("in")) {
      return .oneOf(property: property, try list(of: property), negated: negated)
    }
    if negated { throw failure("'in'") }
    guard case .symbol(let symbol) = token, let comparison = Predicate.Comparison(rawValue: symbol)
    else { throw failure("a comparison, 'in' or 'is'") }
    if !properties[property].isNumber, comparison != .equal, comparison != .unequal {
      throw failure("'=', '!=', 'in' or 'is' behind '\(properties[property].name)', which is text")
    }
    position += 1
    switch try value(of: property) {
    case .number(let bound): return .number(property: property, comparison, bound)
    case let value:
      return .oneOf(property: property, [value], negated: comparison == .unequal)
    }
  }

  private mutating func property() throws(PredicateError) -> Int {
    let name: String
    switch token {
    case .property(let quoted): name = quoted
    case .word(let word) where !Self.keywords.contains(word): name = word
    default: throw failure("a property, 'not' or '('")
    }
    guard let index = properties.firstIndex(where: { $0.name == name }) else {
      let listed = properties.map { "'\($0.name)'" }.joined(separator: ", ")
      throw failure(
        properties.isEmpty ? "no property, since there is none" : "one of \(listed)",
        suggestion: NearMiss.find(name, among: properties.map(\.name)))
    }
    position += 1
    return index
  }

  private mutating func list(of property: Int) throws(PredicateError) -> [PropertyValue] {
    guard take(.symbol("[")) else { throw failure("'['") }
    var values: [PropertyValue] = []
    repeat { values.append(try value(of: property)) } while take(.symbol(","))
    guard take(.symbol("]")) else { throw failure("',' or ']'") }
    return values
  }

  /// A literal of the property's type.
  private mutating func value(of property: Int) throws(PredicateError) -> PropertyValue {
    let value: PropertyValue
    switch (token, properties[property].isNumber) {
    case (.number(let number), true): value = .number(number)
    case (.text(let text), false): value = .text(text)
    case (_, true): throw failure("a number, as '\(properties[property].name)' is one")
    case (_, false):
      throw failure("text in quotes, as '\(properties[property].name)' is text")
    }
    position += 1
    return value
  }
}
