import Checkpoints
import Graphs

extension ConfigFields {
  /// The experts of a model that has some.
  func experts(
    _ model: HuggingFaceConfig.Model, _ shape: TransformerShape
  ) throws(CheckpointError) -> TransformerShape.Experts? {
    switch model {
    case .mixtral:
      return try experts(default: 8, perToken: 2, width: shape.feedForwardWidth)
    case .qwen2MoE:
      var experts = try experts(
        default: 60, perToken: 4,
        width: extent("moe_intermediate_size", default: 1_408, atMost: 65_535))
      experts.sharedWidth = try extent(
        "shared_expert_intermediate_size", default: 5_632, atMost: 65_535)
      return try qwen(experts, layers: shape.layers)
    case .qwen3MoE:
      return try qwen(
        try experts(
          default: 128, perToken: 8,
          width: extent("moe_intermediate_size", default: 768, atMost: 65_535)),
        layers: shape.layers)
    default: return nil
    }
  }

  private func experts(
    default count: Int, perToken: Int, width: Int
  ) throws(CheckpointError) -> TransformerShape.Experts {
    // Which of two names the number has depends on the version of transformers that wrote it.
    let (key, other) = ("num_experts", "num_local_experts")
    let written = try config.integer(key) == nil ? other : key
    let count = try extent(written, default: count, atMost: 4_096)
    guard try config.integer(other) ?? count == count else {
      throw config.failure(other, expected: "\(count), as \(key) says")
    }
    return TransformerShape.Experts(
      count: count,
      perToken: try extent("num_experts_per_tok", default: min(perToken, count), atMost: count),
      width: width)
  }

  /// What Qwen's models say beside sizes: how weights are normalized, and which layers have experts.
  private func qwen(
    _ experts: TransformerShape.Experts, layers: Int
  ) throws(CheckpointError) -> TransformerShape.Experts {
    var experts = experts
    experts.isNormalized = try config.bool("norm_topk_prob") ?? false
    let step = try extent("decoder_sparse_step", default: 1)
    experts.denseLayers = Set((0..<layers).filter { !($0 + 1).isMultiple(of: step) })
    let key = "mlp_only_layers"
    for number in try config.numbers(key) ?? [] {
      guard let layer = Int(exactly: number), (0..<layers).contains(layer) else {
        throw config.failure(key, expected: "numbers of layers below \(layers)")
      }
      experts.denseLayers.insert(layer)
    }
    return experts
  }
}
