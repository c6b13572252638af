import Documents

/// Cells of the matrix that make no sense, and why. A pattern that is absent matches everything.
struct Exclusion: Sendable {
  let place: Place
  let architectures: [Located<String>]?
  let schemes: [Located<String>]?
  let hardware: [Located<String>]?
  let why: String

  static let reader = Reader<Exclusion>.record("exclude", "Cases that are left out.") { fields in
    let patterns = Reader<[Located<String>]>.oneOrMany(of: pattern.located)
    let architectures = fields.optional("architecture", patterns, "Names; `*` matches any text.")
    let schemes = fields.optional("scheme", patterns, "Names; `*` matches any text.")
    let hardware = fields.optional("hardware", patterns, "Names; `*` matches any text.")
    let why = fields.required("why", .string.only("a reason") { !$0.isEmpty }, "The reason.")
    if !fields.hasIssues, architectures == nil, schemes == nil, hardware == nil {
      fields.report("expected at least one of 'architecture', 'scheme', 'hardware'")
    }
    guard let why else { return nil }
    return Exclusion(
      place: fields.place(), architectures: architectures, schemes: schemes, hardware: hardware,
      why: why)
  }

  private static let pattern = Reader<String>.string.only("a name, in which '*' matches any text") {
    !$0.isEmpty
      && $0.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"):
          true
        default: false
        }
      }
  }

  /// Whether a cell is left out.
  func matches(_ cell: Cell) -> Bool {
    func any(_ patterns: [Located<String>]?, _ name: String) -> Bool {
      patterns?.contains { Self.matches(name, pattern: $0.value) } ?? true
    }
    return any(architectures, cell.architecture) && any(schemes, cell.scheme)
      && any(hardware, cell.hardware)
  }

  /// Whether a name is an instance of a pattern in which `*` stands for any text, also none.
  static func matches(_ name: String, pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
      return name == pattern
    }
    guard name.count >= first.count + last.count, name.hasPrefix(first), name.hasSuffix(last) else {
      return false
    }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}

/// One cell of a scenario's matrix.
struct Cell: Hashable, Sendable {
  let architecture: String
  let scheme: String
  let hardware: String
}
