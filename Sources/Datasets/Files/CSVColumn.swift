import Documents

/// What a column of a table is to the model.
struct CSVColumn: Sendable {
  enum Kind: Sendable {
    /// One feature: transformed, then shifted and scaled by mean and deviation of the training part.
    case numeric(Transform)
    /// One feature of 0 or 1 for each value. `nil` takes the values of the training part, sorted.
    case categorical([String]?)
    /// The class.
    case label([LabelClass], trailingDot: Bool)
    /// One number to come near to, as it is written.
    case target
    /// No feature; may still be a slice.
    case ignored(isNumber: Bool)
  }

  /// What is done to a number first.
  enum Transform: String, CaseIterable, Sendable {
    case none
    /// ln(1 + x), for amounts that are mostly 0.
    case log1p
  }

  /// A class and how the file writes it.
  struct LabelClass: Sendable {
    let name: String
    let spellings: [String]
  }

  let name: String
  let kind: Kind

  static let reader = Reader<CSVColumn>.tagged(
    by: "type",
    [
      "numeric": .record("numeric_column", "A number.") { fields in
        let transform = fields.optional(
          "transform", .choice(of: Transform.self), "What is done to the number first.",
          default: .none)
        return named(fields).map { CSVColumn(name: $0, kind: .numeric(transform)) }
      },
      "categorical": .record("categorical_column", "One of several words.") { fields in
        let values = fields.optional(
          "values", .list(of: .string, count: 1...10_000),
          "Every word; without it, those of the training part, sorted.")
        if let values, Set(values).count < values.count {
          fields.report("a value is listed twice", at: "values")
        }
        return named(fields).map { CSVColumn(name: $0, kind: .categorical(values)) }
      },
      "label": .record("label_column", "The class.") { fields in
        let classes = fields.required(
          "classes", .entries(of: .oneOrMany(of: .string)),
          "Class names, in the order of the labels, each with how the file writes it.")
        let trailingDot = fields.optional(
          "trailing_dot", .bool, "Whether a dot may follow the word.", default: false)
        let name = named(fields)
        guard let classes, let name else { return nil }
        let spellings = classes.flatMap(\.value)
        if classes.count < 2 { fields.report("expected at least 2 classes", at: "classes") }
        if Set(spellings).count < spellings.count {
          fields.report("a word stands for two classes", at: "classes")
        }
        let labels = classes.map { LabelClass(name: $0.key.value, spellings: $0.value) }
        return CSVColumn(name: name, kind: .label(labels, trailingDot: trailingDot))
      },
      "target": .record("target_column", "A number to be predicted.") { fields in
        named(fields).map { CSVColumn(name: $0, kind: .target) }
      },
      "ignored": .record("ignored_column", "No feature; may still be a slice.") { fields in
        let isNumber = fields.optional(
          "number", .bool, "Whether slices read it as a number.", default: false)
        return named(fields).map { CSVColumn(name: $0, kind: .ignored(isNumber: isNumber)) }
      },
    ])

  /// What slices may read of the column.
  var property: Property {
    switch kind {
    case .numeric, .target, .ignored(isNumber: true): Property(name, isNumber: true)
    case .categorical, .label, .ignored(isNumber: false): Property(name)
    }
  }

  private static func named(_ fields: Fields) -> String? {
    fields.required("name", .string, "The column's name.")
  }
}
