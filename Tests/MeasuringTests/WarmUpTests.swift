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
}
