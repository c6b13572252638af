import Foundation
import TestSupport

/// The built `quantgate`, run as a user runs it.
struct InstalledCommand {
  /// What one run printed and how it ended.
  struct Outcome {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// The folder that `--root` names.
  let root: URL

  /// The executable beside the test bundle.
  static let executable: URL = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("quantgate")
  }()

  /// The root of the checkout these tests were built from.
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Runs `quantgate ARGUMENTS --root ROOT` to its end.
  ///
  /// - Parameter fileSizeLimit: Blocks of 512 bytes that a file may have; writing more fails.
  func run(
    _ arguments: [String], environment: [String: String] = [:], namingRoot: Bool = true,
    fileSizeLimit: Int? = nil
  ) throws -> Outcome {
    let process = Process()
    let all = arguments + (namingRoot ? ["--root", root.path] : [])
    if let fileSizeLimit {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      // An ignored signal turns the limit into an error of the write.
      let script = "trap '' XFSZ; ulimit -f \(fileSizeLimit); exec \"$0\" \"$@\""
      process.arguments = ["-c", script, Self.executable.path] + all
    } else {
      process.executableURL = Self.executable
      process.arguments = all
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let folder = try TemporaryFolder()
    let output = try folder.write("", to: "output")
    let errors = try folder.write("", to: "errors")
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let exitCode =
      process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
    return Outcome(
      exitCode: exitCode, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}
