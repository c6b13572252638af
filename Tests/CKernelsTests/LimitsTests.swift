import CKernels
import Testing

/// What the probes of the machine's limits say they did; how fast is never judged.
@Suite struct LimitsTests {
  @Test(arguments: InstructionSet.allCases)
  func `a probe does twice the work in twice the rounds and reads whole blocks`(
    _ set: InstructionSet
  ) {
    var limits = qg_limits()
    var kernels = qg_kernels()
    let isThere = qg_limits_for(set.code, &limits)
    #expect(isThere == qg_kernels_for(set.code, &kernels))
    guard isThere == 1 else { return }
    #expect(limits.isa == set.code)
    for probe in [limits.multiply_bytes, limits.multiply_floats] {
      guard let probe else {
        Issue.record("no probe")
        continue
      }
      #expect(probe(0) == 0)
      #expect(probe(1) > 0)
      #expect(probe(6) == 2 * probe(3))
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 1, count: 1024)
    for (bytes, read) in [(0, 0), (255, 0), (256, 256), (1023, 768), (1024, 1024)] {
      #expect(limits.read(memory, bytes) == UInt64(read))
    }
  }
}
