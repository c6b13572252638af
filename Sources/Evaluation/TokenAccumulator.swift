import CMath
import Digests
public import Results

/// Builds the records of predictions of the next token, window by window, without keeping any scores.
///
/// Probabilities are computed in Double: exp and log from `CMath`, sums in ascending order of the token id,
/// the largest score subtracted first.
public struct TokenAccumulator: Sendable {
  /// What is taken for the right token.
  public enum Truth: Hashable, Sendable {
    /// The next token of the window; its last place is not scored.
    case nextToken
    /// What the float run finds most likely; every place is scored.
    case floatRun
  }

  /// Token ids.
  public let vocabulary: Int
  private let truth: Truth
  private var hasher = Hasher256()
  private var labels: [Int] = []
  private var predictions: [Int] = []
  private var floatPredictions: [Int] = []
  private var targets: [Int] = []
  private var losses: [Double] = []
  private var floatLosses: [Double] = []
  private var divergences: [Double] = []
  private var placeDivergences: [Double] = []
  private var nonFinite = 0
  private var fidelity = OutputFidelity()
  private var cosines = CosineAccumulator()
  private var scaled: [Double]
  private var floatScaled: [Double]

  /// Creates an accumulator that has seen nothing.
  public init(vocabulary: Int, truth: Truth) {
    precondition(vocabulary > 0, "there are token ids")
    self.vocabulary = vocabulary
    self.truth = truth
    scaled = Array(repeating: 0, count: vocabulary)
    floatScaled = scaled
  }

  /// Windows so far.
  public var count: Int { targets.count }

  /// Adds the next window.
  ///
  /// - Parameters:
  ///   - window: Its token ids.
  ///   - filled: How many of them are text; those behind fill the window up and are not scored.
  ///   - targets: The places whose tokens are to be predicted by the output before them, within
  ///     `1..<filled`; `nil` for all of these. Only for next tokens.
  ///   - outputs: `[tokens, vocabulary]`, scores row by row.
  ///   - floatOutputs: The float run's; for the float run itself the same.
  public mutating func add(
    window: Span<Float>, filled: Int? = nil, targets scored: Range<Int>? = nil,
    outputs: Span<Float>, floatOutputs: Span<Float>
  ) {
    precondition(
      outputs.count == window.count * vocabulary && floatOutputs.count == outputs.count,
      "one row of scores per token")
    let filled = filled ?? window.count
    precondition(filled <= window.count, "text fits the window")
    var places = 0..<filled
    if truth == .nextToken {
      let scored = scored ?? min(1, filled)..<filled
      precondition(scored.isEmpty || (scored.lowerBound > 0 && scored.upperBound <= filled))
      places = scored.isEmpty ? 0..<0 : scored.lowerBound - 1..<scored.upperBound - 1
    }
    var (loss, floatLoss, divergence) = (0.0, 0.0, 0.0)
    for place in places {
      let start = place * vocabulary
      let floatBest = Prediction.argmax(floatOutputs, from: start, count: vocabulary)
      let right = truth == .nextToken ? Int(window[place + 1]) : floatBest
      labels.append(right)
      predictions.append(Prediction.argmax(outputs, from: start, count: vocabulary))
      floatPredictions.append(floatBest)
      let (own, float, distance) = compare(outputs, floatOutputs, from: start, right: right)
      loss += own
      floatLoss += float
      divergence += distance
      placeDivergences.append(distance)
      cosines.add(outputs, float: floatOutputs, from: start, count: vocabulary)
    }
    for index in 0..<outputs.count {
      if !outputs[index].isFinite { nonFinite += 1 }
      fidelity.add(outputs[index], float: floatOutputs[index])
    }
    outputs.withUnsafeBytes { hasher.update($0) }
    targets.append(places.count)
    divergences.append(divergence)
    if truth == .nextToken {
      losses.append(loss)
      floatLosses.append(floatLoss)
    }
  }

  /// −ln p(right) of both runs, and the divergence of the first from the second.
  private mutating func compare(
    _ outputs: Span<Float>, _ floatOutputs: Span<Float>, from start: Int, right: Int
  ) -> (loss: Double, floatLoss: Double, divergence: Double) {
    let sum = Self.shift(outputs, from: start, into: &scaled)
    let floatSum = Self.shift(floatOutputs, from: start, into: &floatScaled)
    let (logSum, logFloatSum) = (cm_log(sum), cm_log(floatSum))
    var divergence = 0.0
    for index in 0..<vocabulary {
      let floatLog = floatScaled[index] - logFloatSum
      divergence += cm_exp(floatLog) * (floatLog - (scaled[index] - logSum))
    }
    // Rounding alone can bring it below 0.
    return (logSum - scaled[right], logFloatSum - floatScaled[right], max(divergence, 0))
  }

  /// Scores less the largest, and the sum of their exponentials.
  private static func shift(
    _ outputs: Span<Float>, from start: Int, into scaled: inout [Double]
  ) -> Double {
    var largest = -Float.infinity
    for index in scaled.indices { largest = max(largest, outputs[start + index]) }
    var sum = 0.0
    for index in scaled.indices {
      scaled[index] = Double(outputs[start + index]) - Double(largest)
      sum += cm_exp(scaled[index])
    }
    return sum
  }

  /// The record of everything added.
  ///
  /// - Parameters:
  ///   - slices: Slice value per window, by key.
  ///   - context: What describes the run beside its outputs.
  ///   - layers: What a comparison of layers found.
  public consuming func finish(
    slices: [String: [String]], context: QualityAccumulator.Context,
    layers: [LayerFidelity]? = nil
  ) -> QualityRecord {
    let places = targets
    let digest = hasher.finalize()
    let tokens = TokenRecord(
      targets: PackedIntegers(targets), losses: losses, floatLosses: floatLosses,
      divergences: divergences, divergence: Self.summary(placeDivergences),
      windowSlices: slices.mapValues(SliceColumn.init(examples:)))
    return QualityRecord(
      modelDigest: context.model.description, dataDigest: context.data.description,
      calibrationDigest: context.calibration?.description, outputDigest: digest.description,
      modelBytes: context.modelBytes,
      referenceLayers: context.referenceLayers == 0 ? nil : context.referenceLayers,
      labels: PackedIntegers(labels), predictions: PackedIntegers(predictions),
      floatPredictions: PackedIntegers(floatPredictions),
      slices: slices.mapValues { column in
        SliceColumn(
          examples: zip(column, places).flatMap { Array(repeating: $0, count: $1) })
      }, nonFiniteOutputs: nonFinite, outputSQNR: fidelity.decibel,
      outputCosine: cosines.summary, calibrationCoverage: context.calibrationCoverage,
      tokens: tokens, layers: layers)
  }

  /// Order statistics: the value of rank ⌈share · count⌉.
  private static func summary(_ values: [Double]) -> DivergenceSummary {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let rank = Int((share * Double(sorted.count)).rounded(.up))
      return sorted.isEmpty ? 0 : sorted[min(max(rank, 1), sorted.count) - 1]
    }
    return DivergenceSummary(
      median: quantile(0.5), p999: quantile(0.999), largest: sorted.last ?? 0)
  }
}
