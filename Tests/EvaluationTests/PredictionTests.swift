import Evaluation
import TestSupport
import Testing

@Suite struct PredictionTests {
  @Test(
    arguments: [
      ([1, 3, 2], 1),
      ([5, 5, 5], 0),
      ([1, 7, 7], 1),
      ([-3, -2, -2], 1),
      ([-0.0, 0.0], 0),
      ([.nan, 1, 2], 2),
      ([2, .nan, 1], 0),
      ([.nan, -.infinity], 1),
      ([.nan, .nan, .nan], 0),
      ([-.infinity, -.infinity], 0),
      ([1, .infinity, .infinity, .nan], 1),
      ([4], 0),
    ] as [([Float], Int)])
  func `the largest number wins, the first among equals, never a NaN`(
    outputs: [Float], expected: Int
  ) {
    #expect(Prediction.argmax(outputs) == expected)
  }

  @Test func `the answer equals a search over all pairs`() {
    for seed in UInt64(0)..<500 {
      var random = SeededGenerator(seed: seed)
      let values: [Float] = [.nan, -.infinity, -1, -0.0, 0, 1, .infinity]
      let outputs = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        values.randomElement(using: &random) ?? 0
      }
      let winner = outputs.indices.first { candidate in
        !outputs[candidate].isNaN
          && outputs.allSatisfy { $0.isNaN || $0 <= outputs[candidate] }
      }
      #expect(Prediction.argmax(outputs) == winner ?? 0, "seed \(seed): \(outputs)")
    }
  }

  @Test func `only the asked range is looked at`() {
    let outputs: [Float] = [9, 1, 2, 3, 9]
    #expect(Prediction.argmax(outputs.span, from: 1, count: 3) == 2)
  }
}
