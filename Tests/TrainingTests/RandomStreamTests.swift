import Testing
import Training

@Suite struct RandomStreamTests {
  @Test func `a permutation holds every number once and depends on the seed`() {
    func permutation(_ seed: UInt64, _ index: Int) -> [Int] {
      var random = RandomStream(seed: seed, purpose: .order, index: index)
      return random.permutation(100)
    }
    #expect(permutation(1, 0).sorted() == Array(0..<100))
    #expect(permutation(1, 0) == permutation(1, 0))
    #expect(permutation(1, 0) != permutation(2, 0))
    #expect(permutation(1, 0) != permutation(1, 1))
  }

  @Test func `normal numbers have mean 0 and variance 1`() {
    var random = RandomStream(seed: 3, purpose: .weights, index: 0)
    let numbers = (0..<20_000).map { _ in random.normal() }
    let mean = numbers.reduce(0, +) / 20_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    // Five standard errors.
    #expect(abs(mean) < 5 / 141.4)
    #expect(abs(variance - 1) < 5 * 1.414 / 141.4)
  }

  /// Computed apart from this code, from SplitMix64's definition.
  @Test func `the sequence is fixed for all time`() {
    var random = RandomStream(seed: 1, purpose: .weights, index: 0)
    #expect(random.next() == 1_752_708_466_131_553_866)
    #expect(random.next() == 10_309_634_286_449_932_497)
    #expect((0..<5).map { _ in random.below(10) } == [0, 7, 7, 6, 8])
  }
}
