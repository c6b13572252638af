import CHost
import Foundation
import TestSupport
import Testing

/// The calling thread's counts are unaffected by tests that run beside these. One after the other all the
/// same: the report of a failed allocation goes to whoever fails first.
@Suite(.serialized) struct AllocationTests {
  private func difference(_ work: () -> Void) -> (allocations: Int, deallocations: Int, bytes: Int)
  {
    let before = qg_thread_counts_now()
    work()
    let after = qg_thread_counts_now()
    return (
      Int(after.allocations - before.allocations), Int(after.deallocations - before.deallocations),
      Int(after.allocated_bytes - before.allocated_bytes)
    )
  }

  @Test(arguments: [1, 7, 1000])
  func `N calls of malloc and free are counted as N`(count: Int) {
    // The blocks escape into an array, or the optimizer would remove malloc and free together.
    var blocks = [UnsafeMutableRawPointer?](repeating: nil, count: count)
    let change = difference {
      for index in 0..<count { blocks[index] = malloc(100) }
      for block in blocks { free(block) }
    }
    #expect(change.allocations == count)
    #expect(change.deallocations == count)
    #expect(change.bytes == count * 112, "the size class of 100 bytes is 112")
  }

  @Test func `every sibling of malloc is counted once`() {
    var blocks: [UnsafeMutableRawPointer?] = Array(repeating: nil, count: 8)
    let change = difference {
      blocks[0] = malloc(24)
      blocks[1] = calloc(3, 8)
      blocks[2] = realloc(nil, 24)
      blocks[3] = aligned_alloc(64, 64)
      blocks[4] = aligned_alloc(256, 512)
      blocks[5] = valloc(10)
      posix_memalign(&blocks[6], 128, 10)
      blocks[7] = reallocarray(nil, 3, 8)
    }
    #expect(change.allocations == 8)
    #expect(blocks.allSatisfy { $0 != nil })
    #expect(UInt(bitPattern: blocks[3]) % 64 == 0)
    #expect(UInt(bitPattern: blocks[5]) % 4096 == 0)
    #expect(UInt(bitPattern: blocks[6]) % 128 == 0)
    #expect(difference { blocks.forEach { free($0) } }.deallocations == 8)
  }

  @Test func `resizing counts as one free and one allocation and keeps the content`() throws {
    let block = try #require(malloc(16))
    memset(block, 7, 16)
    var moved: UnsafeMutableRawPointer?
    let change = difference { moved = realloc(block, 5000) }
    #expect(change.allocations == 1)
    #expect(change.deallocations == 1)
    let resized = try #require(moved)
    #expect((0..<16).allSatisfy { resized.load(fromByteOffset: $0, as: UInt8.self) == 7 })
    free(resized)
  }

  @Test func `calloc clears a block that was used before`() throws {
    for _ in 0..<4 {
      let used = try #require(malloc(4096))
      memset(used, 0xFF, 4096)
      free(used)
      let cleared = try #require(calloc(1, 4096))
      #expect((0..<4096).allSatisfy { cleared.load(fromByteOffset: $0, as: UInt8.self) == 0 })
      free(cleared)
    }
  }

  @Test func `edge cases follow the C library`() {
    let first = malloc(0)
    let second = malloc(0)
    #expect(first != nil)
    #expect(first != second)
    free(first)
    free(second)
    errno = 0
    #expect(calloc(Int.max, 3) == nil)
    #expect(errno == ENOMEM)
    errno = 0
    #expect(malloc(Int.max) == nil)
    #expect(errno == ENOMEM)
    errno = 0
    #expect(aligned_alloc(48, 48) == nil)
    #expect(errno == EINVAL)
    var block: UnsafeMutableRawPointer?
    #expect(posix_memalign(&block, 4, 8) == EINVAL)
    #expect(block == nil)
    let emptied = realloc(malloc(10), 0)
    #expect(emptied == nil)
    errno = EDOM
    free(malloc(1 << 20))
    #expect(errno == EDOM)
  }

  @Test func `a failed allocation is reported once to the descriptor`() throws {
    let pipe = Pipe()
    qg_report_exhaustion_to(pipe.fileHandleForWriting.fileDescriptor)
    #expect(malloc(Int.max) == nil)
    #expect(malloc(Int.max - 1) == nil)
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text == "out of memory: \(Int.max) bytes\n")
  }

  @Test func `threads are counted exactly`() {
    let perThread = 500
    let counts = Mailbox()
    let threads = (0..<4).map { _ in
      Thread {
        var blocks = [UnsafeMutableRawPointer?](repeating: nil, count: perThread)
        let change = self.difference {
          for size in 0..<perThread { blocks[size] = malloc(size) }
        }
        for block in blocks { free(block) }
        counts.add(change.allocations)
      }
    }
    threads.forEach { $0.start() }
    #expect(counts.wait(for: threads.count) == Array(repeating: perThread, count: 4))
  }

  @Test func `process totals contain this thread's and the peak is never below live`() throws {
    let before = qg_allocation_counts_now()
    let block = try #require(malloc(8 << 20))
    let during = qg_allocation_counts_now()
    free(block)
    #expect(during.allocations > before.allocations)
    #expect(during.allocated_bytes - before.allocated_bytes >= 8 << 20)
    #expect(during.peak_live_bytes >= 8 << 20)
    #expect(during.peak_live_bytes >= during.live_bytes)
  }

  @Test func `an allocation is seen by the counters and by jemalloc alike`() {
    var counted: UInt64 = 0
    var seen: UInt64 = 0
    #expect(qg_observe_allocation(1 << 20, &counted, &seen) == 0)
    #expect(counted == 1 << 20)
    #expect(seen == 1 << 20)
  }

  @Test func `the C library and Swift allocate through the counters`() {
    var line: UnsafeMutablePointer<CChar>?
    let libc = difference { line = realpath("/proc/..", nil) }
    free(line)
    #expect(libc.allocations >= 1)
    final class Box {
      var value: Int
      init(_ value: Int) { self.value = value }
    }
    var boxes: [Box] = []
    boxes.reserveCapacity(10)
    let swift = difference { for value in 0..<10 { boxes.append(Box(value)) } }
    #expect(swift.allocations == 10)
  }
}

/// Collects numbers from threads.
private final class Mailbox: Sendable {
  private let numbers = Locked()
  private let arrivals = DispatchSemaphore(value: 0)

  func add(_ number: Int) {
    numbers.append(number)
    arrivals.signal()
  }

  func wait(for count: Int) -> [Int] {
    for _ in 0..<count { arrivals.wait() }
    return numbers.all
  }

  // Every access holds `lock`.
  /// Its only state is read and written under its lock.
  private final class Locked: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Int] = []
    func append(_ value: Int) { lock.withLock { values.append(value) } }
    var all: [Int] { lock.withLock { values } }
  }
}
