import Documents

/// How an example's value of one slice key follows from its properties.
struct SliceRule: Sendable {
  enum Kind: Sendable {
    /// The property's own value.
    case value(property: Int)
    /// The name of the range that the number falls in; one name more than edges, lowest first.
    case ranges(property: Int, edges: [Double], names: [String])
    /// `yes` or `no`.
    case condition(Predicate)
  }

  /// The slice value of examples that lack the property.
  static let missing = "missing"

  let key: String
  let kind: Kind

  /// The slice value of an example.
  func value(of row: [PropertyValue]) -> String {
    switch kind {
    case .value(let property):
      if case .text(let text) = row[property] { return text }
      return SliceRule.missing
    case .ranges(let property, let edges, let names):
      guard case .number(let number) = row[property] else { return SliceRule.missing }
      return names[edges.count { $0 <= number }]
    case .condition(let predicate): return predicate.holds(row) ? "yes" : "no"
    }
  }

  /// The names of the ranges between `edges`: `<0`, `0..<25`, …, `>=65`.
  static func names(between edges: [Double]) -> [String] {
    let shown = edges.map(PropertyValue.shown)
    guard let first = shown.first, let last = shown.last else { return [] }
    return ["<\(first)"] + zip(shown, shown.dropFirst()).map { "\($0)..<\($1)" } + [">=\(last)"]
  }
}

/// The slices of a dataset.
struct SliceRules: Sendable {
  let rules: [SliceRule]

  /// The slice keys.
  var keys: [String] { rules.map(\.key) }

  /// An example's slice values, in the order of the keys.
  func values(of row: [PropertyValue]) -> [String] { rules.map { $0.value(of: row) } }

  /// Declares `slices`: names of properties, ranges of numbers and conditions.
  static func entries(_ fields: Fields) -> [SliceEntry] {
    fields.optional(
      "slices", .list(of: SliceEntry.reader, count: 0...1000),
      "Properties whose values name slices; ranges of numbers; conditions.", default: [])
  }

  /// Finds what the entries name, and reports what they get wrong.
  ///
  /// - Parameter first: Slices that the dataset has anyway.
  init(
    behind first: [SliceRule] = [], _ entries: [SliceEntry], properties: [Property],
    _ fields: Fields
  ) {
    var rules = first
    for entry in entries {
      if rules.contains(where: { $0.key == entry.name.value }) {
        fields.report("the slice '\(entry.name.value)' is listed twice", at: entry.name.place)
      } else if let kind = entry.resolved(properties, fields) {
        rules.append(SliceRule(key: entry.name.value, kind: kind))
      }
    }
    self.rules = rules
  }
}

/// A slice as a file writes it: `town`, `{ name: age, ranges: [25, 45, 65] }`, or
/// `{ name: short-night, where: "length < 20 and hour >= 22" }`.
struct SliceEntry: Sendable {
  enum Kind: Sendable {
    case value
    case ranges([Double], names: [String]?)
    case condition(Located<String>)
  }

  let name: Located<String>
  /// The property that it reads; not for conditions.
  let property: Located<String>
  let kind: Kind

  static let reader = Reader<SliceEntry>.scalar(
    Reader<String>.string.located.map { SliceEntry(name: $0, property: $0, kind: .value) },
    orMapping: .record("slice", "A slice by ranges of a number, or by a condition.") { fields in
      let name = fields.required(
        "name", Reader<String>.string.located,
        "The slice key, and the property unless that is named too.")
      let property = fields.optional(
        "property", Reader<String>.string.located,
        "The property that is read, where the slice is called otherwise.")
      let ranges = fields.optional(
        "ranges", .list(of: .double, count: 1...1000),
        "Edges in ascending order; a range includes its lower edge.")
      let names = fields.optional(
        "names", .list(of: .string, count: 2...1001), "Names of the ranges, lowest first.")
      let condition = fields.optional(
        "where", Reader<String>.string.located,
        "A condition; the slice's values are 'yes' and 'no'.")
      if fields.has("where"), fields.has("ranges") || fields.has("property") {
        fields.report("a slice has either a condition or a property", at: "where")
      }
      check(ranges, names, fields)
      guard let name else { return nil }
      let kind: Kind =
        condition.map { .condition($0) } ?? ranges.map { .ranges($0, names: names) } ?? .value
      return SliceEntry(name: name, property: property ?? name, kind: kind)
    })

  private static func check(_ ranges: [Double]?, _ names: [String]?, _ fields: Fields) {
    if let ranges, zip(ranges, ranges.dropFirst()).contains(where: { $0 >= $1 }) {
      fields.report("expected edges in ascending order", at: "ranges")
    }
    guard let names else { return }
    if Set(names).count < names.count { fields.report("a name is listed twice", at: "names") }
    if let ranges, names.count != ranges.count + 1 {
      fields.report(
        "expected \(ranges.count + 1) names for \(ranges.count) edges: below the first, between "
          + "them, from the last; found \(names.count)", at: "names")
    }
    if !fields.has("ranges") { fields.report("names need 'ranges'", at: "names") }
  }

  /// The rule over `properties`; `nil` after an issue.
  fileprivate func resolved(_ properties: [Property], _ fields: Fields) -> SliceRule.Kind? {
    if case .condition(let text) = kind {
      do throws(PredicateError) {
        return .condition(try PredicateParser.parse(text.value, properties: properties))
      } catch {
        fields.report(
          "character \(error.character): \(error.message)", at: text.place,
          suggestion: error.suggestion)
        return nil
      }
    }
    guard let index = properties.firstIndex(where: { $0.name == property.value }) else {
      fields.report(
        "no column '\(property.value)'", at: property.place,
        suggestion: NearMiss.find(property.value, among: properties.map(\.name)))
      return nil
    }
    guard case .ranges(let edges, let names) = kind else {
      if properties[index].isNumber {
        fields.report("a numeric column cannot be a slice without 'ranges'", at: property.place)
        return nil
      }
      return .value(property: index)
    }
    guard properties[index].isNumber else {
      fields.report("'\(property.value)' is text; ranges are of numbers", at: property.place)
      return nil
    }
    return .ranges(property: index, edges: edges, names: names ?? SliceRule.names(between: edges))
  }
}
