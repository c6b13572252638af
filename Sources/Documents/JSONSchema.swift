/// A JSON value whose objects keep the order of their keys.
indirect enum JSON: Equatable, Sendable {
  case string(String)
  case number(String)
  case bool(Bool)
  case array([JSON])
  case object([(key: String, value: JSON)])

  static func == (left: JSON, right: JSON) -> Bool { left.text() == right.text() }

  /// Two spaces a level, one leaf a line.
  func text(indent: String = "") -> String {
    let deeper = indent + "  "
    switch self {
    case .string(let value): return JSON.quoted(value)
    case .number(let value): return value
    case .bool(let value): return value ? "true" : "false"
    case .array(let values):
      if values.isEmpty { return "[]" }
      let lines = values.map { deeper + $0.text(indent: deeper) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
    case .object(let entries):
      if entries.isEmpty { return "{}" }
      let lines = entries.map {
        "\(deeper)\(JSON.quoted($0.key)): \($0.value.text(indent: deeper))"
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// This object with one more key.
  func adding(_ key: String, _ value: JSON) -> JSON {
    guard case .object(let entries) = self else { return self }
    return .object(entries + [(key, value)])
  }
}

/// Collects the records that a schema refers to by name.
final class SchemaBuilder {
  /// The key that tells alternatives apart, and its value for the one that is being described.
  struct Tag {
    let key: String
    let word: String
  }

  private var definitions: [String: JSON] = [:]
  private var begun: Set<String> = []
  private var tag: Tag?

  /// A reference to a record, described once; as an alternative it also has the tag's key.
  func reference(to name: String, describe: (Tag?) -> JSON) -> JSON {
    let tag = self.tag
    self.tag = nil
    let full = tag.map { "\(name)-\($0.key)-\($0.word)" } ?? name
    if begun.insert(full).inserted { definitions[full] = describe(tag) }
    return .object([("$ref", .string("#/definitions/\(full)"))])
  }

  /// Describes an alternative: the next record gets the tag's key.
  func withTag(_ key: String, _ word: String, describe: () -> JSON) -> JSON {
    tag = Tag(key: key, word: word)
    defer { tag = nil }
    return describe()
  }

  /// The definitions so far, by name.
  var sorted: [(key: String, value: JSON)] {
    definitions.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
  }
}

extension Reader {
  /// The JSON Schema (draft 7, which editors' YAML support understands) of what this reader accepts.
  /// It is complete for names, types, units and required keys; rules between keys are checked only by
  /// decoding.
  public func jsonSchema(title: String) -> String {
    let builder = SchemaBuilder()
    let root = schema(builder)
    let head: [(key: String, value: JSON)] = [
      ("$schema", .string("http://json-schema.org/draft-07/schema#")), ("title", .string(title)),
      ("allOf", .array([root])), ("definitions", .object(builder.sorted)),
    ]
    return JSON.object(head).text() + "\n"
  }
}
