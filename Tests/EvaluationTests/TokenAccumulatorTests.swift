import Digests
import Evaluation
import Foundation
import Results
import TestSupport
import Testing

@Suite struct TokenAccumulatorTests {
  private static let vocabulary = 7
  private static let context = QualityAccumulator.Context(
    model: Digest(of: "model"), data: Digest(of: "data"), calibration: nil, modelBytes: 10,
    calibrationCoverage: [:])

  private static func scores(_ tokens: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<tokens * vocabulary).map { _ in Float.random(in: -4...4, using: &generator) }
  }

  private static func probabilities(_ scores: [Float], _ place: Int) -> [Double] {
    let powers = scores[place * vocabulary..<(place + 1) * vocabulary].map { exp(Double($0)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  @Test func `losses and divergences are those of the definition`() throws {
    let window: [Float] = [3, 0, 6, 2, 2]
    let own = Self.scores(5, seed: 1)
    let float = Self.scores(5, seed: 2)
    var accumulator = TokenAccumulator(vocabulary: Self.vocabulary, truth: .nextToken)
    accumulator.add(window: window.span, outputs: own.span, floatOutputs: float.span)
    let record = accumulator.finish(slices: ["dialect": ["east"]], context: Self.context)
    let tokens = try #require(record.tokens)
    var (loss, floatLoss, divergence) = (0.0, 0.0, [Double]())
    for place in 0..<4 {
      let (p, q) = (Self.probabilities(own, place), Self.probabilities(float, place))
      loss -= log(p[Int(window[place + 1])])
      floatLoss -= log(q[Int(window[place + 1])])
      divergence.append(zip(q, p).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) })
    }
    #expect(tokens.targets.values == [4])
    #expect(abs(tokens.losses[0] - loss) < 1e-12)
    #expect(abs(tokens.floatLosses[0] - floatLoss) < 1e-12)
    #expect(abs(tokens.divergences[0] - divergence.reduce(0, +)) < 1e-12)
    #expect(abs(tokens.divergence.largest - (divergence.max() ?? 0)) < 1e-12)
    #expect(abs(tokens.divergence.median - divergence.sorted()[1]) < 1e-12)
    #expect(record.labels.integers == [0, 6, 2, 2])
    #expect(record.exampleCount == 4)
    #expect(record.slices["dialect"]?.members.integers == [0, 0, 0, 0])
    #expect(tokens.windowSlices["dialect"]?.members.integers == [0])
  }

  @Test func `what fills a window up and what is context is not scored`() throws {
    let window: [Float] = [3, 0, 6, 2, 5]
    let own = Self.scores(5, seed: 6)
    let float = Self.scores(5, seed: 7)
    var part = TokenAccumulator(vocabulary: Self.vocabulary, truth: .nextToken)
    part.add(
      window: window.span, filled: 4, targets: 2..<3, outputs: own.span, floatOutputs: float.span)
    let record = part.finish(slices: ["dialect": ["east"]], context: Self.context)
    let loss = -log(Self.probabilities(own, 1)[6])
    #expect(record.labels.integers == [6])
    #expect(record.tokens?.targets.integers == [1])
    #expect(abs((record.tokens?.losses[0] ?? 0) - loss) < 1e-12)
    var faithful = TokenAccumulator(vocabulary: Self.vocabulary, truth: .floatRun)
    faithful.add(window: window.span, filled: 4, outputs: own.span, floatOutputs: float.span)
    let other = faithful.finish(slices: [:], context: Self.context)
    #expect(other.tokens?.targets.integers == [4])
  }

  @Test func `without a right answer the float run's is, and every place counts`() throws {
    let window: [Float] = [1, 2, 3]
    let own = Self.scores(3, seed: 3)
    let float = Self.scores(3, seed: 4)
    var accumulator = TokenAccumulator(vocabulary: Self.vocabulary, truth: .floatRun)
    accumulator.add(window: window.span, outputs: own.span, floatOutputs: float.span)
    accumulator.add(window: window.span, outputs: float.span, floatOutputs: float.span)
    let record = accumulator.finish(slices: [:], context: Self.context)
    #expect(record.floatTop1 == 1)
    #expect(record.labels == record.floatPredictions)
    #expect(record.tokens?.targets.integers == [3, 3])
    #expect(record.tokens?.losses == [])
    #expect(record.tokens?.loss == nil)
    #expect(record.tokens?.divergences[1] == 0)
  }

  @Test func `scores beyond any exponential keep their probabilities`() throws {
    let window: [Float] = [0, 1]
    var own = [Float](repeating: 1e4, count: 14)
    own[1] = 2e4
    var accumulator = TokenAccumulator(vocabulary: Self.vocabulary, truth: .nextToken)
    accumulator.add(window: window.span, outputs: own.span, floatOutputs: own.span)
    let record = accumulator.finish(slices: [:], context: Self.context)
    #expect(record.tokens?.losses == [0])
  }

  @Test func `scores that are not finite are counted`() throws {
    let window: [Float] = [0, 1]
    var own = Self.scores(2, seed: 5)
    own[3] = .nan
    own[9] = .infinity
    let float = Self.scores(2, seed: 5)
    var accumulator = TokenAccumulator(vocabulary: Self.vocabulary, truth: .nextToken)
    accumulator.add(window: window.span, outputs: own.span, floatOutputs: float.span)
    let record = accumulator.finish(slices: [:], context: Self.context)
    #expect(record.nonFiniteOutputs == 2)
  }
}
