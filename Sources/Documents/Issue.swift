/// One thing that is wrong with a document. Prints as
/// `Scenarios/vision.yaml:7:13: schemes[2]: no scheme 'int4-g23' (did you mean 'int4-g32'?)`.
public struct Issue: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Where it is.
  public let place: Place
  /// What was expected and what was found.
  public let message: String
  /// What the author may have meant, without quotes.
  public let suggestion: String?

  /// Creates an issue.
  public init(_ message: String, at place: Place, suggestion: String? = nil) {
    self.place = place
    self.message = message
    self.suggestion = suggestion
  }

  /// `file:line:column: key.path: message (did you mean 'suggestion'?)`.
  public var description: String {
    let hint = suggestion.map { " (did you mean '\($0)'?)" } ?? ""
    return "\(place): \(message)\(hint)"
  }

  /// Orders by file, then by position, then by text.
  public static func < (left: Issue, right: Issue) -> Bool {
    if left.place.file != right.place.file { return left.place.file < right.place.file }
    let positions = (
      (left.place.line, left.place.column, left.description),
      (right.place.line, right.place.column, right.description)
    )
    return positions.0 < positions.1
  }
}

/// Everything that is wrong with one or more documents.
public struct InvalidDocument: Error, Equatable, Sendable, CustomStringConvertible {
  /// At least one issue; sorted by file and position, each once.
  public let issues: [Issue]

  /// Collects issues; there must be at least one.
  public init(_ issues: [Issue]) {
    precondition(!issues.isEmpty, "a valid document has no issues")
    self.issues = Set(issues).sorted()
  }

  /// One issue a line.
  public var description: String { issues.map(\.description).joined(separator: "\n") }
}
