import Checkpoints
import Graphs

extension ConfigFields {
  /// BERT: a vector per sequence, or scores of classes.
  func bert(
    _ model: HuggingFaceConfig.Model, _ pooling: ConfigurationFile?, isUnitLength: Bool
  ) throws(CheckpointError) -> TransformerShape {
    var shape = try sizes(
      width: "hidden_size", layers: "num_hidden_layers", heads: "num_attention_heads",
      context: "max_position_embeddings")
    try requireDivisor("num_attention_heads", shape.heads, of: shape.width)
    shape.feedForwardWidth = try extent("intermediate_size")
    shape.epsilon = Float(try number("layer_norm_eps", default: 1e-12, in: 0...1))
    _ = try choice("position_embedding_type", default: "absolute", ["absolute": true])
    shape.feedForward = .plain(try choice("hidden_act", default: "gelu", Self.functions))
    try require("is_decoder", false)
    normalizeAfter(&shape)
    shape.output =
      model == .bertClasses
      ? .classes(.first, pooler: .tanh, count: try labels())
      : try pooled(pooling, isUnitLength: isUnitLength)
    return shape
  }

  /// DistilBERT: half as many layers, no token types, other keys.
  func distilBERT(
    _ model: HuggingFaceConfig.Model, _ pooling: ConfigurationFile?, isUnitLength: Bool
  ) throws(CheckpointError) -> TransformerShape {
    var shape = try sizes(
      width: "dim", layers: "n_layers", heads: "n_heads", context: "max_position_embeddings")
    try requireDivisor("n_heads", shape.heads, of: shape.width)
    shape.feedForwardWidth = try extent("hidden_dim")
    // The model's code has it as a constant.
    shape.epsilon = 1e-12
    // Sines or not, a checkpoint holds the table.
    shape.feedForward = .plain(try choice("activation", default: "gelu", Self.functions))
    normalizeAfter(&shape)
    shape.output =
      model == .distilBERTClasses
      ? .classes(.first, pooler: .relu, count: try labels())
      : try pooled(pooling, isUnitLength: isUnitLength)
    return shape
  }

  private func normalizeAfter(_ shape: inout TransformerShape) {
    shape.normalization = .layer
    shape.normalizationPlace = .after
    shape.positions = .learned(rows: shape.context)
    shape.biases = .all
    shape.isCausal = false
  }

  private func pooled(
    _ pooling: ConfigurationFile?, isUnitLength: Bool
  ) throws(CheckpointError) -> TransformerShape.Output {
    let selection = try pooling.map { (file) throws(CheckpointError) in
      try ConfigFields(config: file).pooling()
    }
    return .pooled(selection ?? .mean, isUnitLength: isUnitLength)
  }

  /// How many classes there are: as many as `id2label` names, or `num_labels`; 2 where neither is there.
  private func labels() throws(CheckpointError) -> Int {
    let key = "id2label"
    let largest = 65_535
    guard let names = try config.object(key) else {
      let count = try config.integer("num_labels") ?? 2
      guard (2...largest).contains(count) else {
        throw config.failure("num_labels", expected: "2 to \(largest) classes")
      }
      return count
    }
    let count = names.keys.count
    guard (2...largest).contains(count), (0..<count).allSatisfy({ names.contains("\($0)") }) else {
      throw config.failure(key, expected: "names of the classes 0, 1 and so on, 2 to \(largest)")
    }
    guard try config.integer("num_labels") ?? count == count else {
      throw config.failure("num_labels", expected: "\(count), as id2label has")
    }
    return count
  }

  /// What `1_Pooling/config.json` selects.
  private func pooling() throws(CheckpointError) -> TokenSelection {
    if try config.string("pooling_mode") != nil {
      return try choice("pooling_mode", default: "mean", ["mean": .mean, "cls": .first])
    }
    let others = [
      "pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
      "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken",
    ]
    for key in others { try require(key, false) }
    let isFirst = try config.bool("pooling_mode_cls_token") ?? false
    let isMean = try config.bool("pooling_mode_mean_tokens") ?? true
    guard isFirst != isMean else {
      throw config.failure(
        "pooling_mode_mean_tokens", expected: "this or the first token, not both")
    }
    return isFirst ? .first : .mean
  }
}
