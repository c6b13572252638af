/// A name that resolves to a file, or the definition itself in place of the name.
public enum Reference<Value> {
  /// The name, and where it was written.
  case name(Located<String>)
  /// An inline definition, and where it was written.
  case inline(Located<Value>)
}

extension Reference: Sendable where Value: Sendable {}

/// A key of a mapping and its value, in the order of the file.
public struct Entry<Value> {
  /// The key, and where it was written.
  public let key: Located<String>
  /// Its value.
  public let value: Value
}

extension Entry: Sendable where Value: Sendable {}

extension Reader {
  /// A list, in order. Empty only where `counts` allows it.
  public static func list<Element>(
    of element: Reader<Element>, count: ClosedRange<Int> = 0 ... .max
  ) -> Reader where Value == [Element] {
    let size =
      switch (count.lowerBound, count.upperBound) {
      case (0, .max): "a list"
      case (1, .max): "a list that is not empty"
      case (let low, .max): "a list of at least \(low)"
      case (let low, let high) where low == high: "a list of \(low)"
      case (let low, let high): "a list of \(low) to \(high)"
      }
    return Reader(
      expected: size,
      schema: { builder in
        var schema = JSON.object([("type", .string("array")), ("items", element.schema(builder))])
        if count.lowerBound > 0 {
          schema = schema.adding("minItems", .number("\(count.lowerBound)"))
        }
        if count.upperBound < .max {
          schema = schema.adding("maxItems", .number("\(count.upperBound)"))
        }
        return schema
      },
      read: { node, reading in
        guard case .sequence(let nodes) = node.content else {
          reading.report("expected \(size), found \(node.found)", at: node.place)
          return nil
        }
        guard count.contains(nodes.count) else {
          reading.report("expected \(size), found \(nodes.count) elements", at: node.place)
          return nil
        }
        let values = nodes.map { element.read($0, reading) }
        let good = values.compactMap(\.self)
        return good.count == values.count ? good : nil
      })
  }

  /// A list that is not empty, or one element written without brackets.
  public static func oneOrMany<Element>(
    of element: Reader<Element>
  ) -> Reader where Value == [Element] {
    let many = Reader.list(of: element, count: 1 ... .max)
    return Reader(
      expected: "\(element.expected), or a list",
      schema: { .object([("anyOf", .array([element.schema($0), many.schema($0)]))]) },
      read: { node, reading in
        if case .sequence = node.content { return many.read(node, reading) }
        return element.read(node, reading).map { [$0] }
      })
  }

  /// A mapping with free keys, in the order of the file.
  public static func entries<Element>(
    of element: Reader<Element>
  ) -> Reader where Value == [Entry<Element>] {
    Reader(
      expected: "a mapping",
      schema: {
        .object([("type", .string("object")), ("additionalProperties", element.schema($0))])
      },
      read: { node, reading in
        guard case .mapping(let entries) = node.content else {
          reading.report("expected a mapping, found \(node.found)", at: node.place)
          return nil
        }
        let values = entries.map { entry in
          element.read(entry.value, reading).map {
            Entry(key: Located(entry.key, at: entry.keyPlace), value: $0)
          }
        }
        let good = values.compactMap(\.self)
        return good.count == values.count ? good : nil
      })
  }

  /// A name, or a mapping that is the definition itself.
  public static func nameOrInline<Definition>(
    _ definition: Reader<Definition>
  ) -> Reader where Value == Reference<Definition> {
    let name = Reader<String>.name
    return Reader(
      expected: "a name, or \(definition.expected)",
      schema: { .object([("anyOf", .array([name.schema($0), definition.schema($0)]))]) },
      read: { node, reading in
        switch node.content {
        case .scalar: name.read(node, reading).map { .name(Located($0, at: node.place)) }
        case .mapping: definition.read(node, reading).map { .inline(Located($0, at: node.place)) }
        case .sequence:
          {
            reading.report("expected a name or a mapping, found a list", at: node.place)
            return nil
          }()
        }
      })
  }

  /// Two ways to write a value: a mapping is read by one reader, a word or number by the other.
  public static func scalar(_ scalar: Reader, orMapping mapping: Reader) -> Reader {
    Reader(
      expected: "\(scalar.expected), or \(mapping.expected)",
      schema: { .object([("anyOf", .array([scalar.schema($0), mapping.schema($0)]))]) },
      read: { node, reading in
        if case .mapping = node.content { return mapping.read(node, reading) }
        return scalar.read(node, reading)
      })
  }

  /// Two ways to write a value: a list is read by one reader, everything else by the other.
  public static func scalar(_ scalar: Reader, orList list: Reader) -> Reader {
    Reader(
      expected: "\(scalar.expected), or \(list.expected)",
      schema: { .object([("anyOf", .array([scalar.schema($0), list.schema($0)]))]) },
      read: { node, reading in
        if case .sequence = node.content { return list.read(node, reading) }
        return scalar.read(node, reading)
      })
  }
}
