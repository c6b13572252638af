import Measuring
import Testing

@Suite struct ReplayTests {
  @Test(arguments: [(1, 1), (10, 3), (1000, 7), (5000, 256), (700, 1000)])
  func `the seed alone decides and every pass visits every input once`(
    count: Int, examples: Int
  ) {
    let sequence = Replay.inputs(count: count, examples: examples, seed: 9)
    #expect(sequence == Replay.inputs(count: count, examples: examples, seed: 9))
    #expect(sequence.count == count)
    let pass = min(examples, Replay.mostInputs)
    for start in stride(from: 0, to: count, by: pass) {
      let visited = sequence[start..<min(start + pass, count)]
      #expect(Set(visited).count == visited.count, "pass from \(start)")
      #expect(visited.allSatisfy { (0..<Int32(pass)).contains($0) })
    }
    if count > 100 && examples > 2 {
      #expect(sequence != Replay.inputs(count: count, examples: examples, seed: 10))
    }
  }

  @Test func `a shorter sequence is the beginning of a longer one`() {
    let long = Replay.inputs(count: 1000, examples: 64, seed: 3)
    #expect(Replay.inputs(count: 77, examples: 64, seed: 3) == Array(long.prefix(77)))
  }

  @Test(arguments: [[.subject, .control], [.subject, .control, .float]] as [[Participant]])
  func `everybody runs once per pair and every order occurs about equally often`(
    participants: [Participant]
  ) {
    let pairs = 6000
    let order = Replay.order(pairs: pairs, participants: participants, seed: 4)
    #expect(order == Replay.order(pairs: pairs, participants: participants, seed: 4))
    #expect(order != Replay.order(pairs: pairs, participants: participants, seed: 5))
    #expect(order.count == pairs * participants.count)
    var occurrences: [[Participant]: Int] = [:]
    for start in stride(from: 0, to: order.count, by: participants.count) {
      occurrences[Array(order[start..<start + participants.count]), default: 0] += 1
    }
    let orders = participants.count == 2 ? 2 : 6
    #expect(occurrences.count == orders)
    #expect(occurrences.keys.allSatisfy { Set($0) == Set(participants) })
    // Five standard deviations of a binomial count.
    let expected = Double(pairs) / Double(orders)
    let bound = 5 * (expected * (1 - 1 / Double(orders))).squareRoot()
    #expect(occurrences.values.allSatisfy { abs(Double($0) - expected) < bound })
  }

  @Test func `the generator is SplitMix64`() {
    var generator = RepeatableGenerator(seed: 0)
    // The first outputs of the published reference for state 0.
    #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
    #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(generator.next() == 0x06C4_5D18_8009_454F)
    for bound in [1, 2, 7, 1000] {
      #expect((0..<200).allSatisfy { _ in (0..<bound).contains(generator.below(bound)) })
    }
  }
}
