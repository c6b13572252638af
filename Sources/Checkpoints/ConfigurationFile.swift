/// An object of a JSON file that describes a checkpoint, such as Hugging Face's `config.json`.
///
/// Keys that nobody asks for are ignored, for every model has its own; a key twice is an error. `null` counts as
/// absent.
public struct ConfigurationFile: Equatable, Sendable {
  /// The longest file accepted.
  public static let longest = 1 << 24
  /// How deep objects and arrays may nest.
  static let deepest = 32

  /// What errors call the file.
  public let file: String
  /// What stands before the keys in errors: empty, or `rope_scaling.`.
  private let prefix: String
  private let members: [String: JSONValue]

  /// Reads a text.
  ///
  /// - Throws: `CheckpointError.malformed` when it is not a JSON object.
  public init(_ text: [UInt8], file: String) throws(CheckpointError) {
    guard case .object(let members) = try JSONValue(text, file: file) else {
      throw .malformed(
        file: file, place: "configuration byte 0", expected: "an object", found: "another value")
    }
    self.init(file: file, prefix: "", members: members)
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file in the file system.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when it cannot be read or is not a JSON object.
  public init(path: String, shownAs name: String? = nil) throws(CheckpointError) {
    try self.init(Self.text(path, shownAs: name), file: name ?? path)
  }

  /// Reads a file where there is one.
  ///
  /// - Throws: What `init(path:shownAs:)` throws.
  public static func optional(
    path: String, shownAs name: String? = nil
  ) throws(CheckpointError) -> ConfigurationFile? {
    guard FilePath(path).kind != .absent else { return nil }
    return try ConfigurationFile(path: path, shownAs: name)
  }

  /// Reads a file that holds an array of objects, where there is one.
  ///
  /// - Throws: `CheckpointError` when it cannot be read or holds something else.
  public static func list(
    path: String, shownAs name: String? = nil
  ) throws(CheckpointError) -> [ConfigurationFile]? {
    guard FilePath(path).kind != .absent else { return nil }
    let file = name ?? path
    let members = try JSONValue(text(path, shownAs: name), file: file).elements {
      if case .object(let members) = $0 { members } else { nil }
    }
    guard let members else {
      throw .malformed(
        file: file, place: "configuration byte 0", expected: "an array of objects",
        found: "another value")
    }
    return members.enumerated().map {
      ConfigurationFile(file: file, prefix: "\($0.offset).", members: $0.element)
    }
  }

  private static func text(
    _ path: String, shownAs name: String?
  ) throws(CheckpointError) -> [UInt8] {
    let mapping = try MappedFile(path, shownAs: name)
    guard mapping.count <= longest else {
      throw .malformed(
        file: mapping.file, place: "the file", expected: "at most \(longest) bytes",
        found: "\(mapping.count)")
    }
    return mapping.withBytes { $0.withUnsafeBytes { Array($0) } }
  }

  private init(file: String, prefix: String, members: [String: JSONValue]) {
    self.file = file
    self.prefix = prefix
    self.members = members
  }

  /// Every key, in ascending order.
  public var keys: [String] { members.keys.sorted() }

  /// Whether a key is there, be it with `null`.
  public func contains(_ key: String) -> Bool { members[key] != nil }

  /// The text of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func string(_ key: String) throws(CheckpointError) -> String? {
    try value(key, expected: "a string", \.string)
  }

  /// The truth value of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func bool(_ key: String) throws(CheckpointError) -> Bool? {
    try value(key, expected: "true or false") { if case .bool(let flag) = $0 { flag } else { nil } }
  }

  /// The integer of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func integer(_ key: String) throws(CheckpointError) -> Int? {
    try value(key, expected: "an integer") { $0.number.flatMap(Int.init(exactly:)) }
  }

  /// The number of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func number(_ key: String) throws(CheckpointError) -> Double? {
    try value(key, expected: "a number", \.number)
  }

  /// The texts of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func strings(_ key: String) throws(CheckpointError) -> [String]? {
    try value(key, expected: "an array of strings") { $0.elements(\.string) }
  }

  /// The numbers of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func numbers(_ key: String) throws(CheckpointError) -> [Double]? {
    try value(key, expected: "an array of numbers") { $0.elements(\.number) }
  }

  /// The object of a key, or `nil` where it is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func object(_ key: String) throws(CheckpointError) -> ConfigurationFile? {
    let members = try value(key, expected: "an object") {
      if case .object(let members) = $0 { members } else { nil }
    }
    return members.map {
      ConfigurationFile(file: file, prefix: "\(prefix)\(key).", members: $0)
    }
  }

  /// An error about a key.
  public func failure(_ key: String, expected: String) -> CheckpointError {
    .malformed(
      file: file, place: "key '\(prefix)\(key)'", expected: expected,
      found: members[key]?.summary ?? "none")
  }

  private func value<Value>(
    _ key: String, expected: String, _ read: (JSONValue) -> Value?
  ) throws(CheckpointError) -> Value? {
    guard let member = members[key], member != .null else { return nil }
    guard let value = read(member) else { throw failure(key, expected: expected) }
    return value
  }
}

/// A value of a JSON text.
enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Reads a text that holds one value.
  ///
  /// - Throws: `CheckpointError.malformed`.
  init(_ text: [UInt8], file: String) throws(CheckpointError) {
    var cursor = HeaderCursor(text, file: file, what: "configuration")
    self = try cursor.value(depth: ConfigurationFile.deepest)
    guard cursor.peek() == nil else {
      throw cursor.failure(expected: "nothing after the value")
    }
  }

  var string: String? { if case .string(let text) = self { text } else { nil } }

  var number: Double? { if case .number(let number) = self { number } else { nil } }

  /// What errors call it.
  var summary: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .string(let text): "'\(text.prefix(80))'"
    case .array(let elements):
      elements.count == 1 ? "[\(elements[0].summary)]" : "an array of \(elements.count)"
    case .object: "an object"
    }
  }

  /// Every element of an array, or `nil` when this is none or one does not fit.
  func elements<Element>(_ read: (JSONValue) -> Element?) -> [Element]? {
    guard case .array(let values) = self else { return nil }
    let elements = values.compactMap(read)
    return elements.count == values.count ? elements : nil
  }
}

extension HeaderCursor {
  /// Consumes a value whose parts nest at most `depth` deep.
  mutating func value(depth: Int) throws(CheckpointError) -> JSONValue {
    guard depth > 0 else {
      throw failure(expected: "at most \(ConfigurationFile.deepest) levels of nesting")
    }
    guard let byte = peek() else { throw failure(expected: "a value") }
    switch byte {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      try object { (cursor, key) throws(CheckpointError) in
        members[key] = try cursor.value(depth: depth - 1)
      }
      return .object(members)
    case UInt8(ascii: "["): return .array(try elements(depth: depth - 1))
    default: return try word()
    }
  }

  private mutating func elements(depth: Int) throws(CheckpointError) -> [JSONValue] {
    try expect("[")
    if take("]") { return [] }
    var elements: [JSONValue] = []
    repeat { elements.append(try value(depth: depth)) } while take(",")
    try expect("]")
    return elements
  }

  /// A number, `true`, `false` or `null`.
  private mutating func word() throws(CheckpointError) -> JSONValue {
    let before = self
    let text = try takeWord()
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      // `Double` reads more than JSON allows, such as hexadecimal digits and `nan`.
      let isDecimal = text.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
      }
      guard isDecimal, let number = Double(text), number.isFinite else {
        throw before.failure(expected: "a value")
      }
      return .number(number)
    }
  }
}
