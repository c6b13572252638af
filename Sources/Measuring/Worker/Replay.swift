/// The order in which inputs, and subject, control and float twin, run. Follows from the seed alone, so
/// that it is the same in every process of a case.
package enum Replay {
  /// Inputs that timing draws from: more would evict the model from the cache between two visits.
  package static let mostInputs = 256

  /// `count` example indices: one permutation of the first `mostInputs` examples after the other.
  package static func inputs(count: Int, examples: Int, seed: UInt64) -> [Int32] {
    precondition(examples > 0, "there is nothing to draw from")
    var generator = RepeatableGenerator(seed: seed)
    var pass = (0..<Int32(min(examples, mostInputs))).map { $0 }
    var sequence: [Int32] = []
    sequence.reserveCapacity(count)
    while sequence.count < count {
      generator.shuffle(&pass)
      sequence.append(contentsOf: pass.prefix(count - sequence.count))
    }
    return sequence
  }

  /// `pairs` times the participants in random order, one after the other.
  package static func order(pairs: Int, participants: [Participant], seed: UInt64) -> [Participant]
  {
    var generator = RepeatableGenerator(seed: seed)
    var round = participants
    var order: [Participant] = []
    order.reserveCapacity(pairs * participants.count)
    for _ in 0..<pairs {
      generator.shuffle(&round)
      order.append(contentsOf: round)
    }
    return order
  }
}

/// Who runs in the interleaved part.
package enum Participant: UInt8, Sendable, BitwiseCopyable {
  case subject
  case control
  case float
}
