import Evaluation
import Results
import Testing

@Suite struct CosineAccumulatorTests {
  private static func summary(_ pairs: [([Float], [Float])]) -> CosineSummary? {
    var cosines = CosineAccumulator()
    for (own, float) in pairs {
      cosines.add(own.span, float: float.span, from: 0, count: own.count)
    }
    return cosines.summary
  }

  @Test func `angles are those of the definition`() throws {
    let found = try #require(Self.summary([([3, 4], [4, 3]), ([1, 0], [1, 0])]))
    #expect(abs(found.mean - (24.0 / 25 + 1) / 2) < 1e-15)
    #expect(abs(found.smallest - 24.0 / 25) < 1e-15)
    #expect(Self.summary([([1, 1], [-2, -2])])?.smallest ?? 0 <= -1 + 1e-15)
    #expect(Self.summary([]) == nil)
  }

  @Test func `only a part of a row is looked at`() {
    var cosines = CosineAccumulator()
    let own: [Float] = [9, 1, 0, 9]
    let float: [Float] = [-9, 1, 0, 4]
    cosines.add(own.span, float: float.span, from: 1, count: 2)
    #expect(cosines.summary == CosineSummary(mean: 1, smallest: 1))
  }

  @Test func `zeros and numbers that are not finite have a cosine too`() {
    #expect(Self.summary([([0, 0], [0, 0])]) == CosineSummary(mean: 1, smallest: 1))
    #expect(Self.summary([([0, 0], [1, 0])]) == CosineSummary(mean: 0, smallest: 0))
    #expect(Self.summary([([.nan, 1], [1, 1])]) == CosineSummary(mean: 0, smallest: 0))
    #expect(Self.summary([([.infinity, 1], [1, 1])]) == CosineSummary(mean: 0, smallest: 0))
  }
}
