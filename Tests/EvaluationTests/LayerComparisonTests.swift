import Evaluation
import Results
import Testing

@Suite struct LayerComparisonTests {
  @Test func `layers keep their order and are compared row by row`() throws {
    var comparison = LayerComparison()
    let (first, second): ([Float], [Float]) = ([3, 4], [4, 3])
    let (exact, zero): ([Float], [Float]) = ([3, 4], [0, 0])
    comparison.add(layer: "b", operation: "linear", values: first.span, float: exact.span)
    comparison.add(layer: "a", operation: "attention", values: zero.span, float: zero.span)
    comparison.add(
      layer: "b", operation: "linear", values: second.span, float: exact.span, range: -1...3.5)
    let summary = comparison.summary
    #expect(summary.map(\.name) == ["b", "a"])
    #expect(summary.map(\.operation) == ["linear", "attention"])
    // Cosines 1 and 24/25; signal 50, noise 2.
    #expect(abs(summary[0].cosine.mean - 0.98) < 1e-15)
    #expect(abs(summary[0].cosine.smallest - 0.96) < 1e-15)
    #expect(abs(try #require(summary[0].sqnr) - 13.979_400_086_720_377) < 1e-12)
    // One of four float values, 4, lies beyond the range.
    #expect(summary[0].saturation == 0.25)
    #expect(summary[1].saturation == 0)
    #expect(summary[1].sqnr == nil)
    #expect(summary[1].cosine.mean == 1)
  }
}
