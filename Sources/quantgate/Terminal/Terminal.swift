import Foundation

/// What standard streams are connected to.
enum Terminal {
  /// Columns of a log, which nobody's window cuts: room for the whole table.
  static let logColumns = 190

  /// Columns of the terminal behind a file descriptor; `logColumns` where there is none.
  static func columns(of descriptor: Int32) -> Int {
    var size = winsize()
    guard isatty(descriptor) != 0, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0
    else { return logColumns }
    return Int(size.ws_col)
  }

  /// Whether standard output may be coloured: a terminal, and neither `NO_COLOR` nor a dumb one.
  static var coloursOutput: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) != 0 && environment["NO_COLOR"] == nil
      && environment["TERM"] != "dumb"
  }

  /// Writes to standard output.
  static func print(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      complain("standard output: not written: \(error.localizedDescription)")
    }
  }

  /// Writes to standard error; a run does not fail for want of someone to complain to.
  static func write(error text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Writes a line to standard error.
  static func complain(_ text: String) {
    write(error: text + "\n")
  }
}
