import Foundation

/// A parsed YAML file, ready to be decoded by a ``Reader``.
///
/// A reader is declared once. It decodes, it collects *every* issue with its position, and it
/// describes itself as a JSON Schema:
///
///     struct Weights: Sendable {
///       enum Format: String, CaseIterable, Sendable { case int8, int4 }
///       let format: Format
///       let groupSize: Int?
///       let clip: Double
///
///       static let reader = Reader<Weights>.record("weights", "How weights are stored.") { fields in
///         // First declare every field: each call records its issue and returns nil, so that one
///         // mistake does not hide the next. Then leave if a required one is nil.
///         let format = fields.required("format", .choice(of: Format.self), "Number format.")
///         let groupSize = fields.optional("group_size", .int(in: 2...1024), "Weights per scale.")
///         let clip = fields.optional("clip", .share, "Share to clip.", default: 0)   // `0.1 %`
///         fields.notAvailableYet("method", "Rounding method.")
///         guard let format else { return nil }
///         if format == .int4, groupSize == nil {
///           fields.report("int4 needs 'group_size'", at: "format")
///         }
///         return Weights(format: format, groupSize: groupSize, clip: clip)
///       }
///     }
///
///     struct Scheme: Sendable {
///       static let reader = Reader<Scheme>.record("scheme", "A quantization scheme.") { fields in
///         let name = fields.required("scheme", .name, "The file's name without `.yaml`.")
///         let weights = fields.required("weights", Weights.reader, "Weights.")
///         let owners = fields.optional("owners", .list(of: .string), "Who to ask.", default: [])
///         let parts = fields.optional("parts", .oneOrMany(of: .name.located), "Keeps its place.")
///         …
///       }
///     }
///
///     let document = try Document(file: path, shownAs: "Scenarios/schemes/int8.yaml")
///     let scheme = try document.decode(Scheme.reader)      // throws(InvalidDocument): all issues
///     let schema = Scheme.reader.jsonSchema(title: "scheme")
///
/// Layers and other alternatives: `.tagged(by: "op", …)` for `{ op: conv, filters: 8 }`, and
/// `.keyed(…)` for `{ conv: { filters: 8 } }` or the bare word `relu`. A name or an inline definition:
/// `.nameOrInline(Scheme.reader)`. Further conversion: `.mapped(expected: "an even number") { … }`.
/// A reader that contains itself states its type: `static let reader: Reader<Layer> = .keyed([…])`.
public struct Document: Sendable {
  /// What no honest file reaches; a file beyond it is refused before it costs time or memory.
  public enum Limit {
    /// Largest file in bytes.
    public static let bytes = 1 << 20
    /// Largest number of values after aliases have been replaced.
    public static let nodes = 20_000
    /// Deepest nesting.
    public static let depth = 64
  }

  /// The file's name as issues show it.
  public let file: String
  let root: Node

  /// Parses text.
  ///
  /// - Parameter file: The name that issues show.
  /// - Throws: `InvalidDocument` when this is not exactly one YAML document within the limits.
  public init(text: String, file: String) throws(InvalidDocument) {
    try self.init(bytes: Array(text.utf8), file: file)
  }

  /// Parses UTF-8 bytes.
  ///
  /// - Parameter file: The name that issues show.
  /// - Throws: `InvalidDocument` when this is not exactly one YAML document within the limits.
  public init(bytes: [UInt8], file: String) throws(InvalidDocument) {
    self.file = file
    self.root = try YAMLParser(file: file).parse(bytes)
  }

  /// Reads and parses a file.
  ///
  /// - Parameters:
  ///   - path: The file in the file system.
  ///   - name: The name that issues show, normally relative to the repository.
  /// - Throws: `InvalidDocument` when the file cannot be read or is not one YAML document.
  public init(file path: String, shownAs name: String) throws(InvalidDocument) {
    let start = Place(file: name, line: 1, column: 1, keyPath: "")
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw InvalidDocument([Issue("cannot be read: no such file, or no permission", at: start)])
    }
    defer { try? handle.close() }
    let bytes: [UInt8]
    do {
      bytes = Array(try handle.read(upToCount: Limit.bytes + 1) ?? Data())
    } catch {
      throw InvalidDocument([Issue("cannot be read", at: start)])
    }
    try self.init(bytes: bytes, file: name)
  }

  /// Decodes the whole document.
  ///
  /// - Throws: `InvalidDocument` with every issue found.
  public func decode<Value>(_ reader: Reader<Value>) throws(InvalidDocument) -> Value {
    let (value, issues) = decodeAsFarAsPossible(reader)
    guard let value, issues.isEmpty else { throw InvalidDocument(issues) }
    return value
  }

  /// Decodes what can be decoded, so that whoever follows references in it can report what is wrong
  /// there in the same breath.
  ///
  /// - Returns: The value, `nil` where a part it cannot do without is wrong, and every issue found; there
  ///   is one where there is no value.
  public func decodeAsFarAsPossible<Value>(
    _ reader: Reader<Value>
  ) -> (value: Value?, issues: [Issue]) {
    let reading = Reading()
    let value = reader.read(root, reading)
    if value == nil, reading.issues.isEmpty {
      return (nil, [Issue("expected \(reader.expected)", at: root.place)])
    }
    return (value, reading.issues)
  }
}

/// One pass over a document: collects the issues.
final class Reading {
  private(set) var issues: [Issue] = []

  func report(_ message: String, at place: Place, suggestion: String? = nil) {
    issues.append(Issue(message, at: place, suggestion: suggestion))
  }
}
