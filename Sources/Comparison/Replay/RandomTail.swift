/// The share of iterations beyond 1.10 × p50 that does not repeat at the same index, less the same
/// share of the control that ran in between: what the subject adds to the machine's own noise.
struct RandomTail: Hashable, Sendable {
  /// Excess share per process.
  let excess: [Double]
  /// The control's own share, the mean over processes: how much the machine disturbs what runs on it.
  let ofControl: Double

  /// `nil` with too few processes or iterations.
  init?(subject: [[Double]], control: [[Double]], rank: Int) {
    guard let ofSubject = Self.shares(subject, rank: rank),
      let ofControl = Self.shares(control, rank: rank), ofSubject.count == ofControl.count
    else { return nil }
    excess = zip(ofSubject, ofControl).map { $0 - $1 }
    self.ofControl = ofControl.reduce(0, +) / Double(ofControl.count)
  }

  private static func shares(_ series: [[Double]], rank: Int) -> [Double]? {
    let length = series.map(\.count).min() ?? 0
    guard series.count >= IntrinsicProfile.fewestProcesses,
      length >= IntrinsicProfile.fewestIterations
    else { return nil }
    let normalised = series.map { RollingQuartile.normalised(Array($0.prefix(length))) }
    let repeating = Set(IntrinsicProfile(normalised: normalised, rank).spikes)
    return normalised.map { values in
      let limit = IntrinsicProfile.spikeFactor * (Quantiles.median(values) ?? 1)
      let beyond = values.indices.count { values[$0] > limit && !repeating.contains($0) }
      return Double(beyond) / Double(length)
    }
  }
}
