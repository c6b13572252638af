import Documents

/// What a dataset in files says about the right answer, as its file declares it.
struct Goal: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case classes = "class"
    case vector
    case nextToken = "next_token"
    case none
  }

  let kind: Kind
  /// Where the class stands; only for classes.
  let label: String
  let classes: [ClassSpelling]
  /// Where the numbers to come near to stand, and how many they are together; only for vectors.
  let vector: [String]
  let width: Int

  /// Declares `target` and what it needs: `label` and `classes`, or `vector` and `width`.
  ///
  /// - Parameters:
  ///   - kinds: Those the dataset can have; the first is the default.
  ///   - label: What `label` names.
  static func read(_ fields: Fields, _ kinds: [Kind], label doc: String) -> Goal? {
    let word = fields.optional(
      "target", Reader<String>.choice(kinds.map(\.rawValue)), "What is to be predicted.",
      default: kinds[0].rawValue)
    let label = fields.optional("label", .string, doc)
    let classes = ClassSpelling.read(
      fields, "Class names in the order of the labels, or names with how files write them.")
    let vector = fields.optional(
      "vector", .oneOrMany(of: .string), "Where the numbers to come near to stand.")
    let width = fields.optional(
      "width", .int(in: 1...1_000_000), "How many numbers are to be predicted.")
    let kind = Kind(rawValue: word) ?? kinds[0]
    let needed: [(key: String, isNeeded: Bool)] = [
      ("label", kind == .classes), ("classes", kind == .classes), ("vector", kind == .vector),
      ("width", kind == .vector),
    ]
    for (key, isNeeded) in needed where fields.has(key) != isNeeded {
      if isNeeded {
        fields.report("missing key '\(key)': the target '\(word)' needs it")
      } else {
        fields.report("the target '\(word)' has no '\(key)'", at: key)
      }
    }
    return Goal(
      kind: kind, label: label ?? "", classes: classes ?? [], vector: vector ?? [],
      width: width ?? 0)
  }

  /// What it says, where inputs are token ids below `vocabulary`, or no token ids.
  func target(vocabulary: Int?) -> Target {
    switch (kind, vocabulary) {
    case (.classes, nil): .classes
    case (.classes, let vocabulary?): .tokenClasses(vocabulary: vocabulary)
    case (.nextToken, let vocabulary?): .nextToken(vocabulary: vocabulary)
    case (.vector, _): .vector(width: width)
    case (.nextToken, nil), (.none, _): .none(vocabulary: vocabulary)
    }
  }
}
