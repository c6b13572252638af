public import Results

extension TimingBaseline {
  /// Sessions kept per case: older ones describe a machine that has changed since.
  public static let mostSessions = 20

  /// The blends that a later run must replay, by case key: `check` never refits, or a slowdown would
  /// cancel itself.
  public var blends: [String: ControlBlend] { cases.mapValues(\.blend) }

  /// The timing baseline with one more session, that of a run. A case whose control changed starts
  /// anew; cases without durations keep what they have.
  public static func recording(
    _ scenario: ScenarioResults, of run: RunResults, adding old: TimingBaseline?
  ) -> TimingBaseline {
    var cases = old?.cases ?? [:]
    for result in scenario.cases {
      guard case .completed = result.outcome, let record = result.timing else { continue }
      let key = key(result.id)
      let session = TimingSession(
        record, when: run.startedAt, largestCache: run.fingerprint.caches.values.max())
      let kept =
        cases[key].map {
          $0.blend == record.blend && $0.batchedInferences == record.batchedInferences
            ? $0.sessions : []
        } ?? []
      cases[key] = TimingCase(
        blend: record.blend, batchedInferences: record.batchedInferences,
        sessions: Array((kept + [session]).suffix(mostSessions)))
    }
    return TimingBaseline(
      scenario: scenario.name, fingerprint: run.fingerprint, cases: cases)
  }
}
