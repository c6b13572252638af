import KernelBenchmarks
import Testing

@Suite struct WorkDoneTests {
  @Test func `rates of members add up, each by its own clock`() {
    let members = [
      WorkDone(amount: 100, nanoseconds: 1_000_000_000),
      WorkDone(amount: 60, nanoseconds: 500_000_000),
    ]
    #expect(WorkDone.rate(of: members) == 220)
  }

  @Test func `a member that is slow lowers its own rate alone`() {
    let slow = WorkDone(amount: 10, nanoseconds: 10_000)
    let fast = WorkDone(amount: 10, nanoseconds: 1000)
    #expect(abs(WorkDone.rate(of: [slow, fast]) - 1.1e7) < 1)
  }

  @Test func `a member without a part adds nothing`() {
    let idle = WorkDone()
    #expect(idle.seconds > 0)
    #expect(WorkDone.rate(of: [idle, WorkDone(amount: 3, nanoseconds: 1)]) == 3e9)
  }
}
