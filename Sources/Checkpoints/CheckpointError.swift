public import Graphs

/// Why a checkpoint cannot be read, written or used.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file does not exist; `remedy` says which command makes it.
  case missing(file: String, remedy: String)
  /// The file exists and cannot be opened, measured or mapped.
  case unreadable(file: String, reason: String)
  /// The file cannot be written; whatever stood there before is intact.
  case unwritable(file: String, reason: String)
  /// The file is not of its format; `place` is a byte offset or a part of the header.
  case malformed(file: String, place: String, expected: String, found: String)
  /// One tensor's header entry contradicts itself, its neighbours or the length of the data.
  case tensor(file: String, tensor: String, expected: String, found: String)
  /// A tensor is stored in a type that cannot be used as asked.
  case elementType(file: String, tensor: String, expected: ElementType, found: ElementType)
  /// The tensors are sound and do not fit the graph.
  case unsuited(file: String, reason: GraphError)

  /// The file the error is about.
  public var file: String {
    switch self {
    case .missing(let file, _), .unreadable(let file, _), .unwritable(let file, _),
      .malformed(let file, _, _, _), .tensor(let file, _, _, _), .elementType(let file, _, _, _),
      .unsuited(let file, _):
      file
    }
  }

  /// One sentence that names the file, the place, what was expected and what was found.
  public var description: String {
    switch self {
    case .missing(let file, let remedy):
      "\(file): no such file; \(remedy)"
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .unwritable(let file, let reason):
      "\(file): cannot be written: \(reason)"
    case .malformed(let file, let place, let expected, let found):
      "\(file): \(place): expected \(expected), found \(found)"
    case .tensor(let file, let tensor, let expected, let found):
      "\(file): tensor '\(tensor)': expected \(expected), found \(found)"
    case .elementType(let file, let tensor, let expected, let found):
      "\(file): tensor '\(tensor)': expected elements of type \(expected.rawValue), "
        + "found \(found.rawValue)"
    case .unsuited(let file, let reason):
      "\(file): does not fit the architecture: \(reason)"
    }
  }
}
