import Documents

/// Where an architecture's weights come from.
public enum WeightsOrigin: Hashable, Sendable {
  /// A safetensors file, relative to the repository root, under the graph's own parameter names.
  case file(String)
  /// A stated distribution.
  case generated(GeneratedWeights)
  /// A checkpoint that describes its own architecture.
  case checkpoint(CheckpointReference)

  /// What `weights:` says, before a path is resolved.
  enum Entry: Sendable {
    case path(String)
    case generated(GeneratedWeights)
  }

  static let reader = Reader<Entry>.scalar(
    Reader.string.map { .path($0) },
    orMapping: .record("weights", "Weights from a stated distribution.") { fields in
      fields.required("generate", GeneratedWeights.reader, "The distribution.").map {
        .generated($0)
      }
    })
}

extension GeneratedWeights {
  /// `{ seed: 1, spread: 1, outliers: { share: 0.5 %, factor: 20 } }`
  static let reader = Reader<GeneratedWeights>.record(
    "generate", "Weights drawn from a stated distribution."
  ) { fields in
    let seed = fields.optional("seed", .count, "Equal seeds give equal weights.", default: 1)
    let spread = fields.optional(
      "spread", .double(in: 1e-6...1e3),
      "Standard deviation of a weight times the root of its fan-in (default 1).", default: 1)
    let outliers = fields.optional(
      "outliers", Outliers.reader, "Input channels with larger weights (default none).",
      default: Outliers(share: 0, factor: 1))
    return GeneratedWeights(
      seed: UInt64(seed), spread: spread, outlierShare: outliers.share,
      outlierFactor: outliers.factor)
  }

  private struct Outliers: Sendable {
    let share: Double
    let factor: Double

    static let reader = Reader<Outliers>.record(
      "outliers", "Input channels with larger weights."
    ) { fields in
      let share = fields.required("share", .share(in: 0...1), "Share of the input channels.")
      let factor = fields.required(
        "factor", .double(in: 1...1e4), "How much larger their weights are.")
      guard let share, let factor else { return nil }
      return Outliers(share: share, factor: factor)
    }
  }
}
