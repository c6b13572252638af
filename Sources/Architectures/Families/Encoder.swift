extension ArchitectureFamily {
  /// Transformers that make one vector of a sequence: BERT's kind.
  public static let encoder = ArchitectureFamily(
    name: "encoder", summary: "Transformer that makes one vector of a sequence.",
    description: .shape(TransformerShape.encoder))
}
