/// What one member of a team did of a slice, by its own clock.
package struct WorkDone: Hashable, Sendable {
  /// Units of a kernel, operations or bytes of a probe.
  package var amount: UInt64
  /// Nanoseconds that the member computed.
  package var nanoseconds: UInt64

  /// Creates a member's account.
  package init(amount: UInt64 = 0, nanoseconds: UInt64 = 0) {
    self.amount = amount
    self.nanoseconds = nanoseconds
  }

  /// Seconds that the member computed; a clock that did not move counts as a nanosecond.
  package var seconds: Double { Double(max(1, nanoseconds)) / 1e9 }

  /// What all members did in a second of their own, summed.
  package static func rate(of members: some Sequence<WorkDone>) -> Double {
    members.reduce(0) { $0 + Double($1.amount) / $1.seconds }
  }
}
