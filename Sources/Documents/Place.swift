/// Where a value stands: file, line and column (both from 1), and the keys that lead to it.
public struct Place: Hashable, Sendable, CustomStringConvertible {
  /// The file's name as it is shown, for example `Scenarios/vision.yaml`.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int
  /// For example `schemes[2].weights.format`; empty at the document's root.
  public let keyPath: String

  /// Creates a place.
  public init(file: String, line: Int, column: Int, keyPath: String) {
    self.file = file
    self.line = line
    self.column = column
    self.keyPath = keyPath
  }

  /// `file:line:column`, and the key path where there is one.
  public var description: String {
    let position = "\(file):\(line):\(column)"
    return keyPath.isEmpty ? position : "\(position): \(keyPath)"
  }

  /// The place of a value below this one.
  func child(key: String, line: Int, column: Int) -> Place {
    Place(
      file: file, line: line, column: column, keyPath: keyPath.isEmpty ? key : "\(keyPath).\(key)")
  }

  /// The place of an element below this one.
  func element(_ index: Int, line: Int, column: Int) -> Place {
    Place(file: file, line: line, column: column, keyPath: "\(keyPath)[\(index)]")
  }
}

/// A value and where it was written.
public struct Located<Value> {
  /// The value.
  public let value: Value
  /// Where it was written.
  public let place: Place

  /// Pairs a value with its place.
  public init(_ value: Value, at place: Place) {
    self.value = value
    self.place = place
  }
}

extension Located: Sendable where Value: Sendable {}
extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}
