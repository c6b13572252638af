/// Why a dataset cannot be read.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The dataset lives where an environment variable points, and the variable is not set: its cases are
  /// not run. Every other case of this enumeration is an error.
  case unavailable(dataset: String, variable: String)
  /// The dataset is text and wants the model's tokenizer, and none was brought.
  case needsTokenizer(dataset: String)
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// A path would lead out of the folder that the dataset may read.
  case outsideRoot(dataset: String, path: String)
  /// The file's content is not what its kind demands; `place` is a line, record or byte offset.
  case malformed(file: String, place: String, expected: String, found: String)
  /// The file of a tokenizer cannot be used.
  case tokenizer(file: String, reason: String)
  /// Nothing is left to read, or nothing was asked for.
  case empty(dataset: String, split: Split)
  /// A split is shorter than what was asked for.
  case tooFew(dataset: String, split: Split, expected: Int, found: Int)
  /// Calibration and evaluation share an example.
  case overlap(dataset: String, first: Split, firstIndex: Int, second: Split, secondIndex: Int)

  /// One sentence that names the file, the place, what was expected and what was found.
  public var description: String {
    switch self {
    case .unavailable(let dataset, let variable):
      "\(dataset): not available here: the environment variable \(variable) is not set"
    case .needsTokenizer(let dataset):
      "\(dataset): expected the tokenizer of a model to read its text with, found none"
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .outsideRoot(let dataset, let path):
      "\(dataset): the path '\(path)' leads out of the dataset's folder"
    case .malformed(let file, let place, let expected, let found):
      "\(file): \(place): expected \(expected), found \(found)"
    case .tokenizer(let file, let reason):
      "\(file): no usable tokenizer: \(reason)"
    case .empty(let dataset, let split):
      "\(dataset): expected at least 1 example to \(split.rawValue), found 0"
    case .tooFew(let dataset, let split, let expected, let found):
      "\(dataset): expected \(expected) examples to \(split.rawValue), found \(found)"
    case .overlap(let dataset, let first, let firstIndex, let second, let secondIndex):
      "\(dataset): example \(firstIndex) of '\(first.rawValue)' is also example "
        + "\(secondIndex) of '\(second.rawValue)'; what calibrates must not be scored"
    }
  }
}
