public import Foundation

/// A record that is stored as a JSON file of its own, with a `schema_version`.
public protocol VersionedDocument: Codable, Sendable {
  /// The version of the layout that this build writes.
  static var currentSchemaVersion: Int { get }
  /// The version the record was written with, or the current one.
  var schemaVersion: Int { get }
  /// The first thing the record says that cannot be; `nil` when it is sound.
  func contradiction() -> Contradiction?
}

/// A place in a document that decodes and yet cannot be right.
public struct Contradiction: Hashable, Sendable {
  /// Where, as `entries.convnet/int8.metrics`.
  public let keyPath: String
  /// What should be there.
  public let expected: String
  /// What is there.
  public let found: String

  /// Creates a contradiction.
  public init(_ keyPath: String, expected: String, found: String) {
    self.keyPath = keyPath
    self.expected = expected
    self.found = found
  }
}

/// Reads and writes versioned documents: sorted keys, one leaf a line, shortest round-trip numbers,
/// a trailing newline, in one atomic step.
public enum DocumentFile {
  /// Rewrites a document of one version as one of the next.
  package typealias Migration = @Sendable (JSONValue) -> JSONValue

  /// Reads a file.
  ///
  /// - Throws: `ResultsError` naming the file and the place.
  public static func read<Document: VersionedDocument>(
    _ type: Document.Type = Document.self, at url: URL, named name: String? = nil
  ) throws(ResultsError) -> Document {
    let file = name ?? url.relativePath
    let bytes: Data
    do {
      bytes = try Data(contentsOf: url)
    } catch CocoaError.fileReadNoSuchFile {
      throw .absent(file: file)
    } catch {
      throw .unreadable(file: file, reason: error.localizedDescription)
    }
    return try decode(type, from: bytes, file: file)
  }

  /// Decodes a text; `file` names it in errors. The version is checked before anything else.
  public static func decode<Document: VersionedDocument>(
    _ type: Document.Type = Document.self, from bytes: Data, file: String
  ) throws(ResultsError) -> Document {
    try decode(type, from: bytes, file: file, migrations: [:])
  }

  /// Decodes a text of the current version or of one that `migrations` lead from, keyed by the
  /// version they start at.
  package static func decode<Document: VersionedDocument>(
    _ type: Document.Type, from bytes: Data, file: String, migrations: [Int: Migration]
  ) throws(ResultsError) -> Document {
    do {
      try JSONSyntax.check(Array(bytes))
    } catch {
      throw .notJSON(file: file, line: error.line, column: error.column, found: error.found)
    }
    let found = try decodeKeyed(SchemaVersion.self, from: bytes, file: file).version
    let current = Document.currentSchemaVersion
    guard found <= current else {
      throw .newerSchema(file: file, found: found, supported: current)
    }
    var migrated = bytes
    if found < current {
      var value = try decodeKeyed(JSONValue.self, from: bytes, file: file)
      for version in found..<current {
        guard let migration = migrations[version] else {
          throw .unknownSchema(file: file, found: "\(found)")
        }
        value = migration(value)
      }
      migrated = try encode(value, file: file)
    } else if found < 1 {
      throw .unknownSchema(file: file, found: "\(found)")
    }
    let document = try decodeKeyed(type, from: migrated, file: file)
    if let contradiction = document.contradiction() {
      throw .wrong(
        file: file, keyPath: contradiction.keyPath, expected: contradiction.expected,
        found: contradiction.found)
    }
    return document
  }

  /// Writes a file atomically, creating its folder where needed.
  ///
  /// - Throws: `ResultsError`; whatever the file held before, it then still holds.
  public static func write(
    _ document: some VersionedDocument, to url: URL, named name: String? = nil
  ) throws(ResultsError) {
    let file = name ?? url.relativePath
    try AtomicFile.write(Array(encode(document, file: file)), to: url, named: file)
  }

  /// The bytes that `write` puts into the file.
  public static func encode(
    _ value: some Encodable, file: String
  ) throws(ResultsError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(value) + Data("\n".utf8)
    } catch EncodingError.invalidValue(let value, let context) {
      throw .notRepresentable(
        file: file, keyPath: keyPath(context.codingPath), found: "\(value)")
    } catch {
      throw .notRepresentable(file: file, keyPath: "", found: "\(error)")
    }
  }

  private static func decodeKeyed<Value: Decodable>(
    _ type: Value.Type, from bytes: Data, file: String
  ) throws(ResultsError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: bytes)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw .missing(file: file, keyPath: keyPath(context.codingPath + [key]))
    } catch DecodingError.valueNotFound(_, let context) {
      throw .missing(file: file, keyPath: keyPath(context.codingPath))
    } catch DecodingError.typeMismatch(let expected, let context) {
      throw .wrong(
        file: file, keyPath: keyPath(context.codingPath), expected: plainName(of: expected),
        found: foundText(context.debugDescription))
    } catch DecodingError.dataCorrupted(let context) {
      throw .wrong(
        file: file, keyPath: keyPath(context.codingPath), expected: "a value of another form",
        found: context.debugDescription)
    } catch {
      throw .unreadable(file: file, reason: "\(error)")
    }
  }

  private static func keyPath(_ path: [any CodingKey]) -> String {
    path.isEmpty
      ? "the document"
      : path.reduce("") { text, key in
        if let index = key.intValue { return text + "[\(index)]" }
        return text.isEmpty ? key.stringValue : text + "." + key.stringValue
      }
  }

  private static func plainName(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Int.Type, is Int32.Type, is UInt32.Type: "a whole number"
    case is Double.Type: "a number"
    case is Bool.Type: "true or false"
    case is any (Collection & ExpressibleByArrayLiteral).Type: "a list"
    default: "an object"
    }
  }

  /// The end of Foundation's "Expected to decode Int but found a string instead."
  private static func foundText(_ description: String) -> String {
    guard let range = description.range(of: "but found ") else { return description }
    return String(description[range.upperBound...].replacing(" instead.", with: ""))
  }
}

private struct SchemaVersion: Decodable {
  let version: Int

  enum CodingKeys: String, CodingKey {
    case version = "schema_version"
  }
}
