import RealModule

/// Examples that changed sides between two runs over the same examples.
package struct PairedChange: Hashable, Sendable {
  /// Right before, wrong now.
  package let lost: Int
  /// Wrong before, right now.
  package let won: Int
  /// All examples.
  package let examples: Int

  /// Creates a change.
  package init(lost: Int, won: Int, examples: Int) {
    self.lost = lost
    self.won = won
    self.examples = examples
  }

  /// Change of accuracy.
  package var difference: Double { Double(won - lost) / Double(examples) }

  /// McNemar's exact test, one-sided: the probability of at least this many losses among the
  /// examples that changed sides if losing and winning were equally likely.
  package var worseByChance: Double {
    let changed = lost + won
    guard changed > 0 else { return 1 }
    let total = (lost...changed).reduce(0.0) { sum, losses in
      let logChoose =
        Double.logGamma(Double(changed + 1)) - Double.logGamma(Double(losses + 1))
        - Double.logGamma(Double(changed - losses + 1))
      return sum + Double.exp(logChoose - Double(changed) * Double.log(2))
    }
    return min(1, total)
  }

  /// The largest fall of accuracy that the data do not exclude, with one-sided 99 % confidence, from
  /// the normal approximation with the variance of the changed sides.
  package var notExcludedFall: Double {
    let n = Double(examples)
    let changed = Double(lost + won + 1)
    let variance = changed / n - difference * difference
    return max(0, -difference + 2.326_347_874 * (max(0, variance) / n).squareRoot())
  }
}
