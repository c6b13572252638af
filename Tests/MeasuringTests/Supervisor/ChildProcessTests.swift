import Foundation
import Measuring
import Testing

@Suite struct ChildProcessTests {
  private func run(
    _ script: String, input: Data = Data(), seconds: Double = 20
  ) throws -> (end: ChildProcess.End, output: Data, errors: Data) {
    var child = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
    child.send(input)
    var output = Data()
    let end = child.wait(seconds: seconds) { output.append(contentsOf: $0) }
    return (end, output, child.errorTail)
  }

  @Test func `what goes in comes out and the exit code is kept`() throws {
    let text = Data("hello\nworld".utf8)
    let seen = try run("cat; exit 42", input: text)
    #expect(seen.end == .exited(code: 42))
    #expect(seen.output == text)
  }

  @Test func `a child that never listens does not end the supervisor`() throws {
    // More than a pipe holds, to a reader that is gone.
    let seen = try run("exec <&-; exit 0", input: Data(count: 1 << 20))
    #expect(seen.end == .exited(code: 0))
  }

  @Test func `a child that closes its streams is still waited for`() throws {
    let seen = try run("exec >&- 2>&-; sleep 0.1; exit 7")
    #expect(seen.end == .exited(code: 7))
  }

  @Test func `a child that closes its streams and stays is killed`() throws {
    #expect(try run("exec >&- 2>&-; sleep 600", seconds: 0.2).end == .timedOut)
  }

  @Test func `what a child leaves running does not hold up its end and is killed`() throws {
    let seen = try run("sleep 600 & echo $!; exit 0")
    #expect(seen.end == .exited(code: 0))
    let text = String(decoding: seen.output, as: UTF8.self)
    let orphan = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    for _ in 0..<2000 where isAlive(orphan) { usleep(1000) }
    #expect(!isAlive(orphan))
  }

  private func isAlive(_ process: Int32) -> Bool {
    let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z"
    return !text.contains(") Z") && !text.contains(") X")
  }

  @Test func `output of any length arrives whole and only the end of the errors is kept`() throws {
    let seen = try run(
      "head -c 3000000 /dev/zero; head -c 100000 /dev/zero >&2; printf END >&2; exit 0")
    #expect(seen.output.count == 3_000_000)
    #expect(seen.errors.count == 4096)
    #expect(seen.errors.suffix(3) == Data("END".utf8))
  }

  @Test func `only the environment given is seen`() throws {
    var child = try ChildProcess(
      executable: "/usr/bin/env", arguments: [], environment: ["B": "2", "A": "x=y"])
    child.send(Data())
    var output = Data()
    _ = child.wait(seconds: 20) { output.append(contentsOf: $0) }
    #expect(String(decoding: output, as: UTF8.self) == "A=x=y\nB=2\n")
  }
}
