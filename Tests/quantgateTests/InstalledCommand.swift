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
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments + ["--root", root.path]
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

/// A private copy of the checkout's scenarios and baselines that a test may damage.
struct PrivateRepository {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["Scenarios", "Baselines"] {
      try FileManager.default.copyItem(
        at: InstalledCommand.checkout.appendingPathComponent(name),
        to: folder.url.appendingPathComponent(name))
    }
  }

  var command: InstalledCommand { InstalledCommand(root: folder.url) }

  func file(_ path: String) -> URL { folder.url.appendingPathComponent(path) }

  /// Rewrites a text file.
  func edit(_ path: String, _ change: (inout String) -> Void) throws {
    var text = try String(contentsOf: file(path), encoding: .utf8)
    change(&text)
    try Data(text.utf8).write(to: file(path))
  }
}
