extension ArchitectureFamily {
  /// Transformers that predict the next token: Llama's and GPT-2's kinds.
  public static let decoder = ArchitectureFamily(
    name: "decoder", summary: "Transformer that predicts the next token.",
    description: .shape(TransformerShape.decoder))
}
