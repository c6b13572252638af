import Results

/// Output bits: equal to the baseline's, and equal in every process.
enum OutputsGate {
  static func verdict(in subject: GateSubject) -> Verdict {
    let scenario = subject.id.scenario
    guard let quality = subject.result.quality else {
      return subject.undecided(
        "outputs", nil, because: "the outputs were not recorded",
        next: "quantgate check \(scenario)")
    }
    guard let stored = subject.entry?.quality else {
      return subject.verdict(
        .undecided, "outputs", "no baseline for \(subject.id.model)",
        evidence: ["limits that need no baseline are judged all the same"],
        next: Advice.record(scenario), exitCode: .noBaseline)
    }
    if subject.outputsMatch == true {
      return subject.verdict(
        .pass, "outputs",
        "every output bit equals the baseline's over "
          + "\(Quantity.text(Double(stored.examples), .count)) examples")
    }
    let differences = Self.differences(quality, stored)
    if subject.scenario.gates.outputs == .identical {
      return subject.verdict(
        .fail, "outputs", "the output bits differ from the baseline's",
        evidence: differences, next: Advice.ifMeant(scenario))
    }
    guard quality.dataDigest == stored.dataDigest else {
      return subject.verdict(
        .undecided, "outputs", "the evaluation data are not the baseline's, so nothing pairs up",
        evidence: differences, next: Advice.ifMeant(scenario))
    }
    return subject.verdict(
      .pass, "outputs", "the output bits differ, which 'equivalent' allows; accuracy is paired",
      evidence: differences)
  }

  /// FAIL when the timing processes, over one pass through the same inputs, gave different bits.
  static func repeatability(in subject: GateSubject) -> [Verdict] {
    guard let processes = subject.result.timing?.processes, !processes.isEmpty else { return [] }
    let digests = Set(processes.map(\.outputDigest))
    guard digests.count > 1 else { return [] }
    return [
      subject.verdict(
        .fail, "outputs",
        "\(processes.count) processes gave \(digests.count) different outputs for the same inputs",
        evidence: digests.sorted(),
        next: "look for uninitialised memory, a race, or a sum whose order varies")
    ]
  }

  private static func differences(
    _ quality: QualityRecord, _ stored: QualityBaseline
  ) -> [String] {
    let digests = [
      ("weights", stored.modelDigest, quality.modelDigest),
      ("evaluation data", stored.dataDigest, quality.dataDigest),
      ("calibration data", stored.calibrationDigest ?? "none", quality.calibrationDigest ?? "none"),
      ("outputs", stored.outputDigest, quality.outputDigest),
    ]
    return digests.filter { $0.1 != $0.2 }.map { name, before, now in
      "\(name): baseline \(short(before)), now \(short(now))"
    }
  }

  private static func short(_ digest: String) -> String { String(digest.prefix(19)) }
}
