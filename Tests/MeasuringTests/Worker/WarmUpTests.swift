import Measuring
import Testing

@Suite struct WarmUpTests {
  @Test func `agreeing windows end the warm-up and one slow window does not`() {
    var warmUp = WarmUp()
    for median in [200, 100, 101] as [UInt32] {
      warmUp.add(window: [median, median, median])
      #expect(!warmUp.isStable)
    }
    warmUp.add(window: [100, 100, 5000])
    #expect(warmUp.isStable)
    #expect(warmUp.median == 100)
    warmUp.add(window: [103, 103, 103])
    #expect(!warmUp.isStable)
  }

  @Test func `nothing seen is not stable`() {
    #expect(!WarmUp().isStable)
    #expect(WarmUp().median == nil)
  }

  @Test func `a slow creep does not agree although neighbours do`() {
    var warmUp = WarmUp()
    for step in 0..<10 { warmUp.add(window: [UInt32(100_000 - 1500 * step)]) }
    #expect(!warmUp.isStable)
  }

  @Test(arguments: [(1e-9, 500), (2e-5, 500), (1e-4, 100), (1e-3, 10), (0.01, 8), (1, 8), (0, 500)])
  func `a window lasts about a hundredth of a second`(seconds: Double, iterations: Int) {
    #expect(abs(WarmUp.window(secondsPerIteration: seconds) - iterations) <= 1)
  }

  @Test(
    arguments: [
      ([], 0), ([7], 7), ([9, 1], 9), ([3, 1, 2], 2), ([4, 4, 1, 9], 4),
      ([.max, 0, .max], 4294967295),
    ] as [([UInt32], Double)])
  func `the median is the element of the middle rank`(values: [UInt32], median: Double) {
    #expect(Median.of(values) == median)
  }
}
