import Results

/// `against_baseline`: accuracy may not drift. Equal output bits pass at once; under `equivalent`,
/// McNemar's exact test on the paired record decides.
struct DriftGate: Gate {
  /// Error of the paired test.
  private static let significance = 0.01

  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    let unit = metric.metric.unit
    let scenario = subject.id.scenario
    guard let now = subject.value(metric) else { return missing(metric, limit, in: subject) }
    guard let before = subject.baseline(metric), let stored = subject.entry?.quality else {
      return subject.undecided(
        metric.id, limit, figures: Figures(unit: unit, now: now),
        because: "the baseline has no value for it", next: Advice.update(scenario))
    }
    let figures = Figures(unit: unit, now: now, baseline: before, bound: before + allowed)
    if subject.outputsMatch == true {
      return sameBits(metric, limit, now: now, before: before, figures: figures, in: subject)
    }
    guard subject.result.quality?.dataDigest == stored.dataDigest else {
      return subject.undecided(
        metric.id, limit, figures: figures,
        because: "the evaluation data differ from the baseline's", next: Advice.ifMeant(scenario))
    }
    let distance = now - before
    let change = "\(Quantity.change(distance, unit)) since the baseline"
    if Tolerance.holds(distance, allowed, metric.metric.direction) {
      let better = Tolerance.isBetter(distance, metric.metric.direction)
      return subject.verdict(
        better ? .improved : .pass, metric.id, limit, figures: figures, change,
        next: better ? "keep it: \(Advice.update(scenario))" : nil)
    }
    if subject.scenario.gates.outputs == .equivalent, metric.id == "accuracy.top1" {
      return paired(metric, limit, change: change, figures: figures, in: subject)
    }
    return failure(metric, limit, change: change, figures: figures, in: subject)
  }

  private func sameBits(
    _ metric: MetricDeclaration, _ limit: GateLimit, now: Double, before: Double,
    figures: Figures, in subject: GateSubject
  ) -> Verdict {
    guard abs(now - before) <= 1e-12 else {
      return subject.undecided(
        metric.id, limit, figures: figures,
        because: "the output bits equal the baseline's, and yet its value differs: it was edited",
        next: Advice.update(subject.id.scenario))
    }
    return subject.verdict(
      .pass, metric.id, limit, figures: figures, "the output bits equal the baseline's")
  }

  private func failure(
    _ metric: MetricDeclaration, _ limit: GateLimit, change: String, figures: Figures,
    in subject: GateSubject
  ) -> Verdict {
    subject.verdict(
      .fail, metric.id, limit, figures: figures, change,
      evidence: SliceEvidence.lines(for: metric, in: subject),
      next: Advice.ifMeant(subject.id.scenario))
  }

  private func paired(
    _ metric: MetricDeclaration, _ limit: GateLimit, change: String, figures: Figures,
    in subject: GateSubject
  ) -> Verdict {
    guard let pairs = pairs(in: subject) else {
      return subject.undecided(
        metric.id, limit, figures: figures,
        because: "the baseline's predictions do not pair up with this run's examples",
        next: Advice.update(subject.id.scenario))
    }
    var figures = figures
    figures.probability = pairs.worseByChance
    let text =
      "\(change): \(pairs.lost) examples lost, \(pairs.won) won, "
      + Quantity.probability(pairs.worseByChance)
    if pairs.worseByChance <= Self.significance {
      return failure(metric, limit, change: text, figures: figures, in: subject)
    }
    return subject.verdict(
      .pass, metric.id, limit, figures: figures,
      "\(text); a fall of \(Quantity.points(pairs.notExcludedFall)) or more is excluded at 99 %")
  }

  private func pairs(in subject: GateSubject) -> PairedChange? {
    guard let quality = subject.result.quality,
      let before = subject.entry?.quality.predictions.values,
      before.count == min(quality.labels.values.count, QualityBaseline.mostExamples),
      !before.isEmpty
    else { return nil }
    var lost = 0
    var won = 0
    for (index, old) in before.enumerated() {
      let label = quality.labels.values[index]
      let wasRight = old == label
      let isRight = quality.predictions.values[index] == label
      lost += wasRight && !isRight ? 1 : 0
      won += !wasRight && isRight ? 1 : 0
    }
    return PairedChange(lost: lost, won: won, examples: before.count)
  }
}
