/// Reads one YAML value as a `Value`, reports what is wrong with it, and describes itself as a JSON
/// Schema. ``Document`` shows how readers are declared and used.
public struct Reader<Value>: Sendable {
  /// What is accepted, to stand after "expected", for example `a whole number from 1 to 64`.
  public let expected: String
  let read: @Sendable (Node, Reading) -> Value?
  let schema: @Sendable (SchemaBuilder) -> JSON

  init(
    expected: String, schema: @escaping @Sendable (SchemaBuilder) -> JSON,
    read: @escaping @Sendable (Node, Reading) -> Value?
  ) {
    self.expected = expected
    self.schema = schema
    self.read = read
  }

  /// A reader of plain or quoted scalars that needs only the node: `nil` means "not what is expected".
  init(
    scalar expected: String, schema: JSON,
    hint: @escaping @Sendable (Node) -> String? = { _ in nil },
    _ convert: @escaping @Sendable (Node) -> Value?
  ) {
    self.init(expected: expected, schema: { _ in schema }) { node, reading in
      if let value = convert(node) { return value }
      reading.report(
        "expected \(expected), found \(node.found)", at: node.place, suggestion: hint(node))
      return nil
    }
  }

  /// The same value together with where it was written, for checks that come later.
  public var located: Reader<Located<Value>> {
    Reader<Located<Value>>(expected: expected, schema: schema) { node, reading in
      read(node, reading).map { Located($0, at: node.place) }
    }
  }

  /// Converts what was read; `nil` reports "expected `expected`, found …".
  public func mapped<New>(
    expected: String, _ convert: @escaping @Sendable (Value) -> New?
  ) -> Reader<New> {
    Reader<New>(expected: expected, schema: schema) { node, reading in
      guard let value = read(node, reading) else { return nil }
      if let new = convert(value) { return new }
      reading.report("expected \(expected), found \(node.found)", at: node.place)
      return nil
    }
  }

  /// Converts what was read; this cannot fail.
  public func map<New>(_ convert: @escaping @Sendable (Value) -> New) -> Reader<New> {
    Reader<New>(expected: expected, schema: schema) { node, reading in
      read(node, reading).map(convert)
    }
  }

  /// Accepts only values that hold a condition, and says "expected `expected`" otherwise.
  public func only(
    _ expected: String, where isAllowed: @escaping @Sendable (Value) -> Bool
  ) -> Reader {
    mapped(expected: expected) { isAllowed($0) ? $0 : nil }
  }
}
