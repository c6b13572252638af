import Execution
import TestSupport
import Testing

@Suite struct ArenaPlanTests {
  private static func requests(seed: UInt64) -> [ArenaPlan.Request] {
    var generator = SeededGenerator(seed: seed)
    return (0..<Int.random(in: 1...40, using: &generator)).map { _ in
      let first = Int.random(in: 0...30, using: &generator)
      let last = first + Int.random(in: 0...10, using: &generator)
      return ArenaPlan.Request(
        bytes: Int.random(in: 0...5_000, using: &generator), live: first...last)
    }
  }

  @Test func `buffers that are live together never share a byte`() {
    for seed in UInt64(1)...300 {
      let requests = Self.requests(seed: seed)
      let plan = ArenaPlan(requests)
      for left in requests.indices {
        #expect(plan.offsets[left] % ArenaPlan.alignment == 0, "seed \(seed)")
        #expect(plan.offsets[left] + requests[left].bytes <= plan.bytes, "seed \(seed)")
        for right in 0..<left where requests[left].live.overlaps(requests[right].live) {
          let isBefore = plan.offsets[left] + requests[left].bytes <= plan.offsets[right]
          let isAfter = plan.offsets[right] + requests[right].bytes <= plan.offsets[left]
          #expect(isBefore || isAfter, "seed \(seed), buffers \(right) and \(left)")
        }
      }
    }
  }

  @Test func `the block lies between the live bytes of a step and the sum`() {
    for seed in UInt64(1)...300 {
      let requests = Self.requests(seed: seed)
      let plan = ArenaPlan(requests)
      let sum = requests.reduce(0) { $0 + ArenaPlan.aligned($1.bytes) }
      let peak = (0...40).map { step in
        requests.filter { $0.live.contains(step) }.reduce(0) { $0 + ArenaPlan.aligned($1.bytes) }
      }.max()
      #expect(plan.bytes <= sum, "seed \(seed)")
      #expect(plan.bytes >= peak ?? 0, "seed \(seed)")
    }
  }

  @Test func `a chain of equal buffers needs two`() {
    let plan = ArenaPlan(
      (0..<10).map { ArenaPlan.Request(bytes: 100, live: $0...$0 + 1) })
    #expect(plan.bytes == 2 * 128)
  }

  @Test func `a small buffer takes the tightest gap`() {
    let plan = ArenaPlan([
      ArenaPlan.Request(bytes: 1024, live: 0...9),
      ArenaPlan.Request(bytes: 512, live: 0...3),
      ArenaPlan.Request(bytes: 256, live: 0...9),
      ArenaPlan.Request(bytes: 64, live: 4...9),
    ])
    #expect(plan.offsets == [0, 1024, 1536, 1024])
    #expect(plan.bytes == 1792)
  }
}
