/// What a file says about an example beside its input.
package enum PropertyValue: Hashable, Sendable {
  case number(Double)
  case text(String)
  case missing

  /// A number for people; a whole one has no decimal point.
  static func shown(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e15 ? "\(Int(number))" : "\(number)"
  }
}

/// A named property that every example of a dataset has.
package struct Property: Hashable, Sendable {
  /// What rules call it.
  package let name: String
  /// Whether it is a number; else it is text.
  package let isNumber: Bool

  /// Declares a property.
  package init(_ name: String, isNumber: Bool = false) {
    self.name = name
    self.isNumber = isNumber
  }
}
