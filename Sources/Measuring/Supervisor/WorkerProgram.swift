import Foundation
package import Results

/// The program that workers are: this executable, in another role.
public struct WorkerProgram: Hashable, Sendable {
  /// Its path.
  public let executable: String
  /// What makes it a worker, for example `["worker"]`.
  public let arguments: [String]
  /// Variables that a worker keeps from the supervisor's environment, such as the place of libraries or
  /// of data. Everything else in its environment is fixed.
  public let inherited: [String: String]

  /// Creates a description.
  public init(executable: String, arguments: [String], inherited: [String: String] = [:]) {
    self.executable = executable
    self.arguments = arguments
    self.inherited = inherited
  }

  /// What a worker sees: the same for every worker but for the length of the padding, which moves the
  /// stack of timing processes.
  package func environment(hardware: WorkerHardware, padding: Int) -> [String: String] {
    var environment = inherited
    environment["LC_ALL"] = "C"
    environment["TZ"] = "UTC"
    environment["SWIFT_DETERMINISTIC_HASHING"] = "1"
    // A crash is a result here; the backtracer would take seconds to describe it.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["MALLOC_CONF"] = allocatorConfiguration(hardware)
    if padding > 0 { environment["QUANTGATE_PADDING"] = String(repeating: "x", count: padding) }
    return environment
  }

  /// jemalloc's options. Address space is given back rather than kept, because it counts towards the
  /// memory limit.
  private func allocatorConfiguration(_ hardware: WorkerHardware) -> String {
    var options = ["retain:false", "background_thread:false"]
    if let arenas = hardware.arenas { options.append("narenas:\(arenas)") }
    if let decay = hardware.dirtyDecayMilliseconds {
      options += ["dirty_decay_ms:\(decay)", "muzzy_decay_ms:\(decay)"]
    }
    return options.joined(separator: ",")
  }
}

/// What came of one worker.
package struct WorkerReport: Sendable {
  /// The result, or how it ended without one.
  package let product: Result<WorkerProduct, WorkerFailure>
}

/// A worker that brought no result.
package struct WorkerFailure: Error, Hashable, Sendable {
  /// What happened.
  package let failure: Failure
  /// The last phase it announced.
  package let phase: String
  /// What it said, or the end of its standard error.
  package let message: String

  /// As a case's outcome; `role` tells which of its workers it was.
  package func outcome(role: WorkerRole) -> Outcome {
    .failed(failure, phase: phase, message: "\(role.rawValue) worker: \(message)")
  }
}

extension WorkerProgram {
  /// Runs one worker to its end.
  ///
  /// - Parameters:
  ///   - job: What it does.
  ///   - seconds: When it is killed.
  ///   - padding: Bytes added to its environment.
  ///   - onPhase: Is told every phase that begins.
  /// - Throws: `MeasuringError.spawn` when it cannot be started.
  package func run(
    _ job: WorkerJob, seconds: Double, padding: Int = 0, onPhase: (String) -> Void = { _ in }
  ) throws(MeasuringError) -> WorkerReport {
    var child = try ChildProcess(
      executable: executable, arguments: arguments,
      environment: environment(hardware: job.hardware, padding: padding))
    do {
      child.send(try JSONEncoder().encode(job))
    } catch {
      throw .malformed(what: "job", reason: "\(error)")
    }
    var messages = WorkerMessages()
    let end = child.wait(seconds: seconds) { bytes in
      let before = messages.phase
      messages.receive(bytes)
      if messages.phase != before { onPhase(messages.phase) }
    }
    return WorkerReport(
      product: Self.judge(
        end, messages, errors: String(decoding: child.errorTail, as: UTF8.self),
        limit: job.hardware.memoryLimit, seconds: seconds))
  }

  /// What an end and the messages before it mean.
  package static func judge(
    _ end: ChildProcess.End, _ messages: WorkerMessages, errors: String, limit: Int?,
    seconds: Double
  ) -> Result<WorkerProduct, WorkerFailure> {
    let tail = errors.split(separator: "\n").suffix(4).joined(separator: " | ")
    func failure(_ kind: Failure, _ text: String) -> Result<WorkerProduct, WorkerFailure> {
      .failure(
        WorkerFailure(
          failure: kind, phase: messages.phase,
          message: tail.isEmpty ? text : "\(text) [\(tail)]"))
    }
    switch end {
    case .timedOut:
      return failure(.timedOut(seconds: seconds), "killed after \(seconds) s")
    case .exited(code: 0):
      guard let json = messages.result else {
        return failure(.refused, "ended without a result")
      }
      do {
        return .success(try JSONDecoder().decode(WorkerProduct.self, from: json))
      } catch {
        return failure(.refused, "the result cannot be read: \(error)")
      }
    case .exited, .killed:
      // An allocation that fails makes Swift trap, so this comes before the signal.
      if let words = messages.exhaustion, messages.refusal == nil {
        return failure(.outOfMemory(limit: limit ?? 0), words)
      }
      if case .killed(let signal) = end {
        return failure(.crashed(signal: signal), "ended by signal \(signal)")
      }
      return failure(.refused, messages.refusal ?? "ended without a result")
    }
  }
}
