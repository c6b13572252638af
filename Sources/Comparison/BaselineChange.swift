public import Results

/// One thing that an update of a baseline changes.
public struct BaselineChange: Hashable, Sendable, Codable {
  /// `architecture/scheme` or `architecture/scheme/hardware`.
  public let subject: String
  /// The metric's id, a digest's name, or `entry`.
  public let what: String
  /// The metric's unit; `nil` for texts.
  public let unit: Metric.Unit?
  /// The text before; `nil` for something new.
  public let before: String?
  /// The text after; `nil` for something removed.
  public let after: String?
  /// How far a metric moves; `nil` for texts.
  public let change: Double?
  /// Whether a metric moves the wrong way.
  public let isWorse: Bool

  /// Everything that differs between two baselines of a scenario, sorted.
  public static func between(_ old: Baseline?, _ new: Baseline) -> [BaselineChange] {
    let before = old?.entries ?? [:]
    let models = Set(before.keys).union(new.entries.keys).sorted()
    return models.flatMap { model in
      entries(model, before[model], new.entries[model])
    }
  }

  private static func entries(
    _ model: String, _ old: BaselineEntry?, _ new: BaselineEntry?
  ) -> [BaselineChange] {
    guard let old, let new else {
      return [text(model, "entry", old == nil ? nil : "present", new == nil ? nil : "present")]
    }
    let digests = [
      text(model, "weights", old.quality.modelDigest, new.quality.modelDigest),
      text(model, "evaluation data", old.quality.dataDigest, new.quality.dataDigest),
      text(
        model, "calibration data", old.quality.calibrationDigest, new.quality.calibrationDigest),
      text(model, "outputs", old.quality.outputDigest, new.quality.outputDigest),
    ].filter { $0.before != $0.after }
    let profiles = Set(old.hardware.keys).union(new.hardware.keys).sorted()
    return digests + metrics(model, old.metrics, new.metrics)
      + slices(model, old.quality.slices, new.quality.slices)
      + profiles.flatMap { hardware("\(model)/\($0)", old.hardware[$0], new.hardware[$0]) }
  }

  private static func hardware(
    _ subject: String, _ old: HardwareBaseline?, _ new: HardwareBaseline?
  ) -> [BaselineChange] {
    guard let old, let new else {
      return [text(subject, "entry", old == nil ? nil : "present", new == nil ? nil : "present")]
    }
    let counters = [
      text(subject, "allocator", old.allocator, new.allocator),
      text(subject, "compiler", old.compiler, new.compiler),
    ].filter { $0.before != $0.after }
    return counters + metrics(subject, old.metrics, new.metrics)
  }

  private static func metrics(
    _ subject: String, _ old: [String: Double], _ new: [String: Double]
  ) -> [BaselineChange] {
    MetricCatalog.all.compactMap { metric in
      number(subject, metric.id, metric.metric, old[metric.id], new[metric.id])
    }
  }

  private static func slices(
    _ subject: String, _ old: [String: [String: Double]], _ new: [String: [String: Double]]
  ) -> [BaselineChange] {
    let keys = Set(old.keys).union(new.keys).sorted()
    return keys.flatMap { key -> [BaselineChange] in
      let values = Set((old[key] ?? [:]).keys).union((new[key] ?? [:]).keys).sorted()
      return values.compactMap { value in
        let metric = Metric(
          "accuracy", unit: .share, direction: .higherIsBetter, repeatability: .exact)
        return number(
          subject, "accuracy of \(key)=\(value)", metric, old[key]?[value], new[key]?[value])
      }
    }
  }

  private static func number(
    _ subject: String, _ what: String, _ metric: Metric, _ old: Double?, _ new: Double?
  ) -> BaselineChange? {
    guard old != new else { return nil }
    let change: Double? = if let old, let new { new - old } else { nil }
    let worse =
      switch metric.direction {
      case .higherIsBetter: (change ?? 0) < 0
      case .lowerIsBetter: (change ?? 0) > 0
      }
    return BaselineChange(
      subject: subject, what: what, unit: metric.unit,
      before: old.map { Quantity.text($0, metric.unit) },
      after: new.map { Quantity.text($0, metric.unit) }, change: change, isWorse: worse)
  }

  private static func text(
    _ subject: String, _ what: String, _ old: String?, _ new: String?
  ) -> BaselineChange {
    BaselineChange(
      subject: subject, what: what, unit: nil, before: old, after: new, change: nil,
      isWorse: false)
  }
}
