import Architectures
import Checkpoints
import Foundation
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct ExpertCheckpointTests {
  static let sizes = """
    "vocab_size": 5, "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 3,
    "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 8
    """

  static func read(_ model: String, _ more: String) throws(CheckpointError) -> HuggingFaceConfig {
    try HuggingFaceConfigTests.read(
      "{\"architectures\": [\"\(model)ForCausalLM\"], \(more)\(sizes)}")
  }

  @Test func `Mixtral, Qwen2-MoE and Qwen3-MoE say how many experts there are`() throws {
    let mixtral = try Self.read("Mixtral", "").shape
    var expected = TransformerShape.Experts(count: 8, perToken: 2, width: 6)
    #expect(mixtral.experts == expected && mixtral.windows == [nil, nil, nil])
    #expect(mixtral.positions == .rotary(RotaryAngles(base: 1_000_000)))
    #expect(try Self.read("Mixtral", "\"sliding_window\": 7,").shape.windows == [7, 7, 7])
    let qwen2 = try Self.read(
      "Qwen2Moe",
      """
      "num_experts": 6, "num_experts_per_tok": 3, "moe_intermediate_size": 10,
      "shared_expert_intermediate_size": 12, "mlp_only_layers": [2],
      """
    ).shape
    expected = TransformerShape.Experts(count: 6, perToken: 3, width: 10)
    expected.sharedWidth = 12
    expected.isNormalized = false
    expected.denseLayers = [2]
    #expect(qwen2.experts == expected && qwen2.biases == .attentionInput)
    let qwen3 = try Self.read(
      "Qwen3Moe", "\"norm_topk_prob\": true, \"decoder_sparse_step\": 2,"
    ).shape
    expected = TransformerShape.Experts(count: 128, perToken: 8, width: 768)
    expected.denseLayers = [0, 2]
    #expect(qwen3.experts == expected && qwen3.normalizesHeads && qwen3.biases == [])
    #expect(try Self.read("Llama", "\"num_experts\": 3,").shape.experts == nil)
    let renamed = try Self.read("Qwen3Moe", "\"num_local_experts\": 16,").shape
    #expect(renamed.experts?.count == 16)
    let sliding = "\"use_sliding_window\": true, \"sliding_window\": 5,"
    #expect(try Self.read("Qwen2Moe", sliding).shape.windows == [5, nil, 5])
    #expect(try Self.read("Qwen3Moe", sliding).shape.windows == [5, 5, 5])
  }

  @Test(arguments: [
    (
      "Mixtral", "\"num_experts_per_tok\": 9,",
      "'num_experts_per_tok': expected an integer from 1 to 8, found 9"
    ),
    (
      "Mixtral", "\"num_local_experts\": 0,",
      "'num_local_experts': expected an integer from 1 to 4096, found 0"
    ),
    (
      "Qwen3Moe", "\"num_experts\": 16, \"num_local_experts\": 8,",
      "'num_local_experts': expected 16, as num_experts says, found 8"
    ),
    (
      "Qwen2Moe", "\"mlp_only_layers\": [3],",
      "'mlp_only_layers': expected numbers of layers below 3, found [3]"
    ),
    (
      "Qwen3Moe", "\"decoder_sparse_step\": 0,",
      "'decoder_sparse_step': expected an integer from 1 to 1048576, found 0"
    ),
  ])
  func `impossible experts are named`(_ model: String, _ more: String, _ expected: String) {
    do throws(CheckpointError) {
      _ = try Self.read(model, more)
      Issue.record("no error")
    } catch { #expect(error.description == "config.json: key \(expected)") }
  }

  /// Numbers that tell tensors apart.
  static func tensor(_ name: String, _ shape: [Int]) -> Tensor {
    let sum = name.utf8.reduce(0) { ($0 * 31 + Int($1)) % 1_009 }
    return Tensor(
      shape: shape, values: (0..<shape.reduce(1, *)).map { Float(sum + $0) / 64 })
  }

  static func attention(_ layer: Int) -> [String: [Int]] {
    let prefix = "model.layers.\(layer)."
    return [
      "\(prefix)input_layernorm.weight": [4], "\(prefix)post_attention_layernorm.weight": [4],
      "\(prefix)self_attn.q_proj.weight": [4, 4], "\(prefix)self_attn.k_proj.weight": [2, 4],
      "\(prefix)self_attn.v_proj.weight": [2, 4], "\(prefix)self_attn.o_proj.weight": [4, 4],
    ]
  }

  /// The tensors of a tiny model of one layer, as transformers names them.
  static func tensors(mixtral: Bool) -> [String: [Int]] {
    var shapes = attention(0)
    shapes["model.embed_tokens.weight"] = [5, 4]
    shapes["model.norm.weight"] = [4]
    shapes["lm_head.weight"] = [5, 4]
    let prefix = "model.layers.0." + (mixtral ? "block_sparse_moe." : "mlp.")
    shapes[prefix + "gate.weight"] = [3, 4]
    for expert in 0..<3 {
      let names = mixtral ? ["w1", "w3", "w2"] : ["gate_proj", "up_proj", "down_proj"]
      shapes["\(prefix)experts.\(expert).\(names[0]).weight"] = [6, 4]
      shapes["\(prefix)experts.\(expert).\(names[1]).weight"] = [6, 4]
      shapes["\(prefix)experts.\(expert).\(names[2]).weight"] = [4, 6]
    }
    guard !mixtral else { return shapes }
    for name in ["q", "k", "v"] {
      shapes["model.layers.0.self_attn.\(name)_proj.bias"] = [name == "q" ? 4 : 2]
    }
    shapes[prefix + "shared_expert.gate_proj.weight"] = [7, 4]
    shapes[prefix + "shared_expert.up_proj.weight"] = [7, 4]
    shapes[prefix + "shared_expert.down_proj.weight"] = [4, 7]
    shapes[prefix + "shared_expert_gate.weight"] = [1, 4]
    return shapes
  }

  static let config = """
    "num_local_experts": 3, "num_experts": 3, "num_experts_per_tok": 2,
    "moe_intermediate_size": 6, "shared_expert_intermediate_size": 7, "num_hidden_layers": 1,
    "vocab_size": 5, "hidden_size": 4, "intermediate_size": 6, "num_attention_heads": 2,
    "num_key_value_heads": 1, "max_position_embeddings": 8
    """

  /// Writes a model as safetensors with its configuration and opens its weights.
  static func weights(
    mixtral: Bool, without missing: String? = nil,
    change: (inout [String: [Int]]) -> Void = { _ in }
  ) throws -> Weights {
    let folder = try TemporaryFolder()
    let name = mixtral ? "Mixtral" : "Qwen2Moe"
    try folder.write(
      "{\"architectures\": [\"\(name)ForCausalLM\"], \(config)}", to: "config.json")
    var shapes = tensors(mixtral: mixtral)
    if let missing { shapes[missing] = nil }
    change(&shapes)
    var stored = Weights()
    for (name, shape) in shapes { stored[name] = tensor(name, shape) }
    try Safetensors.write(stored, to: folder.url.appendingPathComponent("model.safetensors").path)
    let description = try HuggingFaceConfig(folder: folder.url.path, shownAs: "m")
    let graph = try description.shape.graph()
    let checkpoint = try Checkpoint.open(folder.url.path, shownAs: "m")
    let weights = try description.shape.weights(
      of: graph, named: description.model.naming, from: checkpoint)
    // Tensors of files are read now, while the folder is there.
    return Weights(
      weights.tensors.mapValues { Tensor(shape: $0.shape, values: $0.values) })
  }

  @Test(arguments: [true, false])
  func `experts are found under their published names`(mixtral: Bool) throws {
    let weights = try Self.weights(mixtral: mixtral)
    let prefix = "model.layers.0." + (mixtral ? "block_sparse_moe." : "mlp.")
    let names =
      mixtral
      ? ["expert_gate": "w1", "expert_up": "w3", "expert_down": "w2"]
      : ["expert_gate": "gate_proj", "expert_up": "up_proj", "expert_down": "down_proj"]
    for (node, name) in names {
      for expert in 0..<3 {
        let tensor = "\(prefix)experts.\(expert).\(name).weight"
        let shape = node == "expert_down" ? [4, 6] : [6, 4]
        #expect(
          weights["layers.0.\(node).\(expert).weight"] == Self.tensor(tensor, shape))
      }
    }
    #expect(weights["layers.0.router.weight"] == Self.tensor(prefix + "gate.weight", [3, 4]))
    guard !mixtral else { return }
    #expect(
      weights["layers.0.shared_router.weight"]
        == Self.tensor(prefix + "shared_expert_gate.weight", [1, 4]))
    #expect(
      weights["layers.0.shared_down.weight"]
        == Self.tensor(prefix + "shared_expert.down_proj.weight", [4, 7]))
  }

  @Test func `a missing expert and a wrong router are named`() throws {
    func message(_ body: () throws -> Weights) -> String {
      do {
        _ = try body()
        return "no error"
      } catch { return "\(error)" }
    }
    let expert = "model.layers.0.block_sparse_moe.experts.2.w3.weight"
    #expect(
      message { try Self.weights(mixtral: true, without: expert) }.contains(
        "expected a tensor '\(expert)' (for layers.0.expert_up.2.weight), found none"))
    let router = "model.layers.0.mlp.gate.weight"
    #expect(
      message { try Self.weights(mixtral: false) { $0[router] = [4, 4] } }.contains(
        "tensor '\(router)': expected shape 3×4, found 4×4"))
  }

  static func gguf(
    _ model: String, experts: Int = 3, more: [(key: String, value: GGUFValue)] = [],
    change: (inout [String: [Int]]) -> Void = { _ in }
  ) throws -> (shape: TransformerShape, weights: Weights) {
    var shapes = [
      "token_embd.weight": [5, 8], "output.weight": [5, 8], "output_norm.weight": [8],
      "blk.0.attn_norm.weight": [8], "blk.0.ffn_norm.weight": [8], "blk.0.attn_q.weight": [8, 8],
      "blk.0.attn_k.weight": [4, 8], "blk.0.attn_v.weight": [4, 8],
      "blk.0.attn_output.weight": [8, 8], "blk.0.ffn_gate_inp.weight": [3, 8],
      "blk.0.ffn_gate_exps.weight": [3, 12, 8], "blk.0.ffn_up_exps.weight": [3, 12, 8],
      "blk.0.ffn_down_exps.weight": [3, 8, 12],
    ]
    if model == "qwen2moe" {
      shapes["blk.0.ffn_gate_inp_shexp.weight"] = [8]
      shapes["blk.0.ffn_gate_shexp.weight"] = [10, 8]
      shapes["blk.0.ffn_up_shexp.weight"] = [10, 8]
      shapes["blk.0.ffn_down_shexp.weight"] = [8, 10]
    }
    if model == "qwen3moe" {
      shapes["blk.0.attn_q_norm.weight"] = [4]
      shapes["blk.0.attn_k_norm.weight"] = [4]
    }
    change(&shapes)
    let metadata: [(key: String, value: GGUFValue)] =
      GGUFTransformerTests.metadata(model) + [
        ("\(model).expert_count", .uint32(UInt32(experts))),
        ("\(model).expert_used_count", .uint32(2)),
      ] + more
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("m.gguf").path
    try GGUFContents(
      metadata: metadata,
      tensors: shapes.sorted { $0.key < $1.key }.map {
        .init(name: $0.key, shape: $0.value, values: tensor($0.key, $0.value).values)
      }
    ).write(to: path)
    let file = try GGUFFile(path, shownAs: "m.gguf")
    let description = try GGUFTransformer(file)
    let graph = try description.shape.graph()
    let weights = try description.shape.weights(
      of: graph, named: description.naming, from: file)
    for tensor in weights.tensors.values {
      #expect(tensor.source?.storedFormat != nil || tensor.source == nil)
    }
    return (
      description.shape,
      Weights(weights.tensors.mapValues { Tensor(shape: $0.shape, values: $0.values) })
    )
  }

  @Test(arguments: ["llama", "qwen2moe", "qwen3moe"])
  func `GGUF's experts are parts of one tensor`(_ model: String) throws {
    let lengths: [(key: String, value: GGUFValue)] =
      model == "llama"
      ? []
      : [
        ("\(model).expert_feed_forward_length", .uint32(12)),
        ("\(model).expert_shared_feed_forward_length", .uint32(10)),
      ]
    let (shape, weights) = try Self.gguf(model, more: lengths)
    var expected = TransformerShape.Experts(count: 3, perToken: 2, width: 12)
    expected.isNormalized = model != "qwen2moe"
    if model == "qwen2moe" { expected.sharedWidth = 10 }
    #expect(shape.experts == expected && shape.normalizesHeads == (model == "qwen3moe"))
    let whole = Self.tensor("blk.0.ffn_down_exps.weight", [3, 8, 12]).values
    for expert in 0..<3 {
      let found = try #require(weights["layers.0.expert_down.\(expert).weight"])
      #expect(found.shape == [8, 12])
      #expect(found.values == Array(whole[expert * 96..<(expert + 1) * 96]))
    }
    if model == "qwen2moe" {
      #expect(weights["layers.0.shared_router.weight"]?.shape == [1, 8])
    }
  }

  @Test func `GGUF's wrong experts are named`() {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(
      message { _ = try Self.gguf("llama", experts: 4) }
        == "m.gguf: tensor 'blk.0.ffn_gate_exps.weight': expected the matrices of 4 experts, "
        + "found [3, 12, 8]")
    #expect(
      message { _ = try Self.gguf("llama", experts: 1) }
        == "m.gguf: metadata 'llama.expert_used_count': expected an integer from 1 to 1, "
        + "found uint32 2")
    #expect(
      message {
        _ = try Self.gguf("qwen3moe", more: [("qwen3moe.expert_gating_func", .uint32(2))])
      }
        == "m.gguf: metadata 'qwen3moe.expert_gating_func': expected 1: softmax, found uint32 2")
    #expect(
      message {
        _ = try Self.gguf("llama", more: [("llama.expert_weights_scale", .float32(2.5))])
      }
        == "m.gguf: metadata 'llama.expert_weights_scale': expected 1, found float32 2.5")
    #expect(
      message {
        _ = try Self.gguf("qwen3moe") { $0["blk.0.ffn_up_exps.weight"] = nil }
      }
        == "m.gguf: tensor 'blk.0.ffn_up_exps.weight': expected the matrices of 3 experts, "
        + "found no such tensor")
    #expect(
      message {
        _ = try Self.gguf("llama") { $0["blk.0.ffn_gate_inp.weight"] = [2, 8] }
      }.contains("tensor 'blk.0.ffn_gate_inp.weight': expected shape 3×8, found 2×8"))
  }

  /// Rows of 32 elements in blocks: a part's bytes are those of its rows.
  @Test func `parts of stored blocks keep their format and bytes`() throws {
    let values = (0..<3 * 2 * 32).map { Float($0 % 37) - 18 }
    let matrix = FloatMatrix(name: "w", rows: 6, columns: 32, values: values)
    let blocks = try BlockMatrix(encoding: matrix, as: GGUF.Q8_0())
    let bytes = blocks.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    let whole = Tensor(
      shape: [3, 2, 32], source: StoredBlocks(bytes: bytes, decoded: blocks.decoded()))
    let naming = CheckpointNaming.gguf
    var shape = TransformerShape(
      vocabulary: 2, width: 32, layers: 1, heads: 1, keyValueHeads: 1, feedForwardWidth: 2,
      context: 4)
    shape.experts = TransformerShape.Experts(count: 3, perToken: 1, width: 2)
    let graph = try shape.graph()
    let weights = try shape.weights(of: graph, named: naming) { name in
      if name == "blk.0.ffn_up_exps.weight" { return whole }
      let shapes = [
        "blk.0.ffn_gate_exps.weight": [3, 2, 32], "blk.0.ffn_down_exps.weight": [3, 32, 2],
        "blk.0.ffn_gate_inp.weight": [3, 32], "token_embd.weight": [2, 32],
        "output.weight": [2, 32],
      ]
      let shape = shapes[name] ?? (name.contains("norm") ? [32] : [32, 32])
      return Tensor(shape: shape, repeating: 1)
    }
    for expert in 0..<3 {
      let part = try #require(weights["layers.0.expert_up.\(expert).weight"])
      let source = try #require(part.source)
      #expect(source.storedFormat?.name == "q8_0")
      let found = source.withStoredBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
      #expect(found == Array(bytes[expert * 68..<(expert + 1) * 68]))
      #expect(part.values == Array(blocks.decoded()[expert * 64..<(expert + 1) * 64]))
    }
  }
}

/// Blocks of Q8_0 in memory.
private struct StoredBlocks: TensorSource {
  let bytes: [UInt8]
  let decoded: [Float]

  var elementCount: Int { decoded.count }
  var storedFormat: (any NumberFormat)? { GGUF.Q8_0() }

  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    for (place, index) in range.enumerated() { values[place] = decoded[index] }
  }

  func withStoredBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(bytes.span.bytes)
  }
}
