public import Checkpoints
import Graphs

/// A transformer as the metadata and tensors of a GGUF file describe it.
///
/// Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, section "LLM".
public struct GGUFTransformer: Sendable {
  /// The architectures that are read; the raw value is their name in `general.architecture`.
  public enum Model: String, Sendable, CaseIterable {
    /// Llama and Mistral: elements 2 i and 2 i + 1 of a head are turned together.
    case llama
    /// Elements i and i + half are turned together, as in all that follow.
    case qwen2
    case qwen3
    case qwen2MoE = "qwen2moe"
    case qwen3MoE = "qwen3moe"
    case gpt2
  }

  /// The architecture.
  public let model: Model
  /// What the file says.
  public let shape: TransformerShape
  /// How the file names parameters.
  public var naming: CheckpointNaming { model == .gpt2 ? .ggufGPT2 : .gguf }

  /// Reads a file.
  ///
  /// - Throws: `CheckpointError.malformed` with file, key, expected and found; `.tensor` for one that the shape
  ///   needs and that is not there.
  public init(_ file: GGUFFile) throws(CheckpointError) {
    let key = "general.architecture"
    let names = Model.allCases.map(\.rawValue).joined(separator: ", ")
    guard let found = try file.metadata.string(key), let model = Model(rawValue: found) else {
      throw file.metadata.failure(key, expected: "one of \(names)")
    }
    self.model = model
    shape = try GGUFFields(file: file, model: model).shape()
  }
}

/// The metadata of an architecture, read with its limits.
private struct GGUFFields {
  let file: GGUFFile
  let model: GGUFTransformer.Model

  private var metadata: GGUFMetadata { file.metadata }

  private func key(_ name: String) -> String { "\(model.rawValue).\(name)" }

  private func extent(
    _ name: String, default fallback: Int? = nil, atMost limit: Int = 1_048_576
  ) throws(CheckpointError) -> Int {
    guard let found = try metadata.integer(key(name)) ?? fallback, (1...limit).contains(found)
    else { throw metadata.failure(key(name), expected: "an integer from 1 to \(limit)") }
    return found
  }

  private func number(
    _ name: String, default fallback: Double? = nil, in range: ClosedRange<Double>
  ) throws(CheckpointError) -> Double {
    guard let found = try metadata.number(key(name)) ?? fallback, range.contains(found) else {
      throw metadata.failure(
        key(name), expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  private func has(_ tensor: String) -> Bool { file.entry(tensor) != nil }

  func shape() throws(CheckpointError) -> TransformerShape {
    let table = "token_embd.weight"
    guard let embedding = file.entry(table), embedding.shape.count == 2 else {
      throw .tensor(
        file: file.file, tensor: table, expected: "a matrix [tokens, elements]",
        found: file.entry(table).map { "\($0.shape)" } ?? "no such tensor")
    }
    let heads = try extent("attention.head_count", atMost: 1_024)
    var shape = TransformerShape(
      vocabulary: embedding.shape[0], width: try extent("embedding_length"),
      layers: try extent("block_count", atMost: 1_024), heads: heads,
      keyValueHeads: try extent("attention.head_count_kv", default: heads, atMost: 1_024),
      feedForwardWidth: try extent("feed_forward_length"), context: try extent("context_length"))
    guard heads.isMultiple(of: shape.keyValueHeads) else {
      throw metadata.failure(key("attention.head_count_kv"), expected: "a divisor of \(heads)")
    }
    try readHeadSize(&shape)
    shape.isTied = !has("output.weight")
    if model == .gpt2 {
      try readGPT2(&shape)
    } else {
      try readLlama(&shape)
    }
    return shape
  }

  private func readHeadSize(_ shape: inout TransformerShape) throws(CheckpointError) {
    let name = "attention.key_length"
    if try metadata.integer(key(name)) == nil {
      guard shape.width.isMultiple(of: shape.heads) else {
        throw metadata.failure(
          key("attention.head_count"), expected: "a divisor of \(shape.width)")
      }
    } else {
      shape.headSize = try extent(name, atMost: 1_024)
    }
    let value = try extent("attention.value_length", default: shape.headSize)
    guard value == shape.headSize else {
      throw metadata.failure(
        key("attention.value_length"), expected: "\(shape.headSize), as keys have")
    }
  }

  private func readGPT2(_ shape: inout TransformerShape) throws(CheckpointError) {
    shape.normalization = .layer
    shape.epsilon = Float(try number("attention.layer_norm_epsilon", in: 0...1))
    shape.positions = .learned(rows: shape.context)
    shape.feedForward = .plain(.geluTanh)
    shape.biases = .all
  }

  private func readLlama(_ shape: inout TransformerShape) throws(CheckpointError) {
    shape.epsilon = Float(try number("attention.layer_norm_rms_epsilon", in: 0...1))
    if has("blk.0.attn_q.bias") { shape.biases.insert(.attentionInput) }
    if has("blk.0.attn_output.bias") { shape.biases.insert(.attentionOutput) }
    if has("blk.0.ffn_down.bias") { shape.biases.insert(.feedForward) }
    shape.normalizesHeads = model == .qwen3 || model == .qwen3MoE
    shape.experts = try experts(shape)
    if let window = try metadata.integer(key("attention.sliding_window")), window != 0 {
      let checked = try extent("attention.sliding_window")
      shape.windows = Array(repeating: checked, count: shape.layers)
    }
    shape.positions = .rotary(try angles(shape))
  }

  /// The experts of every layer, each of whose tensors holds all of them.
  private func experts(
    _ shape: TransformerShape
  ) throws(CheckpointError) -> TransformerShape.Experts? {
    let isQwen = model == .qwen2MoE || model == .qwen3MoE
    guard isQwen || model == .llama else {
      guard try metadata.integer(key("expert_count")) ?? 0 == 0 else {
        throw metadata.failure(key("expert_count"), expected: "0: \(model) has no experts")
      }
      return nil
    }
    if !isQwen, try metadata.integer(key("expert_count")) ?? 0 == 0 { return nil }
    if let function = try metadata.integer(key("expert_gating_func")), function != 1 {
      throw metadata.failure(key("expert_gating_func"), expected: "1: softmax")
    }
    if let factor = try metadata.number(key("expert_weights_scale")), factor != 1 {
      throw metadata.failure(key("expert_weights_scale"), expected: "1")
    }
    let count = try extent("expert_count", atMost: 4_096)
    let chosen = try extent("expert_used_count", atMost: count)
    // Without a width of their own the experts of a token have that of the model together.
    let width = shape.feedForwardWidth
    var experts = TransformerShape.Experts(
      count: count, perToken: chosen,
      width: isQwen
        ? try extent(
          "expert_feed_forward_length", default: max(width / chosen, 1), atMost: 65_535)
        : width)
    experts.isNormalized = model != .qwen2MoE
    if model == .qwen2MoE {
      experts.sharedWidth = try extent(
        "expert_shared_feed_forward_length", default: width, atMost: 65_535)
    }
    try checkExperts(count, layers: shape.layers)
    return experts
  }

  /// Checks that the tensors of experts hold as many as the metadata says.
  private func checkExperts(_ count: Int, layers: Int) throws(CheckpointError) {
    for layer in 0..<layers {
      for node in ["gate", "up", "down"] {
        let name = "blk.\(layer).ffn_\(node)_exps.weight"
        guard let entry = file.entry(name) else {
          throw .tensor(
            file: file.file, tensor: name, expected: "the matrices of \(count) experts",
            found: "no such tensor")
        }
        guard entry.shape.count == 3, entry.shape[0] == count else {
          throw .tensor(
            file: file.file, tensor: name, expected: "the matrices of \(count) experts",
            found: "\(entry.shape)")
        }
      }
    }
  }

  private func angles(_ shape: TransformerShape) throws(CheckpointError) -> RotaryAngles {
    let rotary = try extent("rope.dimension_count", default: shape.headSize)
    guard rotary <= shape.headSize, rotary.isMultiple(of: 2) else {
      throw metadata.failure(
        key("rope.dimension_count"), expected: "an even number up to \(shape.headSize)")
    }
    var angles = RotaryAngles(
      base: try number("rope.freq_base", default: 10_000, in: 2...1e12),
      pairing: model == .llama ? .interleaved : .halves)
    if rotary != shape.headSize { angles.rotary = rotary }
    try scaling(context: shape.context)?.apply(to: &angles, rotary: rotary)
    try readDivisors(&angles, rotary: rotary)
    return angles
  }

  private func scaling(context: Int) throws(CheckpointError) -> RotaryScaling? {
    let name = key("rope.scaling.type")
    let kind = try metadata.string(name) ?? "none"
    switch kind {
    case "none": return nil
    case "linear": return .linear(factor: try number("rope.scaling.factor", in: 1...1e6))
    case "yarn":
      let factor = try number("rope.scaling.factor", in: 1...1e6)
      var yarn = RotaryScaling.Yarn(
        factor: factor,
        original: try extent("rope.scaling.original_context_length", default: context))
      let weight = try number("rope.scaling.attn_factor", default: 1, in: 0.001...1e3)
      yarn.magnitude = weight * RotaryScaling.attentionFactor(factor, 1)
      return .yarn(yarn)
    default: throw metadata.failure(name, expected: "one of 'none', 'linear', 'yarn'")
    }
  }

  /// Llama 3.1's ramp comes as a tensor: what each pair's frequency is divided by.
  private func readDivisors(
    _ angles: inout RotaryAngles, rotary: Int
  ) throws(CheckpointError) {
    let name = "rope_freqs.weight"
    guard let tensor = file.tensor(name) else { return }
    guard tensor.shape == [rotary / 2] else {
      throw .tensor(
        file: file.file, tensor: name, expected: "shape [\(rotary / 2)]", found: "\(tensor.shape)")
    }
    let divisors = tensor.values.map(Double.init)
    guard divisors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .tensor(
        file: file.file, tensor: name, expected: "numbers above 0", found: "others")
    }
    angles.frequencyDivisors =
      angles.frequencyDivisors.isEmpty
      ? divisors : zip(angles.frequencyDivisors, divisors).map { $0 * $1 }
  }
}
