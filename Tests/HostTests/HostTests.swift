import CHost
import Foundation
import Host
import Results
import TestSupport
import Testing

@Suite struct PinnedThreadTests {
  @Test func `a core that does not exist is named beside those that do`() throws {
    let available = try Cores.available()
    let error = #expect(throws: HostError.self) {
      _ = try PinnedThread(to: [available[0], 1023])
    }
    #expect(error == .noSuchCore(1023, available: available))
    let names = available.map(String.init).joined(separator: ", ")
    #expect(error?.description.hasPrefix("core 1023: expected one of the cores \(names)") == true)
  }

  @Test func `pinning lasts as long as the value`() throws {
    let before = try Cores.available()
    do {
      let pinned = try PinnedThread(to: [before[0]])
      #expect(try Cores.available() == [before[0]])
      #expect(pinned.cores == [before[0]])
    }
    #expect(try Cores.available() == before)
  }
}

@Suite struct AllocatorTests {
  @Test func `jemalloc is in charge and tells its version`() throws {
    try Allocator.proveInterposition()
    #expect(try Allocator.name().hasPrefix("jemalloc 5."))
  }

  @Test func `jemalloc's figures are plausible`() throws {
    let readings = try AllocatorReadings.now()
    #expect(readings.allocated > 0)
    #expect(readings.active >= readings.allocated)
    #expect(readings.resident >= readings.active)
    #expect(readings.metadata > 0)
  }

  @Test func `reading the counters allocates nothing`() {
    let before = ThreadAllocations.now()
    for _ in 0..<100 {
      _ = AllocationCounters.now()
      _ = MonotonicClock.nanoseconds()
    }
    #expect(ThreadAllocations.now() == before)
  }
}

@Suite struct DisturbanceTests {
  @Test func `touching fresh pages is seen as faults`() throws {
    let before = try Disturbance.ofThread()
    let size = 64 * 4096
    let pages = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    let memory = try #require(pages)
    for offset in stride(from: 0, to: size, by: 4096) {
      memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
    let change = try Disturbance.ofThread() - before
    munmap(memory, size)
    #expect(change.pageFaults >= 1)
  }

  @Test func `stolen ticks are those of the cores asked for`() throws {
    let early = """
      cpu  9 9 9 9 9 9 9 9 0 0
      cpu0 10 0 0 90 0 0 0 0 0 0
      cpu1 10 0 0 80 0 0 0 10 0 0
      cpu10 1 1 1 1 1 1 1 99 0 0
      """
    let late = """
      cpu0 10 0 0 180 0 0 0 10 0 0
      cpu1 10 0 0 80 0 0 0 10 0 0
      """
    let first = try #require(StealReading(statistics: early, cores: [0]))
    let second = try #require(StealReading(statistics: late, cores: [0]))
    #expect(second.share(since: first) == 0.1)
    #expect(StealReading(statistics: early, cores: [1])?.stolen == 10)
    #expect(StealReading(statistics: late, cores: [2]) == nil)
    #expect(StealReading(statistics: "cpu0 1 2 3", cores: [0]) == nil)
    #expect(second.share(since: second) == 0)
  }
}

@Suite struct FingerprintTests {
  @Test func `the first processor of the list is described`() {
    let text = """
      processor\t: 0
      vendor_id\t: AuthenticAMD
      cpu family\t: 25
      model\t\t: 17
      model name\t: A processor: with a colon
      stepping\t: 1
      flags\t\t: fpu sse2 fma avx2 avx512f pae

      processor\t: 1
      model\t\t: 99
      """
    let processor = ProcessorDescription(information: text)
    #expect(processor.name == "AuthenticAMD 25/17/1")
    #expect(processor.features == ["avx2", "avx512f", "fma"])
  }

  @Test func `an empty description is unknown, not an error`() {
    #expect(ProcessorDescription(information: "").name == "unknown unknown/unknown/unknown")
  }

  @Test func `this machine has the same fingerprint twice`() throws {
    let fingerprint = try Fingerprint.current()
    #expect(fingerprint == (try Fingerprint.current()))
    #expect(fingerprint.cores >= 1)
    #expect(fingerprint.allocator.hasPrefix("jemalloc "))
  }
}

@Suite struct ControlWorkloadTests {
  @Test func `the working set is whole units and running allocates nothing`() {
    var control = ControlWorkload(workingSet: 5000)
    #expect(control.workingSet == 8192)
    control.run(computeUnits: 1, streamUnits: 1)
    let before = ThreadAllocations.now()
    for _ in 0..<10 { control.run(computeUnits: 3, streamUnits: 5) }
    #expect(ThreadAllocations.now() == before)
    #expect(control.evidence != 0)
  }

  @Test func `the identity does not change within a build`() {
    #expect(Controls.identity() == Controls.identity())
  }
}
