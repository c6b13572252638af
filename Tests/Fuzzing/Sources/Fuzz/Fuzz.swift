import CLibFuzzer
import Foundation
import HostileInput

/// Feeds libFuzzer's inputs to one format's reader.
///
///     Fuzz --list                  prints the formats' names
///     Fuzz --seeds FOLDER          writes every format's seeds to a folder of its name
///     QUANTGATE_FUZZ_FORMAT=NAME Fuzz [ARGUMENTS OF LIBFUZZER]
///
/// The format is no argument, because libFuzzer starts itself again with only the arguments it knows.
@main enum Fuzz {
  private static let format: InputFormat = {
    let name = ProcessInfo.processInfo.environment["QUANTGATE_FUZZ_FORMAT"] ?? ""
    guard let format = InputFormat.named(name) else {
      let names = InputFormat.all.map(\.name).joined(separator: ", ")
      stop("QUANTGATE_FUZZ_FORMAT: expected one of \(names), found '\(name)'")
    }
    return format
  }()

  private static let workspace: Workspace = {
    do {
      return try Workspace()
    } catch {
      stop("no folder for the inputs: \(error)")
    }
  }()

  static func main() throws {
    let arguments = CommandLine.arguments
    switch arguments.dropFirst().first {
    case "--list":
      for format in InputFormat.all { print(format.name) }
    case "--seeds" where arguments.count == 3:
      try writeSeeds(to: URL(fileURLWithPath: arguments[2]))
    default:
      _ = (format, workspace)
      var count = CommandLine.argc
      var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
      exit(LLVMFuzzerRunDriver(&count, &values) { Fuzz.readOneInput($0, $1) })
    }
  }

  private static func writeSeeds(to folder: URL) throws {
    for format in InputFormat.all {
      let place = folder.appendingPathComponent(format.name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for seed in try format.seeds() {
        try Data(seed.bytes).write(to: place.appendingPathComponent(seed.name))
      }
    }
  }

  private static func readOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    do {
      _ = try format.read(bytes, in: workspace)
    } catch {
      stop("the workspace cannot be written: \(error)")
    }
    return 0
  }

  /// Ends the process without a report of libFuzzer: it is not an input that is at fault.
  private static func stop(_ message: String) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(64)
  }
}
