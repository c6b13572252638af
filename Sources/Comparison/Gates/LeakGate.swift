import Results

/// Live bytes that each steady iteration adds and none gives back, to the byte.
struct LeakGate: Gate {
  func judge(
    _ metric: MetricDeclaration, _ limit: GateLimit, allowed: Double, in subject: GateSubject
  ) -> Verdict {
    guard let now = subject.value(metric), let leak = subject.result.memory?.leak else {
      return missing(metric, limit, in: subject)
    }
    let figures = Figures(
      unit: .bytes, now: now, baseline: subject.baseline(metric), bound: allowed)
    if now <= allowed {
      return subject.verdict(
        .pass, metric.id, limit, figures: figures,
        "\(Quantity.text(now, .bytes)) per iteration over \(leak.iterations) iterations")
    }
    return subject.verdict(
      .fail, metric.id, limit, figures: figures,
      "leaks \(Quantity.text(now, .bytes)) per iteration: "
        + "\(Quantity.text(Double(leak.bytes), .bytes)) over \(leak.iterations) iterations "
        + "never came back",
      next: "find what the steady path allocates and keeps")
  }
}
