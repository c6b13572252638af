/// A random process that moves between hidden states and emits a token now and then. Everything that is
/// drawn is a whole number below a sum of whole weights, so a path's probability is a product of ratios.
package protocol LatentProcess: Sendable {
  /// What the process remembers; ordered so that beliefs have one order on every machine.
  associatedtype State: Comparable & Sendable

  /// Where every path starts.
  var start: State { get }
  /// Where the process may go from a state without emitting; empty where it emits.
  func moves(from state: State) -> [Branch<State>]
  /// What the process may emit next in a state that does not move, and where that leads.
  func emissions(from state: State) -> [Emission<State>]
}

/// One alternative that emits nothing; its probability is `weight` over the sum of all alternatives'.
package struct Branch<State: Sendable>: Sendable {
  package let weight: UInt32
  package let state: State

  package init(weight: UInt32, state: State) {
    self.weight = weight
    self.state = state
  }
}

/// One alternative that emits a token; its probability is `weight` over the sum of all alternatives'.
package struct Emission<State: Sendable>: Sendable {
  package let weight: UInt32
  package let token: Int
  package let state: State

  package init(weight: UInt32, token: Int, state: State) {
    self.weight = weight
    self.token = token
    self.state = state
  }
}

extension LatentProcess {
  /// Draws one token and moves `state` on.
  package func draw(_ state: inout State, _ lots: inout CounterGenerator) -> Int {
    var branches = moves(from: state)
    while !branches.isEmpty {
      state = branches[lots.index(of: branches.map(\.weight))].state
      branches = moves(from: state)
    }
    let choices = emissions(from: state)
    let choice = choices[lots.index(of: choices.map(\.weight))]
    state = choice.state
    return choice.token
  }
}

extension CounterGenerator {
  /// An index, each with exactly the probability of its weight over the sum of all weights.
  mutating func index(of weights: [UInt32]) -> Int {
    var rest = below(weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if rest < Int(weight) { return index }
      rest -= Int(weight)
    }
    return weights.count - 1
  }
}

/// What an observer of the tokens so far knows of the hidden state: exact forward filtering.
///
/// The belief is a list of states in ascending order with their probabilities given the whole prefix.
/// Sums run in that order, so the same tokens give the same bits.
package struct LatentFilter<Process: LatentProcess>: Sendable {
  /// A state, and how probable it is given all tokens so far.
  package struct Belief: Sendable {
    package var state: Process.State
    package var probability: Double
  }

  private let process: Process
  /// Every state that the tokens so far allow and that is about to emit; the probabilities add up to 1.
  package private(set) var beliefs: [Belief]

  /// Before the first token.
  package init(_ process: Process) {
    self.process = process
    beliefs = []
    beliefs = settle([Belief(state: process.start, probability: 1)])
  }

  /// The probability of each token to be the next one, given all tokens so far.
  ///
  /// - Parameter vocabulary: Every token is below it.
  package func distribution(vocabulary: Int) -> [Double] {
    var result = [Double](repeating: 0, count: vocabulary)
    for belief in beliefs {
      let choices = process.emissions(from: belief.state)
      let total = Double(choices.reduce(0) { $0 + $1.weight })
      for choice in choices {
        result[choice.token] += belief.probability * Double(choice.weight) / total
      }
    }
    return result
  }

  /// Observes the next token.
  ///
  /// - Returns: The probability that it had, given all tokens before it. At 0, which no path of the
  ///   process gives, nothing is known from then on and every later token has probability 0.
  package mutating func observe(_ token: Int) -> Double {
    var next: [Belief] = []
    for belief in beliefs {
      let choices = process.emissions(from: belief.state)
      let total = Double(choices.reduce(0) { $0 + $1.weight })
      for choice in choices where choice.token == token {
        next.append(
          Belief(
            state: choice.state, probability: belief.probability * Double(choice.weight) / total))
      }
    }
    let probability = next.reduce(0) { $0 + $1.probability }
    for index in next.indices { next[index].probability /= probability }
    beliefs = settle(next)
    return probability
  }

  /// Follows all silent moves, then adds up what is known of equal states.
  private func settle(_ beliefs: [Belief]) -> [Belief] {
    var pending = beliefs
    var settled: [Belief] = []
    while let belief = pending.popLast() {
      let branches = process.moves(from: belief.state)
      if branches.isEmpty { settled.append(belief) }
      let total = Double(branches.reduce(0) { $0 + $1.weight })
      for branch in branches {
        pending.append(
          Belief(
            state: branch.state, probability: belief.probability * Double(branch.weight) / total))
      }
    }
    settled.sort { $0.state < $1.state }
    var merged: [Belief] = []
    for belief in settled {
      if let last = merged.last, last.state == belief.state {
        merged[merged.count - 1].probability += belief.probability
      } else {
        merged.append(belief)
      }
    }
    return merged
  }
}
