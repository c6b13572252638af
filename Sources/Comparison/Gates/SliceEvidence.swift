import Results

/// The slices behind an accuracy, the most fallen first.
enum SliceEvidence {
  /// How many slices are worth reading in a failure.
  private static let most = 5

  static func lines(for metric: MetricDeclaration, in subject: GateSubject) -> [String] {
    guard metric.id.hasPrefix("accuracy."), let quality = subject.result.quality else { return [] }
    let stored = subject.entry?.quality.slices ?? [:]
    let slices = quality.sliceAccuracies.sorted { ($1.fall, $0.name) < ($0.fall, $1.name) }
    return slices.prefix(most).map { slice in
      let before = stored[slice.key]?[slice.value]
        .map { ", baseline \(Quantity.text($0, .share))" }
      return "\(slice.name): \(Quantity.text(slice.accuracy, .share))\(before ?? ""), float "
        + "\(Quantity.text(slice.floatAccuracy, .share)), \(slice.examples) examples"
    }
  }
}
