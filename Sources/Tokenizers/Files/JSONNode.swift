/// A JSON value with the place it has in its file, so that whoever reads it can say what is wrong.
struct JSONNode {
  let value: JSONValue
  let place: String
  let file: String

  /// An error about this value.
  func failure(expected: String, found: String? = nil) -> TokenizerError {
    .malformed(file: file, place: place, expected: expected, found: found ?? value.kind)
  }

  /// An error that names something the file may ask for and this module does not do.
  func unsupported(_ feature: String) -> TokenizerError {
    .unsupported(file: file, place: place, feature: feature)
  }

  /// Whether the value is `null`.
  var isNull: Bool {
    if case .null = value { true } else { false }
  }

  private func below(_ value: JSONValue, _ step: String) -> JSONNode {
    JSONNode(value: value, place: place.isEmpty ? step : "\(place).\(step)", file: file)
  }

  /// The member `key` of an object, or `nil` when it is absent or `null`.
  func optional(_ key: String) throws(TokenizerError) -> JSONNode? {
    guard case .object(let members) = value else { throw failure(expected: "an object") }
    guard let member = members.first(where: { $0.key.elementsEqual(key.utf8) }) else { return nil }
    let node = below(member.value, key)
    return node.isNull ? nil : node
  }

  /// The member `key` of an object.
  func required(_ key: String) throws(TokenizerError) -> JSONNode {
    guard let node = try optional(key) else {
      throw failure(expected: "the key '\(key)'", found: "none, or null")
    }
    return node
  }

  /// All members of an object, in the file's order.
  func members() throws(TokenizerError) -> [(key: [UInt8], value: JSONValue)] {
    guard case .object(let members) = value else { throw failure(expected: "an object") }
    return members
  }

  /// The items of an array.
  func items() throws(TokenizerError) -> [JSONNode] {
    guard case .array(let items) = value else { throw failure(expected: "an array") }
    return items.enumerated().map {
      JSONNode(value: $0.element, place: "\(place)[\($0.offset)]", file: file)
    }
  }

  /// The items of a long array, without a place for each.
  func values() throws(TokenizerError) -> [JSONValue] {
    guard case .array(let items) = value else { throw failure(expected: "an array") }
    return items
  }

  /// A string's bytes.
  func bytes() throws(TokenizerError) -> [UInt8] {
    guard case .string(let bytes) = value else { throw failure(expected: "a string") }
    return bytes
  }

  /// A string.
  func string() throws(TokenizerError) -> String {
    String(decoding: try bytes(), as: UTF8.self)
  }

  /// A string's characters.
  func scalars() throws(TokenizerError) -> [Unicode.Scalar] {
    Array(try string().unicodeScalars)
  }

  /// A string of one character.
  func scalar() throws(TokenizerError) -> Unicode.Scalar {
    let scalars = try scalars()
    guard let scalar = scalars.first, scalars.count == 1 else {
      throw failure(expected: "one character")
    }
    return scalar
  }

  /// `true` or `false`.
  func bool() throws(TokenizerError) -> Bool {
    guard case .bool(let flag) = value else { throw failure(expected: "true or false") }
    return flag
  }

  /// The member `key` if there is one, else `fallback`.
  func bool(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
    try optional(key)?.bool() ?? fallback
  }

  /// A whole number in a range.
  func integer(in range: Range<Int>) throws(TokenizerError) -> Int {
    guard case .number(let text) = value, let number = Int(text), range.contains(number) else {
      throw failure(expected: "a whole number in \(range)")
    }
    return number
  }

  /// A finite number.
  func double() throws(TokenizerError) -> Double {
    guard case .number(let text) = value, let number = Double(text), number.isFinite else {
      throw failure(expected: "a finite number")
    }
    return number
  }

  /// The value of the key `type`.
  func type() throws(TokenizerError) -> String {
    try required("type").string()
  }
}
