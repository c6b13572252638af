import CMath
public import Results

/// One architecture under one scheme: what quantization cost and bought. Values that were not measured
/// are `nil`, never zero.
public struct TableRow: Hashable, Sendable, Codable {
  /// The scenario's name.
  public let scenario: String
  /// The architecture's name.
  public let architecture: String
  /// The scheme's name.
  public let scheme: String
  /// The hardware profile's name.
  public let hardware: String
  /// Bytes of the parameters.
  public let modelBytes: Double?
  /// Accuracy over all examples.
  public let accuracy: Double?
  /// Accuracy less the float run's.
  public let accuracyChange: Double?
  /// exp of the mean −ln p(right token); absent where examples are no tokens.
  public let perplexity: Double?
  /// Its standard error, from the spread between windows.
  public let perplexityError: Double?
  /// Mean divergence from the float run's predictions, in nats per token; absent where examples are no tokens.
  public let divergence: Double?
  /// The slice with the lowest accuracy, `key=value`.
  public let worstSlice: String?
  /// Its accuracy.
  public let worstSliceAccuracy: Double?
  /// Median seconds per inference.
  public let p50: Double?
  /// 99th percentile of the same.
  public let p99: Double?
  /// How many times faster than the float run; 1 for the float run itself.
  public let speedUp: Double?
  /// Whether some layers run on the reference path, at the speed of fp32; absent when none does.
  public let runsOnReferencePath: Bool?
  /// p99 / p50 of the intrinsic profile.
  public let intrinsicTail: Double?
  /// Largest number of live bytes.
  public let peakBytes: Double?
  /// Allocation calls while loading.
  public let loadAllocations: Double?
  /// Allocation calls in the steady phase.
  public let steadyAllocations: Double?
  /// Accuracy of every slice value, sorted by key and value.
  public let slices: [SliceRow]
  /// How many predictions quantization broke, repaired and moved; absent where nothing was answered.
  public let flips: Flips?
  /// The examples behind them, where examples have classes; empty for tokens, of which there are too many.
  public let changed: [ChangedExample]
  /// Layer by layer against the float run; empty for the float run itself.
  public let layers: [LayerFidelity]
  /// The baseline's values of the exact columns where they differ, by metric id.
  public let before: [String: Double]

  init(
    _ result: CaseResult, floatScheme: String, timing: TimingAnalysis?, entry: BaselineEntry?
  ) {
    let id = result.id
    func value(_ metric: String) -> Double? {
      MetricCatalog.declaration(metric)?.value(of: result)
    }
    scenario = id.scenario
    architecture = id.architecture
    scheme = id.scheme
    hardware = id.hardware
    modelBytes = value("memory.model_bytes")
    accuracy = value("accuracy.top1")
    accuracyChange =
      if let accuracy, let float = result.quality?.floatTop1 { accuracy - float } else { nil }
    perplexity = value("tokens.perplexity")
    perplexityError =
      if let perplexity, let error = result.quality?.tokens?.loss?.standardError {
        perplexity * error
      } else {
        nil
      }
    divergence = value("tokens.divergence")
    worstSlice = result.quality?.worstSlice?.name
    worstSliceAccuracy = result.quality?.worstSlice?.accuracy
    slices =
      result.quality.map { quality in
        quality.sliceAccuracies.map { SliceRow($0, quality) }
      } ?? []
    flips = result.quality.flatMap(Flips.init)
    changed =
      if let quality = result.quality, quality.tokens == nil { quality.changedExamples } else { [] }
    layers = result.quality?.layers ?? []
    p50 = timing?.p50
    p99 = timing?.p99
    speedUp =
      if let ratio = timing?.ratioToFloat {
        1 / ratio
      } else {
        timing != nil && id.scheme == floatScheme ? 1 : nil
      }
    runsOnReferencePath = (result.quality?.referenceLayers).map { $0 > 0 }
    intrinsicTail = timing?.intrinsic?.tail
    peakBytes = value("memory.peak_allocated")
    loadAllocations = value("memory.load_allocations")
    steadyAllocations = value("memory.steady_allocations")
    var before: [String: Double] = [:]
    let stored = (entry?.metrics ?? [:])
      .merging(entry?.hardware[id.hardware]?.metrics ?? [:]) { $1 }
    for metric in Self.exactColumns {
      if let old = stored[metric], let new = value(metric), old != new { before[metric] = old }
    }
    self.before = before
  }

  /// Metric ids of the columns that a baseline stores.
  public static let exactColumns = [
    "memory.model_bytes", "accuracy.top1", "tokens.perplexity", "accuracy.worst_slice",
    "memory.peak_allocated",
    "memory.load_allocations", "memory.steady_allocations",
  ]

  private enum CodingKeys: String, CodingKey {
    case scenario
    case architecture
    case scheme
    case hardware
    case modelBytes = "model_bytes"
    case accuracy
    case accuracyChange = "accuracy_change"
    case perplexity
    case perplexityError = "perplexity_error"
    case divergence
    case worstSlice = "worst_slice"
    case worstSliceAccuracy = "worst_slice_accuracy"
    case p50
    case p99
    case speedUp = "speed_up"
    case runsOnReferencePath = "runs_on_reference_path"
    case intrinsicTail = "intrinsic_tail"
    case peakBytes = "peak_bytes"
    case loadAllocations = "load_allocations"
    case steadyAllocations = "steady_allocations"
    case slices
    case flips
    case changed
    case layers
    case before
  }
}

/// One slice value of a row. Numbers that do not suit the data are absent.
public struct SliceRow: Hashable, Sendable, Codable {
  /// `key=value`.
  public let name: String
  /// Examples in it.
  public let examples: Int
  /// Share of them classified correctly.
  public let accuracy: Double
  /// Share of them that the float run classifies correctly.
  public let float: Double
  /// Scheme and float run: exp of the mean −ln p(right token).
  public let perplexity: Pair?
  /// Scheme and float run: mean over classes of the harmonic mean of precision and recall.
  public let f1: Pair?
  /// Scheme and float run: what the scores of classes say.
  public let scores: ScoreComparison?
  /// Scheme and float run: mean squared distance from the targets.
  public let mse: Pair?
  /// Mean divergence from the float run's predictions, in nats per token.
  public let divergence: Double?

  /// A number of a scheme and of its float run.
  public struct Pair: Hashable, Sendable, Codable {
    /// The scheme's.
    public let now: Double
    /// The float run's.
    public let float: Double

    init?(_ now: Double?, _ float: Double?) {
      guard let now, let float else { return nil }
      self.now = now
      self.float = float
    }
  }

  init(_ slice: SliceAccuracy, _ quality: QualityRecord) {
    let (key, value) = (slice.key, slice.value)
    name = slice.name
    examples = slice.examples
    accuracy = slice.accuracy
    float = slice.floatAccuracy
    let tokens = quality.tokens
    func mean(_ sums: KeyPath<TokenRecord, [Double]>) -> Double? {
      tokens.flatMap { $0.mean($0[keyPath: sums], key: key, value: value)?.value }
    }
    perplexity = Pair(mean(\.losses).map { cm_exp($0) }, mean(\.floatLosses).map { cm_exp($0) })
    divergence = mean(\.divergences)
    let f1 = quality.f1(key: key, value: value)
    self.f1 = Pair(f1.own, f1.float)
    scores = quality.scores?.slices[key]?[value]
    let errors = quality.meanSquaredError(key: key, value: value)
    mse = Pair(errors?.own, errors?.float)
  }
}
