/// The key-value pairs of a GGUF file.
public struct GGUFMetadata: Equatable, Sendable {
  /// What errors call the file.
  public let file: String
  /// The keys in the order of the file.
  public let keys: [String]
  private let values: [String: GGUFValue]

  /// Creates metadata; `keys` are those of `values`.
  init(file: String, keys: [String], values: [String: GGUFValue]) {
    self.file = file
    self.keys = keys
    self.values = values
  }

  /// The value of a key, or `nil`.
  public subscript(_ key: String) -> GGUFValue? { values[key] }

  /// The text of a key, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func string(_ key: String) throws(CheckpointError) -> String? {
    try value(key, expected: "a string") { if case .string(let text) = $0 { text } else { nil } }
  }

  /// The truth value of a key, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func bool(_ key: String) throws(CheckpointError) -> Bool? {
    try value(key, expected: "a bool") { if case .bool(let flag) = $0 { flag } else { nil } }
  }

  /// The integer of a key, whatever its width, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else, or beyond 64 signed bits.
  public func integer(_ key: String) throws(CheckpointError) -> Int? {
    try value(key, expected: "an integer below 2^63", \.integer)
  }

  /// The number of a key, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func number(_ key: String) throws(CheckpointError) -> Double? {
    try value(key, expected: "a number", \.number)
  }

  /// The texts of a key, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func strings(_ key: String) throws(CheckpointError) -> [String]? {
    try value(key, expected: "an array of strings") {
      if case .array(.string(let texts)) = $0 { texts } else { nil }
    }
  }

  /// The integers of a key, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func integers(_ key: String) throws(CheckpointError) -> [Int]? {
    try value(key, expected: "an array of integers") {
      if case .array(let array) = $0 { array.integers } else { nil }
    }
  }

  /// The numbers of a key, or `nil` where the key is absent.
  ///
  /// - Throws: `CheckpointError.malformed` when it is something else.
  public func numbers(_ key: String) throws(CheckpointError) -> [Double]? {
    try value(key, expected: "an array of numbers") {
      if case .array(let array) = $0 { array.numbers } else { nil }
    }
  }

  /// An error about a key.
  public func failure(_ key: String, expected: String) -> CheckpointError {
    .malformed(
      file: file, place: "metadata '\(key)'", expected: expected,
      found: values[key]?.summary ?? "no such key")
  }

  private func value<Value>(
    _ key: String, expected: String, _ read: (GGUFValue) -> Value?
  ) throws(CheckpointError) -> Value? {
    guard let stored = values[key] else { return nil }
    guard let value = read(stored) else { throw failure(key, expected: expected) }
    return value
  }
}
