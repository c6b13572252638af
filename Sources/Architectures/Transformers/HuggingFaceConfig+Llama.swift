import Checkpoints
import Graphs

extension ConfigFields {
  /// Llama, and the models that differ from it in little.
  func llama(_ model: HuggingFaceConfig.Model) throws(CheckpointError) -> TransformerShape {
    var shape = try sizes(
      width: "hidden_size", layers: "num_hidden_layers", heads: "num_attention_heads",
      context: "max_position_embeddings")
    // Only Llama's default follows from the other sizes.
    shape.keyValueHeads = try extent(
      "num_key_value_heads", default: model == .llama ? shape.heads : nil, atMost: 1_024)
    try requireDivisor("num_key_value_heads", shape.keyValueHeads, of: shape.heads)
    if let size = try config.integer("head_dim") ?? (model == .qwen3 ? 128 : nil) {
      guard (1...1_024).contains(size) else {
        throw config.failure("head_dim", expected: "an integer from 1 to 1024")
      }
      shape.headSize = size
    } else {
      try requireDivisor("num_attention_heads", shape.heads, of: shape.width)
    }
    shape.feedForwardWidth = try extent("intermediate_size")
    shape.epsilon = Float(try number("rms_norm_eps", default: 1e-6, in: 0...1))
    _ = try choice("hidden_act", default: "silu", ["silu": true, "swish": true])
    shape.biases = try biases(model)
    shape.normalizesHeads = model == .qwen3 || model == .qwen3MoE
    shape.windows = try windows(model, layers: shape.layers)
    shape.isTied = try config.bool("tie_word_embeddings") ?? false
    shape.positions = .rotary(
      try angles(
        headSize: shape.headSize, context: shape.context,
        base: model == .mixtral ? 1_000_000 : 10_000))
    shape.experts = try experts(model, shape)
    return shape
  }

  private func biases(
    _ model: HuggingFaceConfig.Model
  ) throws(CheckpointError) -> TransformerShape.Biases {
    switch model {
    case .qwen2: return .attentionInput
    case .qwen2MoE: return try config.bool("qkv_bias") ?? true ? .attentionInput : []
    case .mixtral: return []
    default: break
    }
    var biases: TransformerShape.Biases = []
    if model != .mistral, try config.bool("attention_bias") ?? false {
      biases.formUnion([.attentionInput, .attentionOutput])
    }
    if model == .llama, try config.bool("mlp_bias") ?? false { biases.insert(.feedForward) }
    return biases
  }

  /// How many tokens each layer sees.
  private func windows(
    _ model: HuggingFaceConfig.Model, layers: Int
  ) throws(CheckpointError) -> [Int?] {
    let none = [Int?](repeating: nil, count: layers)
    let key = "sliding_window"
    switch model {
    case .mistral:
      // Without the key the model's class has a window; with `null` it has none.
      if config.contains(key), try config.integer(key) == nil { return none }
      return Array(repeating: try extent(key, default: 4_096), count: layers)
    case .mixtral:
      if try config.integer(key) == nil { return none }
      return Array(repeating: try extent(key), count: layers)
    case .qwen2MoE where !config.contains("layer_types"),
      .qwen3MoE where !config.contains("layer_types"):
      guard try config.bool("use_sliding_window") ?? false else { return none }
      let window = try extent(key, default: 4_096)
      guard model == .qwen2MoE else { return Array(repeating: window, count: layers) }
      let last = try config.integer("max_window_layers") ?? 28
      return (0..<layers).map { $0.isMultiple(of: 2) && $0 < last ? window : nil }
    case .qwen2, .qwen3, .qwen2MoE, .qwen3MoE:
      guard try config.bool("use_sliding_window") ?? false else { return none }
      let window = try extent(key)
      guard let types = try config.strings("layer_types") else {
        let full = try config.integer("max_window_layers") ?? 28
        return (0..<layers).map { $0 < full ? nil : window }
      }
      let known = ["full_attention", "sliding_attention"]
      guard types.count == layers, types.allSatisfy(known.contains) else {
        throw config.failure(
          "layer_types", expected: "\(layers) times full_attention or sliding_attention")
      }
      return types.map { $0 == known[0] ? nil : window }
    case .llama, .gpt2, .bert, .bertClasses, .distilBERT, .distilBERTClasses: return none
    }
  }

  /// Rotary angles: `rope_theta` and `rope_scaling`, or both in `rope_parameters` since transformers 5.
  private func angles(
    headSize: Int, context: Int, base: Double
  ) throws(CheckpointError) -> RotaryAngles {
    guard headSize.isMultiple(of: 2) else {
      throw config.failure("head_dim", expected: "an even size of heads")
    }
    let parameters = try config.object("rope_parameters")
    let place = parameters.map(ConfigFields.init(config:)) ?? self
    var angles = RotaryAngles(base: try place.number("rope_theta", default: base, in: 2...1e12))
    let separate = try config.object("rope_scaling")
    if let scaling = parameters ?? separate {
      try ConfigFields(config: scaling).scaling(context: context)?
        .apply(to: &angles, rotary: headSize)
    }
    return angles
  }

  private func scaling(context: Int) throws(CheckpointError) -> RotaryScaling? {
    let key = try config.string("rope_type") == nil ? "type" : "rope_type"
    let kind = try choice(
      key, default: "default",
      ["default": "none", "linear": "linear", "llama3": "llama3", "yarn": "yarn"])
    guard kind != "none" else { return nil }
    let factor = try number("factor", in: 1...1e6)
    let originalKey = "original_max_position_embeddings"
    switch kind {
    case "linear": return .linear(factor: factor)
    case "llama3":
      let low = try number("low_freq_factor", in: 0...1e6)
      let high = try number("high_freq_factor", in: 0...1e6)
      guard low < high else {
        throw config.failure("high_freq_factor", expected: "more than low_freq_factor, \(low)")
      }
      return .llama3(factor: factor, low: low, high: high, original: try extent(originalKey))
    default:
      var yarn = RotaryScaling.Yarn(
        factor: factor, original: try extent(originalKey, default: context))
      yarn.fast = try number("beta_fast", default: 32, in: 0.001...1e6)
      yarn.slow = try number("beta_slow", default: 1, in: 0.001...1e6)
      yarn.isTruncated = try config.bool("truncate") ?? true
      yarn.magnitude = try magnitude(factor: factor)
      return .yarn(yarn)
    }
  }

  private func magnitude(factor: Double) throws(CheckpointError) -> Double? {
    if let factor = try config.number("attention_factor") {
      guard factor > 0, factor <= 1e3 else {
        throw config.failure("attention_factor", expected: "a number above 0 and up to 1000")
      }
      return factor
    }
    guard let own = try config.number("mscale"), let all = try config.number("mscale_all_dim"),
      own != 0, all != 0
    else { return nil }
    return RotaryScaling.attentionFactor(factor, own) / RotaryScaling.attentionFactor(factor, all)
  }
}
