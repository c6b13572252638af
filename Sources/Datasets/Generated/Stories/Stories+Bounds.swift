/// A quantity's mean over a fixed sample, and four standard errors of it.
public struct IntegratedBound: Equatable, Sendable {
  /// The mean.
  public let mean: Double
  /// Four standard errors.
  public let tolerance: Double

  /// Creates a bound.
  public init(mean: Double, tolerance: Double) {
    self.mean = mean
    self.tolerance = tolerance
  }
}

extension Stories {
  /// The stream of the sample that the constants are computed on; no split has it.
  private static let integrationStream: UInt32 = streamNumber << 8 | 255

  /// How many windows of each dialect the constants are computed on.
  package static let samplesPerDialect = 2048

  /// The least mean loss over predicted tokens, in nats per token, for windows of ``standardLength``, over
  /// the fixed sample that ``integrated(samples:)`` draws with ``samplesPerDialect``, rounded to 5
  /// decimals. A test computes it again, as it does with the constants below.
  public static let entropy = IntegratedBound(mean: 0.58939, tolerance: 0.0025)
  /// The same for the windows of each dialect, by a model that knows all dialects but is not told which
  /// one a window is in.
  public static let entropyByDialect = [
    IntegratedBound(mean: 0.57638, tolerance: 0.0043),
    IntegratedBound(mean: 0.61465, tolerance: 0.0050),
    IntegratedBound(mean: 0.60410, tolerance: 0.0036),
    IntegratedBound(mean: 0.55800, tolerance: 0.0047),
    IntegratedBound(mean: 0.57299, tolerance: 0.0042),
  ]
  /// The accuracy of the best possible classifier, by label, for windows of ``standardLength``.
  public static let bayesAccuracy: [Label: IntegratedBound] = [
    .dialect: IntegratedBound(mean: 1.00000, tolerance: 0.0001),
    .topic: IntegratedBound(mean: 0.99844, tolerance: 0.0009),
    .mood: IntegratedBound(mean: 0.90980, tolerance: 0.0063),
  ]

  /// ``entropy`` less its tolerance, for windows of ``standardLength`` whose next tokens are asked for.
  public var entropyBound: Double? {
    label == nil && length == Stories.standardLength
      ? Stories.entropy.mean - Stories.entropy.tolerance : nil
  }
  /// ``bayesAccuracy`` plus its tolerance, for windows of ``standardLength``; at most 1.
  public var accuracyBound: Double? {
    guard let label, length == Stories.standardLength, let bound = Stories.bayesAccuracy[label]
    else {
      return nil
    }
    return min(1, bound.mean + bound.tolerance)
  }

  /// What ``integrated(samples:)`` finds.
  package struct Integrated: Sendable {
    package var entropy = IntegratedBound(mean: 0, tolerance: 0)
    package var entropyByDialect: [IntegratedBound] = []
    package var bayesAccuracy: [Label: IntegratedBound] = [:]
  }

  /// Means over fresh windows of ``standardLength``, equally many of each dialect; what is said of all
  /// dialects weighs each by its share, so the rare ones are known as well as the others. Summed in
  /// ascending order of dialect and index.
  package static func integrated(samples: Int) -> Integrated {
    var entropies: [IntegratedBound] = []
    var accuracies = Label.allCases.map { _ in [IntegratedBound]() }
    for dialect in StoryWords.dialects.indices {
      var entropy = Moments()
      var accuracy = Label.allCases.map { _ in Moments() }
      for index in 0..<samples {
        var lots = CounterGenerator(
          seed: UInt64(dialect), stream: integrationStream, index: UInt64(index))
        let window = StoryWindow(length: standardLength, dialect: dialect, &lots)
        let judge = StoryJudge(tokens: window.tokens)
        entropy.add(judge.losses.reduce(0, +) / Double(judge.losses.count))
        for (place, label) in Label.allCases.enumerated() {
          accuracy[place].add(judge.posterior(of: label).max() ?? 0)
        }
      }
      entropies.append(entropy.bound)
      for place in accuracy.indices { accuracies[place].append(accuracy[place].bound) }
    }
    return Integrated(
      entropy: mixed(entropies), entropyByDialect: entropies,
      bayesAccuracy: Dictionary(
        uniqueKeysWithValues: zip(Label.allCases, accuracies.map { mixed($0) })))
  }

  /// The mean over all dialects, each weighing as much as its share.
  private static func mixed(_ bounds: [IntegratedBound]) -> IntegratedBound {
    var (mean, squares) = (0.0, 0.0)
    for (bound, dialect) in zip(bounds, StoryWords.dialects) {
      let share = Double(dialect.share) / 100
      mean += share * bound.mean
      squares += share * share * bound.tolerance * bound.tolerance
    }
    return IntegratedBound(mean: mean, tolerance: squares.squareRoot())
  }

  private struct Moments {
    private var (count, sum, squares) = (0.0, 0.0, 0.0)

    mutating func add(_ value: Double) {
      count += 1
      sum += value
      squares += value * value
    }

    var bound: IntegratedBound {
      let mean = sum / count
      let variance = max(squares / count - mean * mean, 0)
      return IntegratedBound(mean: mean, tolerance: 4 * (variance / count).squareRoot())
    }
  }
}
