import Documents

/// Declares properties in a dataset's file: `town`, or `{ name: age, type: number }`.
enum PropertyEntry {
  private enum Kind: String, CaseIterable, Sendable {
    case text
    case number
  }

  private static let reader = Reader<Property>.scalar(
    Reader<String>.string.map { Property($0) },
    orMapping: .record("property", "A property for slices.") { fields in
      let name = fields.required("name", .string, "What slices call it.")
      let kind = fields.optional(
        "type", .choice(of: Kind.self), "Whether it is a number.", default: .text)
      return name.map { Property($0, isNumber: kind == .number) }
    })

  /// Declares a list of properties.
  static func read(_ key: String, _ fields: Fields, _ doc: String) -> [Property] {
    fields.optional(key, .list(of: reader, count: 0...1000), doc, default: [])
  }

  /// Both lists; names that occur twice are reported.
  static func joined(
    _ own: [Property], _ declared: [Property], at key: String, _ fields: Fields
  ) -> [Property] {
    var seen = Set(own.map(\.name))
    for property in declared where !seen.insert(property.name).inserted {
      fields.report("there are two properties called '\(property.name)'", at: key)
    }
    return own + declared
  }
}

/// Numbers as data files write them.
enum DecimalText {
  /// A finite decimal number; neither hexadecimal nor `nan`.
  static func number(_ text: String) -> Double? {
    let isDecimal = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    guard isDecimal, let number = Double(text), number.isFinite else { return nil }
    return number
  }
}
