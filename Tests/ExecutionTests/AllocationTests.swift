import CJemalloc
import Execution
import Graphs
import TestSupport
import Testing

@Suite struct AllocationTests {
  /// Bytes this thread has ever allocated; `max` when jemalloc is not in charge.
  private static func allocatedBytes() -> UInt64 {
    var bytes: UInt64 = 0
    var size = MemoryLayout<UInt64>.size
    return mallctl("thread.allocated", &bytes, &size, nil, 0) == 0 ? bytes : .max
  }

  /// What `body` allocates on this thread. The testing library allocates for itself, so no
  /// expectation may come between the two readings.
  private static func allocation(of body: () throws -> Void) rethrows -> UInt64 {
    let before = allocatedBytes()
    try body()
    return allocatedBytes() - before
  }

  @Test func `the counter sees one allocation`() throws {
    let found = Self.allocation {
      let block = UnsafeMutableRawPointer.allocate(byteCount: 1_000, alignment: 16)
      block.storeBytes(of: 1, as: UInt8.self)
      block.deallocate()
    }
    #expect(found >= 1_000)
    #expect(Self.allocatedBytes() < .max)
  }

  @Test(arguments: RandomModel.Flavour.allCases, [1, 2])
  func `runs allocate nothing`(_ flavour: RandomModel.Flavour, threads: Int) throws {
    for seed in UInt64(300)...310 {
      let model = try RandomModel.make(seed: seed, flavour)
      var executor = try Executor(
        model, options: ExecutionOptions(maximumBatch: 2, threads: threads))
      let input = RandomModel.numbers(2 * model.graph.inputShape.elementCount, seed: seed)
      var output = [Float](repeating: 0, count: 2 * model.graph.outputShape.elementCount)
      var span = output.mutableSpan
      let before = Self.allocatedBytes()
      for _ in 0..<100 { try executor.run(input.span, examples: 2, into: &span) }
      let after = Self.allocatedBytes()
      #expect(after == before, "seed \(seed)")
    }
  }
}
