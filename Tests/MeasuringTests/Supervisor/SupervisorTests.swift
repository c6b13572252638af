import Foundation
import Measuring
import Results
import TestSupport
import Testing

@Suite struct SupervisorTests {
  /// What a worker does, and what becomes of its case.
  struct Misbehaviour: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: String
    let failure: Failure
    let phase: String
    let message: String
    var role = WorkerRole.memory
  }

  static let misbehaviours: [Misbehaviour] = [
    Misbehaviour(
      testDescription: "garbage", script: #"printf 'phase\377\000\n{[\n\nresult'; exit 0"#,
      failure: .refused, phase: "start", message: "memory worker: ended without a result"),
    Misbehaviour(
      testDescription: "half a result", script: #"echo 'result {"memory":'; exit 0"#,
      failure: .refused, phase: "start", message: "memory worker: the result cannot be read"),
    Misbehaviour(
      testDescription: "another role's result", script: #"cat "$0.quality"; exit 0"#,
      failure: .refused, phase: "steady",
      message: "memory worker: the result lacks what the worker was asked for"),
    Misbehaviour(
      testDescription: "a refusal",
      script: "echo 'phase resolve'; echo 'refused no such file'; exit 1",
      failure: .refused, phase: "resolve", message: "memory worker: no such file"),
    Misbehaviour(
      testDescription: "a result before it fails", script: #"cat "$0.memory"; exit 1"#,
      failure: .refused, phase: "start", message: "memory worker: ended without a result"),
    Misbehaviour(
      testDescription: "a message that breaks off",
      script: "echo 'phase load'; printf 'phase quant'; exit 3",
      failure: .refused, phase: "load", message: "memory worker: ended without a result"),
    Misbehaviour(
      testDescription: "a message in pieces",
      script:
        "printf 'phase qu'; sleep 0.02; printf 'antize\nref'; sleep 0.02; echo 'used x'; exit 1",
      failure: .refused, phase: "quantize", message: "memory worker: x"),
    Misbehaviour(
      testDescription: "a crash",
      script: "echo 'phase load'; echo 'Fatal error: here' >&2; kill -SEGV $$",
      failure: .crashed(signal: 11), phase: "load",
      message: "memory worker: ended by signal 11 [Fatal error: here]"),
    Misbehaviour(
      testDescription: "a timing process that crashes", script: "kill -9 $$",
      failure: .crashed(signal: 9), phase: "start", message: "time worker: ended by signal 9",
      role: .time),
    Misbehaviour(
      testDescription: "out of memory",
      script: "echo 'phase quantize'; echo 'out of memory: 77 bytes'; kill -ILL $$",
      failure: .outOfMemory(limit: 4096), phase: "quantize",
      message: "memory worker: out of memory: 77 bytes"),
  ]

  @Test(arguments: misbehaviours)
  func `a worker's bad end is its case's outcome and the others finish`(
    _ bad: Misbehaviour
  ) throws {
    let worker = try FakeWorker(misbehaving: bad.role, bad.script)
    let results = try worker.supervisor().measure([
      Sample.item("good"), Sample.item("bad"), Sample.item("better"),
    ])
    #expect(results.map(\.id.scheme) == ["good", "bad", "better"])
    for index in [0, 2] {
      #expect(results[index].outcome == .completed)
      #expect(results[index].timing?.processes.count == 2)
    }
    guard case .failed(let failure, let phase, let message) = results[1].outcome else {
      Issue.record("expected a failure, found \(results[1].outcome)")
      return
    }
    #expect(failure == bad.failure)
    #expect(phase == bad.phase)
    #expect(message.hasPrefix(bad.message), "\(message)")
    #expect(results[1].quality == Sample.quality, "what came before the failure is kept")
    #expect(results[1].timing == nil)
  }

  @Test func `a worker that hangs is killed with everything it started`() throws {
    let worker = try FakeWorker(
      misbehaving: .quality,
      "echo 'phase load'; sleep 600 & echo $! >> \"$0.mark\"; echo $$ >> \"$0.mark\"; wait")
    let results = try worker.supervisor().measure([
      Sample.item("bad", limit: 1), Sample.item("good"),
    ])
    guard case .failed(let failure, let phase, _) = results[0].outcome else {
      Issue.record("expected a failure, found \(results[0].outcome)")
      return
    }
    #expect(failure == .timedOut(seconds: 1))
    #expect(phase == "load")
    #expect(results[1].outcome == .completed)
    let processes = try worker.lines("mark").compactMap { Int32($0) }
    #expect(processes.count == 2)
    for process in processes {
      // An orphan may stay a zombie until init waits for it.
      for _ in 0..<2000 where Self.isRunning(process) { usleep(1000) }
      #expect(!Self.isRunning(process), "process \(process) outlived its case")
    }
  }

  private static func isRunning(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let state = text.split(separator: ")").last?.split(separator: " ").first
    else { return false }
    return state != "Z" && state != "X"
  }

  @Test func `a program that does not exist is an error, not an outcome`() throws {
    let supervisor = Supervisor(
      Supervisor.Settings(
        program: WorkerProgram(executable: "/nowhere/worker", arguments: []), root: "/"))
    do {
      _ = try supervisor.measure([Sample.item()])
      Issue.record("expected an error")
    } catch {
      #expect(
        error.description
          == "/nowhere/worker: cannot be started: No such file or directory")
    }
  }

  @Test func `quality runs once per model and timing as often as the budget says`() throws {
    let worker = try FakeWorker(misbehaving: .quality, "exit 1")
    let results = try worker.supervisor().measure([
      Sample.item(hardware: "one-core"), Sample.item(hardware: "two-cores", processes: 3),
    ])
    #expect(results.allSatisfy { $0.outcome == .completed && $0.quality == Sample.quality })
    let roles = try worker.lines("jobs").map { String($0.prefix { $0 != " " }) }
    #expect(
      roles == [
        "quality", "memory", "calibrate", "time", "time", "memory", "calibrate", "time", "time",
        "time",
      ])
    #expect(results[0].timing?.blend == Sample.blend)
    #expect(results[0].timing?.batchedInferences == 3)
  }

  @Test func `every timing process gets the same job with the schedule that was found`() throws {
    let worker = try FakeWorker(misbehaving: .quality, "exit 1")
    _ = try worker.supervisor(fault: .allocate).measure([Sample.item(processes: 3)])
    let jobs = try worker.lines("jobs").filter { $0.hasPrefix("time ") }.map {
      try JSONDecoder().decode(WorkerJob.self, from: Data($0.dropFirst(5).utf8))
    }
    #expect(jobs.count == 3)
    #expect(Set(jobs).count == 1)
    #expect(jobs.first?.schedule == Sample.schedule)
    #expect(jobs.first?.fault == .allocate)
    #expect(jobs.first?.supervisor == getpid())
    #expect(jobs.first?.seed == Sample.item().seed)
  }

  @Test func `finished cases are not measured again and failed ones are`() throws {
    let worker = try FakeWorker(
      misbehaving: .memory, #"[ -e "$0.mark" ] || { : > "$0.mark"; exit 1; }"#)
    let items = [Sample.item("good"), Sample.item("bad")]
    let file = worker.folder.url.appendingPathComponent("journal").path
    let first = try worker.supervisor().measure(
      items, journal: try Journal(file: file, quick: false, resume: false))
    #expect(first[0].outcome == .completed)
    #expect(first[1].outcome != .completed)
    let before = try worker.lines("jobs").count
    let second = try worker.supervisor().measure(
      items, journal: try Journal(file: file, quick: false, resume: true))
    #expect(second[0] == first[0])
    #expect(second[1].outcome == .completed)
    let jobs = try worker.lines("jobs").dropFirst(before)
    #expect(!jobs.isEmpty)
    #expect(jobs.allSatisfy { $0.contains(#""scheme":"bad""#) })
  }

  @Test func `progress names the phases and never goes back`() throws {
    let worker = try FakeWorker(misbehaving: .quality, "exit 1")
    var seen: [MeasuringProgress] = []
    _ = try worker.supervisor().measure([Sample.item(), Sample.item("better")]) {
      seen.append($0)
    }
    #expect(seen.prefix(2).map(\.phase) == ["start", "load"] || seen[1].phase == "steady")
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
    #expect(seen.allSatisfy { $0.count == 2 && (0...1).contains($0.fraction) })
    #expect(Set(seen.map(\.role)) == [.quality, .memory, .calibrate, .time])
  }
}
