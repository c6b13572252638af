/// Why a results or baseline file was not read or not written.
public enum ResultsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file is not there.
  case absent(file: String)
  /// The file is there and cannot be read.
  case unreadable(file: String, reason: String)
  /// The text is truncated or not JSON. Line and column count from 1.
  case notJSON(file: String, line: Int, column: Int, found: String)
  /// Written by a newer tool.
  case newerSchema(file: String, found: Int, supported: Int)
  /// A version that never existed, or that no migration leads from.
  case unknownSchema(file: String, found: String)
  /// A key is missing.
  case missing(file: String, keyPath: String)
  /// A key holds something else than it should.
  case wrong(file: String, keyPath: String, expected: String, found: String)
  /// The record holds a number that JSON cannot represent.
  case notRepresentable(file: String, keyPath: String, found: String)
  /// Writing failed; whatever the file held before, it still holds.
  case notWritten(file: String, reason: String)
  /// A name that cannot be a file name.
  case badName(String)

  /// One line: the file, the place, what was expected and what was found.
  public var description: String {
    switch self {
    case .absent(let file): "\(file): no such file"
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .notJSON(let file, let line, let column, let found):
      "\(file):\(line):\(column): not JSON: found \(found)"
    case .newerSchema(let file, let found, let supported):
      "\(file): schema_version: expected at most \(supported), found \(found): "
        + "it was written by a newer quantgate"
    case .unknownSchema(let file, let found):
      "\(file): schema_version: expected a version this tool knows, found \(found)"
    case .missing(let file, let keyPath): "\(file): \(keyPath): expected a value, found none"
    case .wrong(let file, let keyPath, let expected, let found):
      "\(file): \(keyPath): expected \(expected), found \(found)"
    case .notRepresentable(let file, let keyPath, let found):
      "\(file): \(keyPath): \(found) cannot be stored as JSON"
    case .notWritten(let file, let reason):
      "\(file): not written: \(reason); the old content is intact"
    case .badName(let name):
      "'\(name)' cannot name a file: use letters, digits, '-', '_' and '.'"
    }
  }
}
