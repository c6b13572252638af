import Tokenizers

/// One line of a JSON Lines file: an object, and where it stands.
struct JSONRecord {
  private let value: JSONValue
  private let file: String
  private let line: Int

  /// Parses a line.
  ///
  /// - Throws: `DatasetError.malformed` with the line unless it is one JSON object.
  init(_ bytes: [UInt8], file: String, line: Int) throws(DatasetError) {
    self.file = file
    self.line = line
    do {
      value = try JSONParser.parse(bytes, file: file)
    } catch {
      switch error {
      case .malformed(_, let place, let expected, let found):
        throw .malformed(
          file: file, place: "line \(line), \(place)", expected: expected, found: found)
      case .tooLarge(_, let place, let limit, let found):
        throw .malformed(
          file: file, place: "line \(line), \(place)", expected: "at most \(limit)",
          found: "\(found)")
      default:
        throw .malformed(
          file: file, place: "line \(line)", expected: "JSON", found: error.description)
      }
    }
    guard case .object = value else {
      throw .malformed(
        file: file, place: "line \(line)", expected: "an object", found: value.kind)
    }
  }

  private func failure(_ path: JSONPath, _ expected: String, _ found: String) -> DatasetError {
    .malformed(file: file, place: "line \(line), '\(path.text)'", expected: expected, found: found)
  }

  /// What stands at a path; `nil` where a key is absent or the value is null.
  private func find(_ path: JSONPath) throws(DatasetError) -> JSONValue? {
    var current = value
    for key in path.keys {
      guard case .object(let members) = current else {
        if case .null = current { return nil }
        throw failure(path, "an object on the way to '\(key)'", current.kind)
      }
      guard let member = members.first(where: { $0.key.elementsEqual(key.utf8) }) else {
        return nil
      }
      current = member.value
    }
    if case .null = current { return nil }
    return current
  }

  private func require(_ path: JSONPath, _ expected: String) throws(DatasetError) -> JSONValue {
    guard let found = try find(path) else { throw failure(path, expected, "nothing") }
    return found
  }

  /// Text that must be there.
  func text(_ path: JSONPath) throws(DatasetError) -> String {
    guard case .string(let bytes) = try require(path, "text") else {
      throw failure(path, "text", try find(path)?.kind ?? "nothing")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A word, whole number or truth value, as a class or a slice is called.
  private func word(_ path: JSONPath, _ value: JSONValue) throws(DatasetError) -> String {
    switch value {
    case .string(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .bool(let flag): return "\(flag)"
    case .number(let text) where Int(text) != nil: return text
    default: throw failure(path, "text, a whole number, true or false", value.kind)
    }
  }

  /// The class: an index into `spellings`.
  func label(_ path: JSONPath, _ classes: [ClassSpelling]) throws(DatasetError) -> Int {
    let word = try word(path, try require(path, "a class"))
    guard let label = classes.firstIndex(where: { $0.spellings.contains(word) }) else {
      throw failure(path, "a known class", "'\(word)'")
    }
    return label
  }

  /// Appends a number, or every number of an array, whose arrays may hold arrays.
  func append(_ path: JSONPath, to numbers: inout [Float]) throws(DatasetError) {
    try append(try require(path, "a number or an array of numbers"), path, to: &numbers)
  }

  private func append(
    _ value: JSONValue, _ path: JSONPath, to numbers: inout [Float]
  ) throws(DatasetError) {
    switch value {
    case .number(let text):
      guard let number = Float(text), number.isFinite else {
        throw failure(path, "a number that fits 32 bits", text)
      }
      numbers.append(number)
    case .bool(let flag): numbers.append(flag ? 1 : 0)
    case .array(let items): for item in items { try append(item, path, to: &numbers) }
    default: throw failure(path, "a number or an array of numbers", value.kind)
    }
  }

  /// What slices read.
  func property(_ path: JSONPath, isNumber: Bool) throws(DatasetError) -> PropertyValue {
    guard let value = try find(path) else { return .missing }
    guard isNumber else { return .text(try word(path, value)) }
    guard case .number(let text) = value, let number = Double(text), number.isFinite else {
      throw failure(path, "a number", value.kind)
    }
    return .number(number)
  }
}

/// Keys that lead into nested objects: `user.age`.
struct JSONPath: Hashable, Sendable {
  let text: String
  let keys: [String]

  /// `nil` where a key is empty.
  init?(_ text: String) {
    let keys = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard keys.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.text = text
    self.keys = keys
  }
}
