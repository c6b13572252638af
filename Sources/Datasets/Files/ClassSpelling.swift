import Documents

/// A class and how files write it.
struct ClassSpelling: Hashable, Sendable {
  let name: String
  let spellings: [String]

  /// Either the classes' names, which files write so, or names with how files write them:
  /// `{ no: "0", yes: ["1", "y"] }`.
  static let reader: Reader<[ClassSpelling]> = {
    let words = Reader<String>.string
    let named = Reader<[Entry<[String]>]>.entries(of: .oneOrMany(of: words)).map { entries in
      entries.map { ClassSpelling(name: $0.key.value, spellings: $0.value) }
    }
    let listed = Reader<[String]>.list(of: words, count: 2...1_000_000).map { names in
      names.map { ClassSpelling(name: $0, spellings: [$0]) }
    }
    return .scalar(named, orList: listed)
  }()

  /// Declares `classes`, in the order of the labels.
  static func read(_ fields: Fields, _ doc: String) -> [ClassSpelling]? {
    let classes = fields.optional("classes", reader, doc)
    guard let classes else { return nil }
    let spellings = classes.flatMap(\.spellings)
    if classes.count < 2 { fields.report("expected at least 2 classes", at: "classes") }
    if Set(classes.map(\.name)).count < classes.count {
      fields.report("two classes have the same name", at: "classes")
    }
    if Set(spellings).count < spellings.count {
      fields.report("a word stands for two classes", at: "classes")
    }
    return classes
  }
}
