/// JSON as it stands in a file: strings are bytes, because Swift's strings call canonically equal
/// ones equal and a vocabulary does not; numbers are their text, so nothing is rounded twice.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string([UInt8])
  case array([JSONValue])
  case object([(key: [UInt8], value: JSONValue)])

  /// What the value is, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .string(let bytes): "'\(shown(bytes))'"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Appends the value with its keys in byte order and every string prefixed by its length: equal
  /// values and only they give equal bytes.
  func appendCanonicalForm(to bytes: inout [UInt8]) {
    func append(_ tag: String) { bytes.append(contentsOf: tag.utf8) }
    switch self {
    case .null: append("n;")
    case .bool(let value): append(value ? "t;" : "f;")
    case .number(let text): append("#\(text);")
    case .string(let text):
      append("s\(text.count):")
      bytes.append(contentsOf: text)
    case .array(let items):
      append("[\(items.count):")
      for item in items { item.appendCanonicalForm(to: &bytes) }
    case .object(let members):
      append("{\(members.count):")
      for member in members.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        JSONValue.string(member.key).appendCanonicalForm(to: &bytes)
        member.value.appendCanonicalForm(to: &bytes)
      }
    }
  }
}

/// At most 40 bytes of a text, for messages.
func shown(_ bytes: some Collection<UInt8>) -> String {
  let text = String(decoding: bytes.prefix(40), as: UTF8.self)
  return bytes.count > 40 ? text + "…" : text
}
