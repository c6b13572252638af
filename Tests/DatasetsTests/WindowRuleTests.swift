import Datasets
import TestSupport
import Testing

@Suite struct WindowRuleTests {
  private func cut(_ rule: WindowRule, _ count: Int) -> [WindowRule.Cut] {
    rule.cut(Array(10..<10 + count), begin: 1, pad: 0)
  }

  @Test func `windows follow each other and a rest is dropped`() {
    let cuts = cut(WindowRule(length: 4), 10)
    #expect(cuts.map(\.ids) == [[10, 11, 12, 13], [14, 15, 16, 17]])
    #expect(cuts.map(\.start) == [0, 4])
    #expect(cuts.map(\.window.scored) == [1..<4, 1..<4])
  }

  @Test func `a rest is filled up and what fills it is no target`() {
    let cuts = cut(WindowRule(length: 4, rest: .pad), 10)
    #expect(cuts.count == 3)
    #expect(cuts.last?.ids == [18, 19, 0, 0])
    #expect(cuts.last?.window == TokenWindow(filled: 2, scored: 1..<2))
    // One token alone has nothing before it.
    #expect(cut(WindowRule(length: 4, rest: .pad), 9).count == 2)
    #expect(cut(WindowRule(length: 4, rest: .pad), 0).isEmpty)
  }

  @Test func `the beginning stands where the rule says`() {
    #expect(
      cut(WindowRule(length: 4, beginning: .replace), 9).map(\.ids)
        == [[1, 11, 12, 13], [1, 15, 16, 17]])
    let each = cut(WindowRule(length: 4, beginning: .each), 7)
    #expect(each.map(\.ids) == [[1, 10, 11, 12], [1, 13, 14, 15]])
    #expect(each.map(\.window.scored) == [1..<4, 1..<4])
  }

  @Test func `a document has at most as many windows as asked for`() {
    #expect(cut(WindowRule(length: 4, beginning: .each, perDocument: 1), 100).count == 1)
  }

  @Test func `places before the first target are context`() {
    let cuts = cut(WindowRule(length: 8, beginning: .replace, firstTarget: 5), 40)
    #expect(cuts.allSatisfy { $0.window.scored == 5..<8 })
  }

  @Test func `whatever the stride, every token is a target at most once, and once but for edges`() {
    for seed in UInt64(1)...300 {
      var random = SeededGenerator(seed: seed)
      let length = Int.random(in: 2...9, using: &random)
      let beginning = WindowRule.Beginning.allCases.randomElement(using: &random) ?? .none
      let span = beginning == .each ? length - 1 : length
      let stride = Int.random(in: 1...span, using: &random)
      let count = Int.random(in: 0...30, using: &random)
      let rule = WindowRule(length: length, stride: stride, beginning: beginning, rest: .pad)
      var scored = [Int](repeating: 0, count: count)
      for cut in cut(rule, count) {
        #expect(cut.ids.count == length, "seed \(seed)")
        for place in cut.window.scored {
          let index = cut.start + place - (length - span)
          scored[index] += 1
          #expect(cut.ids[place] == 10 + index, "seed \(seed)")
        }
      }
      // Without an overlap nothing predicts a window's first token.
      for index in scored.indices {
        let isFirst = beginning != .each && (stride == span ? index % span == 0 : index == 0)
        #expect(scored[index] == (isFirst ? 0 : 1), "seed \(seed), token \(index)")
      }
    }
  }
}
