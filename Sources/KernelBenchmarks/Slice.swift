import CKernels
import Host
import Threads

/// What the team does between two readings of its members' clocks.
struct Slice {
  /// A kernel, or the probe it is compared with.
  enum Work {
    /// Units of a kernel's pass.
    case kernel(any PreparedKernel, Range<Int>)
    /// Rounds of byte products.
    case bytes(@convention(c) (UInt64) -> UInt64, rounds: UInt64)
    /// Rounds of fp32 products.
    case floats(@convention(c) (UInt64) -> UInt64, rounds: UInt64)
    /// A read of a run of memory.
    case read(@convention(c) (UnsafeRawPointer?, Int) -> UInt64, UnsafeRawBufferPointer)
  }

  let work: Work
  /// Times each member repeats its part.
  let repetitions: Int
  /// What each member did.
  let done: UnsafeMutablePointer<WorkDone>

  /// Runs one member's part and times it.
  ///
  /// The time is the member's own: a slice ends with its slowest member, so that whatever takes one core
  /// away for a moment would be charged to all of them.
  func run(member: Int, members: Int) {
    let start = ThreadClock.nanoseconds()
    let amount = compute(member: member, members: members)
    done[member] = WorkDone(amount: amount, nanoseconds: ThreadClock.nanoseconds() - start)
  }

  /// Runs one member's part.
  ///
  /// - Returns: How much that was.
  private func compute(member: Int, members: Int) -> UInt64 {
    switch work {
    case .kernel(let kernel, let units):
      let part = Self.part(of: units, member, members)
      guard !part.isEmpty else { return 0 }
      for _ in 0..<repetitions { kernel.run(part) }
      return UInt64(part.count * repetitions)
    case .bytes(let probe, let rounds), .floats(let probe, let rounds):
      return probe(rounds * UInt64(repetitions))
    case .read(let probe, let memory):
      // Whole blocks of what the probe reads at once.
      let blocks = Self.part(of: 0..<memory.count / 256, member, members)
      guard let start = memory.baseAddress else { return 0 }
      return (0..<repetitions).reduce(0) { sum, _ in
        sum + probe(start + 256 * blocks.lowerBound, 256 * blocks.count)
      }
    }
  }

  /// A member's part of a range; the parts are disjoint, in order and cover it.
  static func part(of whole: Range<Int>, _ member: Int, _ members: Int) -> Range<Int> {
    let from = whole.lowerBound + whole.count * member / members
    return from..<whole.lowerBound + whole.count * (member + 1) / members
  }

  /// What each member of the team calls.
  static let body: TeamBody = { context, member, members in
    context.assumingMemoryBound(to: Slice.self).pointee.run(member: member, members: members)
  }
}
