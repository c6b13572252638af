import Foundation
import Host
import Testing

@Suite struct ThreadClockTests {
  @Test func `the clock stands still while its thread sleeps`() {
    let asleep = 0.05
    let wall = MonotonicClock.seconds()
    let start = ThreadClock.nanoseconds()
    Thread.sleep(forTimeInterval: asleep)
    let computed = Double(ThreadClock.nanoseconds() - start) / 1e9
    #expect(MonotonicClock.seconds() - wall - computed > asleep / 2)
  }

  @Test func `the clock moves while its thread computes`() {
    let start = ThreadClock.nanoseconds()
    var now = start
    for _ in 0..<100_000_000 where now == start { now = ThreadClock.nanoseconds() }
    #expect(now > start)
  }
}
