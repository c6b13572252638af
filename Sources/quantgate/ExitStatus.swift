import ArgumentParser

/// The exit codes that are not a comparison's: nothing was judged.
enum ExitStatus: Int32 {
  case internalError = 1
  case usage = 64
  case invalidFile = 65
}

/// Ends the command with a message on standard error and an exit code.
struct CommandFailure: Error {
  let status: ExitStatus
  let message: String

  /// A scenario, baseline, data or model file is wrong.
  static func invalid(_ error: some CustomStringConvertible) -> CommandFailure {
    CommandFailure(status: .invalidFile, message: error.description)
  }

  /// The command line asks for something that makes no sense.
  static func usage(_ error: some CustomStringConvertible) -> CommandFailure {
    CommandFailure(status: .usage, message: error.description)
  }

  /// The tool or the machine failed.
  static func broken(_ error: some CustomStringConvertible) -> CommandFailure {
    CommandFailure(status: .internalError, message: error.description)
  }
}

/// Runs a command's body; says what went wrong and ends with the documented code.
func reportingFailures(_ body: () throws -> Void) throws {
  do {
    try ForcedInstructionSet.apply()
    try body()
  } catch let failure as CommandFailure {
    Terminal.complain(failure.message)
    throw ArgumentParser.ExitCode(failure.status.rawValue)
  }
}
