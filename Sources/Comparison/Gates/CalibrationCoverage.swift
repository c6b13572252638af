import Results

/// Whether ranges were observed on every kind of input that is scored. A slice that calibration never saw
/// is flagged, not failed: the accuracy gates say whether it suffered.
enum CalibrationCoverage {
  /// A verdict that says how well each slice key is covered; `nil` for schemes that calibrate nothing.
  static func verdict(in subject: GateSubject) -> Verdict? {
    guard let coverage = subject.result.quality?.calibrationCoverage, !coverage.isEmpty else {
      return nil
    }
    let keys = coverage.keys.sorted().compactMap { key in
      coverage[key].flatMap { summary(of: key, $0) }
    }
    return subject.verdict(
      .pass, "calibration", "coverage of the scored slices: \(keys.joined(separator: "; "))")
  }

  /// One sentence for each slice value that is scored and was not calibrated on.
  static func notes(on result: CaseResult) -> [String] {
    guard let coverage = result.quality?.calibrationCoverage else { return [] }
    return coverage.keys.sorted().flatMap { key -> [String] in
      let lacking = (coverage[key] ?? [:]).filter { $0.value == 0 }.keys.sorted()
      return lacking.map { value in
        "\(result.id.scenario)/\(result.id.model): no calibration example has \(key)=\(value): "
          + "its ranges were never observed; calibrate on more or other samples"
      }
    }
  }

  /// `writer 4 of 4 values, fewest examples 12 (shaky)`.
  private static func summary(of key: String, _ counts: [String: Int]) -> String? {
    let ordered = counts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    guard let fewest = ordered.first else { return nil }
    let covered = counts.values.count { $0 > 0 }
    return "\(key) \(covered) of \(counts.count) values, fewest examples \(fewest.value) "
      + "(\(fewest.key))"
  }
}
