/// A condition on the properties of an example, by their indices.
///
/// Whatever is compared with a missing value does not hold, `!=` and `not in` included; `is missing`
/// asks for it.
package indirect enum Predicate: Hashable, Sendable {
  /// How two numbers are compared.
  package enum Comparison: String, Hashable, Sendable, CaseIterable {
    case equal = "="
    case unequal = "!="
    case below = "<"
    case atMost = "<="
    case above = ">"
    case atLeast = ">="

    func holds(_ left: Double, _ right: Double) -> Bool {
      switch self {
      case .equal: left == right
      case .unequal: left != right
      case .below: left < right
      case .atMost: left <= right
      case .above: left > right
      case .atLeast: left >= right
      }
    }
  }

  case number(property: Int, Comparison, Double)
  case oneOf(property: Int, [PropertyValue], negated: Bool)
  case missing(property: Int)
  case not(Predicate)
  case all([Predicate])
  case any([Predicate])

  /// Whether the condition holds for an example's properties.
  package func holds(_ row: [PropertyValue]) -> Bool {
    switch self {
    case .number(let property, let comparison, let bound):
      if case .number(let value) = row[property] { comparison.holds(value, bound) } else { false }
    case .oneOf(let property, let values, let negated):
      row[property] != .missing && values.contains(row[property]) != negated
    case .missing(let property): row[property] == .missing
    case .not(let predicate): !predicate.holds(row)
    case .all(let predicates): predicates.allSatisfy { $0.holds(row) }
    case .any(let predicates): predicates.contains { $0.holds(row) }
    }
  }
}

/// Why a condition cannot be read.
package struct PredicateError: Error, Equatable, Sendable {
  /// The character it is about, from 1.
  package let character: Int
  /// What was expected and what was found.
  package let message: String
  /// The property that may have been meant.
  package let suggestion: String?
}
