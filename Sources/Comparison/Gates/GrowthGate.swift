import Results

/// `more` on bytes, counts and exact shares: how far the value may exceed the baseline's.
struct GrowthGate: Gate {
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    guard let now = subject.value(metric) else { return missing(metric, limit, in: subject) }
    guard let before = subject.baseline(metric) else {
      return subject.undecided(
        metric.id, limit, figures: Figures(unit: unit, now: now),
        because: "the baseline has no value for it", next: Advice.update(subject.id.scenario))
    }
    let figures = Figures(unit: unit, now: now, baseline: before, bound: before + allowed)
    let change = Quantity.change(now - before, unit)
    if now - before > allowed {
      if let other = otherCounter(metric, in: subject) {
        return subject.undecided(
          metric.id, limit, figures: figures, because: "\(change), but \(other)",
          next: "compare under the same allocator and compiler, or "
            + Advice.update(subject.id.scenario))
      }
      return subject.verdict(
        .fail, metric.id, limit, figures: figures, "\(change) since the baseline",
        evidence: phases(metric, in: subject), next: Advice.ifMeant(subject.id.scenario))
    }
    if now < before {
      return subject.verdict(
        .improved, metric.id, limit, figures: figures, "\(change) since the baseline",
        next: "keep it: \(Advice.update(subject.id.scenario))")
    }
    return subject.verdict(
      .pass, metric.id, limit, figures: figures,
      now == before ? "equal to the baseline" : "\(change) since the baseline, within the limit")
  }

  /// Counts hold per allocator and toolchain: a difference under another one proves nothing.
  private func otherCounter(_ metric: MetricDeclaration, in subject: GateSubject) -> String? {
    guard metric.home == .hardware, let stored = subject.hardware,
      let allocator = subject.result.memory?.allocator
    else { return nil }
    if stored.allocator != allocator {
      return "the baseline was counted by \(stored.allocator), this run by \(allocator)"
    }
    if stored.compiler != subject.fingerprint.compiler {
      return "the baseline was built by \(stored.compiler), this run by "
        + subject.fingerprint.compiler
    }
    return nil
  }

  /// Which phase allocates more than it did.
  private func phases(_ metric: MetricDeclaration, in subject: GateSubject) -> [String] {
    guard metric.home == .hardware, let stored = subject.hardware else { return [] }
    return (subject.result.memory?.phases ?? []).compactMap { phase in
      guard let before = stored.phases[phase.name], before != phase else { return nil }
      func change(
        _ key: KeyPath<PhaseMemory, Int>, _ unit: Metric.Unit, _ what: String
      ) -> String? {
        let difference = phase[keyPath: key] - before[keyPath: key]
        return difference == 0 ? nil : "\(what) \(Quantity.change(Double(difference), unit))"
      }
      let parts = [
        change(\.allocations, .count, "allocations"), change(\.allocatedBytes, .bytes, "allocated"),
        change(\.liveAtEnd, .bytes, "live at end"), change(\.peak, .bytes, "peak"),
      ].compactMap(\.self)
      return "phase \(phase.name): \(parts.joined(separator: ", "))"
    }
  }
}
