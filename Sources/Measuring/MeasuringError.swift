import Datasets
public import Engines
public import Host

/// Why something could not be measured.
public enum MeasuringError: Error, Sendable, CustomStringConvertible {
  /// The engine cannot run the case.
  case engine(EngineError)
  /// The machine cannot do what measuring needs.
  case host(HostError)
  /// The case cannot be resolved in the worker.
  case materials(String)
  /// The worker found another plan than the supervisor.
  case planChanged(expected: String, found: String)
  /// An input set does not fit the model or is empty.
  case examples(what: String, expected: String, found: String)
  /// The hardware profile names an instruction set nobody knows.
  case instructionSet(String)
  /// A worker cannot be started.
  case spawn(executable: String, reason: String)
  /// A message between supervisor and worker, or a journal line, cannot be read.
  case malformed(what: String, reason: String)
  /// The journal cannot be written.
  case journal(file: String, reason: String)

  /// One sentence that says what was expected and what was found.
  public var description: String {
    switch self {
    case .engine(let error): error.description
    case .host(let error): error.description
    case .materials(let text): text
    case .planChanged(let expected, let found):
      "the case changed since the plan was made: expected plan \(expected), found \(found)"
    case .examples(let what, let expected, let found):
      "\(what): expected \(expected), found \(found)"
    case .instructionSet(let name): "isa: no instruction set '\(name)'"
    case .spawn(let executable, let reason): "\(executable): cannot be started: \(reason)"
    case .malformed(let what, let reason): "\(what): \(reason)"
    case .journal(let file, let reason): "\(file): cannot be written: \(reason)"
    }
  }
}
