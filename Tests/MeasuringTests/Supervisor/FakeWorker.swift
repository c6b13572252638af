import Foundation
import Measuring
import TestSupport

/// A shell script in the place of a worker. Cases of the scheme `bad` misbehave in one role; all others
/// bring what they are asked for.
final class FakeWorker {
  let folder: TemporaryFolder
  let program: WorkerProgram

  /// - Parameters:
  ///   - role: The role in which `bad` misbehaves.
  ///   - script: What it does then. `$0.mark` is a file of its own; `$job` is the job's JSON.
  init(misbehaving role: WorkerRole, _ script: String) throws {
    folder = try TemporaryFolder()
    let file = try folder.write(
      """
      job=$(cat)
      for role in quality memory calibrate time; do
        case "$job" in *'"role":"'$role'"'*) break;; esac
      done
      echo "$role $job" >> "$0.jobs"
      case "$role $job" in
      '\(role.rawValue) '*'"scheme":"bad"'*)
      \(script)
      ;;
      esac
      echo 'phase load'
      echo 'phase steady'
      cat "$0.$role"
      """, to: "worker.sh")
    for role in [WorkerRole.quality, .memory, .calibrate, .time] {
      let json = try JSONEncoder().encode(Sample.product(role))
      try folder.write(
        "result " + String(decoding: json, as: UTF8.self) + "\n",
        to: "worker.sh.\(role.rawValue)")
    }
    program = WorkerProgram(
      executable: "/bin/sh", arguments: [file.path], inherited: ["PATH": "/usr/bin:/bin"])
  }

  /// A file that the script wrote, line by line.
  func lines(_ suffix: String) throws -> [String] {
    let file = folder.url.appendingPathComponent("worker.sh.\(suffix)")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  func supervisor(fault: Fault? = nil) -> Supervisor {
    Supervisor(Supervisor.Settings(program: program, root: folder.url.path, fault: fault))
  }
}
