extension Document {
  /// The document's content in one canonical form: independent of comments, layout, aliases and the order
  /// of keys. Two documents with equal canonical text decode to equal values.
  public var canonicalText: String { root.canonicalText }
}

extension Node {
  /// Nested brackets; every text is preceded by its length, so that no two values print alike.
  fileprivate var canonicalText: String {
    switch content {
    case .scalar(let text, let quoted):
      return "\(quoted ? "q" : "p")\(text.utf8.count):\(text)"
    case .sequence(let elements):
      return "[" + elements.map(\.canonicalText).joined(separator: ",") + "]"
    case .mapping(let entries):
      let lines = entries.sorted { $0.key < $1.key }.map { entry in
        "\(entry.key.utf8.count):\(entry.key)=\(entry.value.canonicalText)"
      }
      return "{" + lines.joined(separator: ",") + "}"
    }
  }
}
