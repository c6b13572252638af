/// The keys of one mapping, each declared once by the call that reads it. Only valid inside the body of
/// ``Reader/record(_:_:_:)``.
///
/// Declare all fields before the first `return`: a key that was not declared is reported as unknown.
public final class Fields {
  private enum Mode {
    case decoding(Node, [Node.Entry], Reading)
    case describing(SchemaBuilder)
  }

  private let mode: Mode
  private var declared: [String] = []
  private var properties: [(key: String, value: JSON)] = []
  private var required: [String] = []
  private var reports = 0

  init(_ node: Node, _ entries: [Node.Entry], _ reading: Reading) {
    mode = .decoding(node, entries, reading)
  }

  init(describing builder: SchemaBuilder, tag: SchemaBuilder.Tag?) {
    mode = .describing(builder)
    if let tag {
      declared.append(tag.key)
      required.append(tag.key)
      properties.append((tag.key, .object([("const", .string(tag.word))])))
    }
  }

  /// Reads a key that must be there. `nil` when it is missing or wrong, which is then reported, and when
  /// a schema is made.
  public func required<Value>(_ key: String, _ reader: Reader<Value>, _ doc: String) -> Value? {
    required.append(key)
    declare(key, reader, doc)
    guard case .decoding(let node, _, let reading) = mode else { return nil }
    guard let entry = entry(key) else {
      reports += 1
      reading.report("missing key '\(key)': \(reader.expected)", at: node.place)
      return nil
    }
    return read(entry, reader, reading)
  }

  /// Reads a key that may be absent. `nil` when it is absent, wrong (which is reported), or when a schema
  /// is made.
  public func optional<Value>(_ key: String, _ reader: Reader<Value>, _ doc: String) -> Value? {
    declare(key, reader, doc)
    guard case .decoding(_, _, let reading) = mode, let entry = entry(key) else { return nil }
    return read(entry, reader, reading)
  }

  /// Reads a key that may be absent, with what holds then.
  public func optional<Value>(
    _ key: String, _ reader: Reader<Value>, _ doc: String, default value: Value
  ) -> Value {
    optional(key, reader, doc) ?? value
  }

  /// Declares a key that is planned: using it is the error "not available yet".
  public func notAvailableYet(_ key: String, _ doc: String) {
    refuse(key, "not available yet (\(doc))")
  }

  /// Declares a key only to say why it may not be used here. The schema does not have it.
  public func refuse(_ key: String, _ message: String) {
    declared.append(key)
    guard case .decoding(_, _, let reading) = mode, let entry = entry(key) else { return }
    reports += 1
    reading.report(message, at: entry.keyPlace)
  }

  /// Whether a key is written in the file.
  public func has(_ key: String) -> Bool { entry(key) != nil }

  /// Whether an issue has been reported in this mapping or below it.
  public var hasIssues: Bool { reports > 0 }

  /// Where the mapping, or one of its values, is written; an absent key stands where the mapping does.
  public func place(of key: String? = nil) -> Place {
    guard case .decoding(let node, _, _) = mode else {
      return Place(file: "", line: 1, column: 1, keyPath: "")
    }
    return key.flatMap { entry($0)?.value.place } ?? node.place
  }

  /// Reports an issue about the mapping, or about one of its values. Does nothing when a schema is made.
  public func report(_ message: String, at key: String? = nil, suggestion: String? = nil) {
    report(message, at: place(of: key), suggestion: suggestion)
  }

  /// Reports an issue at a place of this document.
  public func report(_ message: String, at place: Place, suggestion: String? = nil) {
    guard case .decoding(_, _, let reading) = mode else { return }
    reports += 1
    reading.report(message, at: place, suggestion: suggestion)
  }

  /// Reports the keys that no call has declared.
  func finish() {
    guard case .decoding(_, let entries, let reading) = mode else { return }
    for entry in entries where !declared.contains(entry.key) {
      reports += 1
      let unused = declared.filter { self.entry($0) == nil }
      reading.report(
        "unknown key", at: entry.keyPlace, suggestion: NearMiss.find(entry.key, among: unused))
    }
  }

  /// The schema of the declared keys.
  func schema(_ doc: String) -> JSON {
    var entries: [(key: String, value: JSON)] = [
      ("type", .string("object")), ("description", .string(doc)),
      ("properties", .object(properties)), ("additionalProperties", .bool(false)),
    ]
    if !required.isEmpty { entries.append(("required", .array(required.map { .string($0) }))) }
    return .object(entries)
  }

  private func declare<Value>(_ key: String, _ reader: Reader<Value>, _ doc: String) {
    precondition(!declared.contains(key), "the key '\(key)' is declared twice")
    declared.append(key)
    guard case .describing(let builder) = mode else { return }
    let described = JSON.object([("description", .string(doc))])
    properties.append((key, described.adding("allOf", .array([reader.schema(builder)]))))
  }

  private func read<Value>(
    _ entry: Node.Entry, _ reader: Reader<Value>, _ reading: Reading
  ) -> Value? {
    let before = reading.issues.count
    let value = reader.read(entry.value, reading)
    reports += reading.issues.count - before
    return value
  }

  private func entry(_ key: String) -> Node.Entry? {
    guard case .decoding(_, let entries, _) = mode else { return nil }
    return entries.first { $0.key == key }
  }
}
