import Results

/// A worker that did not finish is a result: FAIL, with its own exit code.
enum FailedCase {
  static func verdict(
    _ failure: Failure, phase: String, message: String, in subject: GateSubject
  ) -> Verdict {
    let (what, next) =
      switch failure {
      case .crashed(let signal):
        (
          "crashed with signal \(signal) in phase \(phase)",
          "run it alone: quantgate run --filter '\(subject.id)'"
        )
      case .refused:
        ("stopped in phase \(phase)", "see the message; correct the scenario or its files")
      case .timedOut(let seconds):
        (
          "was stopped after \(Quantity.seconds(seconds)) in phase \(phase)",
          "find what hangs, or raise measure.limit in \(subject.scenario.file)"
        )
      case .outOfMemory(let limit):
        (
          "ran out of memory in phase \(phase): the profile allows \(Quantity.size(Double(limit)))",
          "make it smaller, or raise memory.limit of the hardware profile '\(subject.id.hardware)'"
        )
      }
    return subject.verdict(
      .fail, "case", message.isEmpty ? what : "\(what): \(message)", next: next,
      exitCode: .workloadFailed)
  }
}
