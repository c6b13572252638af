import Datasets
import TestSupport
import Testing

/// Three states that emit three tokens, and one that only moves: small enough for a list of all paths.
private struct Weather: LatentProcess {
  var start: Int { 0 }

  func moves(from state: Int) -> [Branch<Int>] {
    switch state {
    case 0: [Branch(weight: 2, state: 1), Branch(weight: 5, state: 4), Branch(weight: 1, state: 2)]
    case 4: [Branch(weight: 1, state: 3), Branch(weight: 3, state: 1)]
    default: []
    }
  }

  func emissions(from state: Int) -> [Emission<Int>] {
    switch state {
    case 1:
      [
        Emission(weight: 6, token: 0, state: 0), Emission(weight: 1, token: 1, state: 2),
        Emission(weight: 2, token: 0, state: 3),
      ]
    case 2: [Emission(weight: 3, token: 0, state: 4), Emission(weight: 5, token: 1, state: 0)]
    default: [Emission(weight: 2, token: 1, state: 3), Emission(weight: 5, token: 2, state: 1)]
    }
  }
}

extension LatentProcess {
  /// The probability of all paths that emit exactly these tokens first, each followed on its own.
  fileprivate func probability(of tokens: ArraySlice<Int>, from state: State) -> Double {
    guard let token = tokens.first else { return 1 }
    let branches = moves(from: state)
    if !branches.isEmpty {
      let sum = branches.map { Double($0.weight) }.reduce(0, +)
      return branches.map {
        Double($0.weight) / sum * probability(of: tokens, from: $0.state)
      }.reduce(0, +)
    }
    let choices = emissions(from: state)
    let sum = choices.map { Double($0.weight) }.reduce(0, +)
    return choices.filter { $0.token == token }.map {
      Double($0.weight) / sum * probability(of: tokens.dropFirst(), from: $0.state)
    }.reduce(0, +)
  }
}

@Suite struct LatentProcessTests {
  @Test func `filtering finds what all paths together say`() {
    var total = 0.0
    for code in 0..<729 {
      var tokens: [Int] = []
      var rest = code
      for _ in 0..<6 {
        tokens.append(rest % 3)
        rest /= 3
      }
      var filter = LatentFilter(Weather())
      var product = 1.0
      for (place, token) in tokens.enumerated() {
        let distribution = filter.distribution(vocabulary: 3)
        #expect((distribution.reduce(0, +) - 1).magnitude < 1e-12, "\(tokens), \(place)")
        let found = filter.observe(token)
        #expect((found - distribution[token]).magnitude < 1e-12, "\(tokens), \(place)")
        product *= found
        if found == 0 { break }
      }
      let expected = Weather().probability(of: tokens[...], from: 0)
      #expect((product - expected).magnitude < 1e-12, "\(tokens)")
      total += expected
    }
    #expect((total - 1).magnitude < 1e-12)
  }

  @Test func `filtering stories finds what all paths together say`() throws {
    let grammar = StoryGrammar.shared
    let set = try Stories(seed: 9).load(.train, count: 60)
    for index in 0..<set.count {
      let tokens = set.inputs[64 * index..<64 * index + 24].map { Int($0) }
      var filter = LatentFilter(grammar)
      let product = tokens.reduce(1.0) { $0 * filter.observe($1) }
      let expected = grammar.probability(of: tokens[...], from: grammar.start)
      #expect((product / expected - 1).magnitude < 1e-10, "window \(index)")
    }
  }

  @Test func `a token that cannot follow has probability 0, and so has all after it`() throws {
    var filter = LatentFilter(Weather())
    #expect(filter.observe(0) > 0)
    _ = filter.observe(7)
    #expect(filter.beliefs.isEmpty)
    #expect(filter.observe(0) == 0)
  }
}
