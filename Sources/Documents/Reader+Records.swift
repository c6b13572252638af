extension Reader {
  /// A mapping with declared keys.
  ///
  /// - Parameters:
  ///   - name: What the mapping is, one word; names its definition in the schema, so unique in a file.
  ///   - doc: One sentence for editors.
  ///   - keepsGoing: Whether the body's value is kept although an issue was reported in it, for
  ///     `Document.decodeAsFarAsPossible`.
  ///   - body: Declares every field, then makes the value; `nil` only after an issue was reported or
  ///     a required field was `nil`.
  public static func record(
    _ name: String, _ doc: String, keepsGoing: Bool = false,
    _ body: @escaping @Sendable (Fields) -> Value?
  ) -> Reader {
    let expected = "a mapping"
    return Reader(
      expected: expected,
      schema: { builder in
        builder.reference(to: name) { tag in
          let fields = Fields(describing: builder, tag: tag)
          _ = body(fields)
          return fields.schema(doc)
        }
      },
      read: { node, reading in
        guard case .mapping(let entries) = node.content else {
          reading.report("expected \(expected) (\(name)), found \(node.found)", at: node.place)
          return nil
        }
        let fields = Fields(node, entries, reading)
        let value = body(fields)
        fields.finish()
        return fields.hasIssues && !keepsGoing ? nil : value
      })
  }

  /// Alternatives told apart by the value of one key: `{ op: conv, filters: 8 }`. The alternative's record
  /// does not declare that key.
  public static func tagged(
    by tag: String, _ cases: KeyValuePairs<String, Reader>, notAvailableYet later: [String] = []
  ) -> Reader {
    let cases = Array(cases).map { (word: $0.key, reader: $0.value) }
    let words = Reader<String>.choice(cases.map(\.word), notAvailableYet: later)
    return Reader(
      expected: "a mapping with the key '\(tag)'",
      schema: { builder in
        .object([
          ("type", .string("object")),
          (
            "properties",
            .object([(tag, .object([("enum", .array(cases.map { .string($0.word) }))]))])
          ), ("required", .array([.string(tag)])),
          (
            "anyOf",
            .array(
              cases.map { item in
                builder.withTag(tag, item.word) { item.reader.schema(builder) }
              })
          ),
        ])
      },
      read: { node, reading in
        guard case .mapping(let entries) = node.content else {
          reading.report(
            "expected a mapping with the key '\(tag)', found \(node.found)", at: node.place)
          return nil
        }
        guard let entry = entries.first(where: { $0.key == tag }) else {
          reading.report("missing key '\(tag)': \(words.expected)", at: node.place)
          return nil
        }
        guard let word = words.read(entry.value, reading) else { return nil }
        let rest = Node(place: node.place, content: .mapping(entries.filter { $0.key != tag }))
        return cases.first { $0.word == word }?.reader.read(rest, reading)
      })
  }

  /// Alternatives told apart by the only key of a mapping: `{ conv: { filters: 8 } }`. A bare word
  /// stands for the alternative with an empty mapping: `relu`.
  public static func keyed(
    _ cases: KeyValuePairs<String, Reader>, notAvailableYet later: [String] = []
  ) -> Reader {
    let cases = Array(cases).map { (word: $0.key, reader: $0.value) }
    let words = Reader<String>.choice(cases.map(\.word), notAvailableYet: later)
    return Reader(
      expected: words.expected,
      schema: { builder in
        let single = cases.map { item in
          JSON.object([
            ("type", .string("object")),
            ("properties", .object([(item.word, item.reader.schema(builder))])),
            ("required", .array([.string(item.word)])), ("additionalProperties", .bool(false)),
          ])
        }
        return .object([("anyOf", .array(single + [words.schema(builder)]))])
      },
      read: { node, reading in
        switch node.content {
        case .scalar:
          guard let word = words.read(node, reading) else { return nil }
          let empty = Node(place: node.place, content: .mapping([]))
          return cases.first { $0.word == word }?.reader.read(empty, reading)
        case .mapping(let entries) where entries.count == 1:
          let key = Node(
            place: entries[0].keyPlace, content: .scalar(entries[0].key, quoted: false))
          guard let word = words.read(key, reading) else { return nil }
          return cases.first { $0.word == word }?.reader.read(entries[0].value, reading)
        case .mapping(let entries):
          reading.report(
            "expected a mapping with one key, found \(entries.count) keys", at: node.place)
          return nil
        case .sequence:
          reading.report("expected \(words.expected), found a list", at: node.place)
          return nil
        }
      })
  }
}
