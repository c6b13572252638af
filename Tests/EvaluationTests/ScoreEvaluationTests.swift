import Evaluation
import Foundation
import Results
import Testing

@Suite struct ScoreEvaluationTests {
  struct Golden: Decodable, Sendable {
    let classes: Int
    let labels: [Int]
    let logits: [Float]
    let auc: Double
    let brier: Double
    let calibration_error: Double
    let f1: Double
    let top5: Double?
  }

  private func goldens() throws -> [Golden] {
    let url = try #require(
      Bundle.module.url(forResource: "scores", withExtension: "json", subdirectory: "Goldens"))
    return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
  }

  private func record(
    _ logits: [Float], classes: Int, labels: [Int], slices: [String: [String]] = [:],
    scale: ClassProbabilities.Scale = .logits
  ) -> ScoreRecord {
    let probabilities = ClassProbabilities(logits.span, classes: classes, scale: scale)
    return ScoreEvaluation.record(
      probabilities, float: probabilities, labels: labels, slices: slices)
  }

  @Test func `scores agree with scikit-learn and numpy`() throws {
    let goldens = try goldens()
    #expect(goldens.count == 5)
    for (index, golden) in goldens.enumerated() {
      let scores = record(golden.logits, classes: golden.classes, labels: golden.labels).all.own
      #expect(abs(try #require(scores.auc) - golden.auc) < 1e-12, "case \(index)")
      #expect(abs(scores.brier - golden.brier) < 1e-12, "case \(index)")
      #expect(abs(scores.calibrationError - golden.calibration_error) < 1e-12, "case \(index)")
      #expect(scores.top5 == golden.top5, "case \(index)")
      let predictions = (0..<golden.labels.count).map { example in
        Prediction.argmax(golden.logits.span, from: example * golden.classes, count: golden.classes)
      }
      let quality = Self.quality(labels: golden.labels, predictions: predictions)
      #expect(abs(try #require(quality.f1) - golden.f1) < 1e-12, "case \(index)")
    }
  }

  /// A record of nothing but classes.
  private static func quality(labels: [Int], predictions: [Int]) -> QualityRecord {
    QualityRecord(
      modelDigest: "", dataDigest: "", calibrationDigest: nil, outputDigest: "", modelBytes: 0,
      labels: PackedIntegers(labels), predictions: PackedIntegers(predictions),
      floatPredictions: PackedIntegers(labels), slices: [:], nonFiniteOutputs: 0, outputSQNR: nil,
      calibrationCoverage: [:])
  }

  @Test func `slices are the record of their own examples`() throws {
    let golden = try goldens()[3]
    let group = golden.labels.indices.map { $0 % 3 == 0 ? "few" : "many" }
    let all = record(
      golden.logits, classes: 7, labels: golden.labels, slices: ["group": group])
    for value in ["few", "many"] {
      let members = group.indices.filter { group[$0] == value }
      let alone = record(
        members.flatMap { golden.logits[$0 * 7..<$0 * 7 + 7] }, classes: 7,
        labels: members.map { golden.labels[$0] })
      #expect(all.slices["group"]?[value] == alone.all)
    }
  }

  @Test func `probabilities are taken as they are`() throws {
    // A softmax of 0.9 and 0.1 as scores would claim 0.69.
    let scores = record([0.9, 0.1, 0.2, 0.8], classes: 2, labels: [0, 0], scale: .probabilities)
      .all.own
    let expected = (0.02 + 1.28) / 2
    #expect(abs(scores.brier - expected) < 1e-7)
    // One right at 0.9, one wrong at 0.8.
    #expect(abs(scores.calibrationError - (0.1 + 0.8) / 2) < 1e-7)
    // All have the same label.
    #expect(scores.auc == nil)
    #expect(scores.top5 == nil)
  }

  @Test func `an output that is not finite claims nothing`() {
    let scores = record([.nan, 1, .infinity, 0], classes: 2, labels: [0, 1]).all.own
    #expect(scores.brier == 0.5)
    #expect(scores.auc == 0.5)
  }

  @Test func `every place of the right order counts in the area`() throws {
    // Positives at 0.9 and 0.4, negatives at 0.6 and 0.4: pairs won 1, 1, 0, ½.
    let logits: [Float] = [0.1, 0.9, 0.6, 0.4, 0.4, 0.6, 0.6, 0.4]
    let scores = record(logits, classes: 2, labels: [1, 1, 0, 0], scale: .probabilities).all.own
    #expect(scores.auc == 2.5 / 4)
  }
}
