import Architectures
import Checkpoints
import Foundation
import Graphs
import TestSupport
import Testing

@Suite struct GGUFTransformerTests {
  static let width = 8

  static func metadata(_ model: String) -> [(key: String, value: GGUFValue)] {
    [
      ("general.architecture", .string(model)), ("\(model).embedding_length", .uint32(8)),
      ("\(model).block_count", .uint32(1)), ("\(model).context_length", .uint32(32)),
      ("\(model).feed_forward_length", .uint32(12)), ("\(model).attention.head_count", .uint32(2)),
      ("\(model).attention.head_count_kv", .uint32(1)),
      ("\(model).attention.layer_norm_rms_epsilon", .float32(0.5)),
      ("\(model).attention.layer_norm_epsilon", .float32(0.25)),
    ]
  }

  static func tensor(_ name: String, _ shape: [Int]) -> GGUFContents.StoredTensor {
    let count = shape.reduce(1, *)
    return .init(name: name, shape: shape, values: (0..<count).map { Float($0 + 1) })
  }

  static func read(
    _ model: String, _ more: [(key: String, value: GGUFValue)] = [],
    tensors: [GGUFContents.StoredTensor] = [tensor("token_embd.weight", [5, 8])]
  ) throws -> GGUFTransformer {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("m.gguf").path
    let replaced = Set(more.map(\.key))
    let kept = metadata(model).filter { !replaced.contains($0.key) }
    try GGUFContents(metadata: kept + more, tensors: tensors).write(to: path)
    return try GGUFTransformer(GGUFFile(path, shownAs: "m.gguf"))
  }

  static func message(
    _ model: String, _ more: [(key: String, value: GGUFValue)] = [],
    tensors: [GGUFContents.StoredTensor] = [tensor("token_embd.weight", [5, 8])]
  ) -> String {
    do {
      _ = try read(model, more, tensors: tensors)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func `a Llama's pairs are neighbours, a Qwen's are halves apart`() throws {
    let llama = try Self.read("llama", [("llama.rope.freq_base", .float32(7))])
    var expected = TransformerShape(
      vocabulary: 5, width: 8, layers: 1, heads: 2, keyValueHeads: 1, feedForwardWidth: 12,
      context: 32)
    expected.epsilon = 0.5
    expected.isTied = true
    expected.positions = .rotary(RotaryAngles(base: 7, pairing: .interleaved))
    #expect(llama.shape == expected && llama.naming == .gguf)
    let qwen = try Self.read(
      "qwen3",
      [("qwen3.attention.key_length", .uint32(6)), ("qwen3.attention.value_length", .uint32(6))],
      tensors: [
        Self.tensor("token_embd.weight", [5, 8]), Self.tensor("output.weight", [5, 8]),
        Self.tensor("blk.0.attn_q.bias", [12]),
      ])
    #expect(qwen.shape.positions == .rotary(RotaryAngles(base: 10_000, pairing: .halves)))
    #expect(qwen.shape.normalizesHeads && !qwen.shape.isTied && qwen.shape.headSize == 6)
    #expect(qwen.shape.biases == .attentionInput)
  }

  @Test func `scaling and divisors of frequencies are read`() throws {
    let file = try Self.read(
      "llama",
      [
        ("llama.rope.scaling.type", .string("linear")), ("llama.rope.scaling.factor", .float32(2)),
        ("llama.attention.sliding_window", .uint32(9)),
      ],
      tensors: [Self.tensor("token_embd.weight", [5, 8]), Self.tensor("rope_freqs.weight", [2])])
    var angles = RotaryAngles(base: 10_000, pairing: .interleaved)
    angles.positionScale = 0.5
    angles.frequencyDivisors = [1, 2]
    #expect(file.shape.positions == .rotary(angles) && file.shape.windows == [9])
  }

  @Test func `GPT-2's query, key and value are thirds of the rows of one matrix`() throws {
    var tensors = [
      Self.tensor("token_embd.weight", [5, 8]), Self.tensor("position_embd.weight", [32, 8]),
      Self.tensor("output_norm.weight", [8]), Self.tensor("output_norm.bias", [8]),
    ]
    let layer: [(String, [Int])] = [
      ("attn_norm", [8]), ("attn_qkv", [24, 8]), ("attn_output", [8, 8]), ("ffn_norm", [8]),
      ("ffn_up", [12, 8]), ("ffn_down", [8, 12]),
    ]
    for (name, shape) in layer {
      tensors.append(Self.tensor("blk.0.\(name).weight", shape))
      tensors.append(Self.tensor("blk.0.\(name).bias", [shape[0]]))
    }
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("m.gguf").path
    let metadata = Self.metadata("gpt2").filter { !$0.key.hasSuffix("head_count_kv") }
    try GGUFContents(metadata: metadata, tensors: tensors).write(to: path)
    let file = try GGUFFile(path)
    let description = try GGUFTransformer(file)
    #expect(description.shape.epsilon == 0.25 && description.shape.biases == .all)
    let graph = try description.shape.graph()
    let weights = try description.shape.weights(of: graph, named: description.naming, from: file)
    #expect(weights["layers.0.key.weight"]?.values == (65...128).map(Float.init))
    #expect(weights["layers.0.value.bias"]?.values == (17...24).map(Float.init))
  }

  @Test func `what is wrong is named`() {
    #expect(
      Self.message("gemma")
        == "m.gguf: metadata 'general.architecture': expected one of llama, qwen2, qwen3, qwen2moe, "
        + "qwen3moe, gpt2, found string 'gemma'")
    #expect(
      Self.message("llama", [("llama.attention.head_count_kv", .uint32(3))])
        == "m.gguf: metadata 'llama.attention.head_count_kv': expected a divisor of 2, found uint32 3"
    )
    #expect(
      Self.message("llama", [("llama.block_count", .uint64(.max))])
        == "m.gguf: metadata 'llama.block_count': expected an integer below 2^63, "
        + "found uint64 18446744073709551615")
    #expect(
      Self.message("qwen2", [("qwen2.expert_count", .uint32(8))])
        == "m.gguf: metadata 'qwen2.expert_count': expected 0: qwen2 has no experts, "
        + "found uint32 8")
    #expect(
      Self.message("llama", [("llama.rope.scaling.type", .string("longrope"))])
        == "m.gguf: metadata 'llama.rope.scaling.type': expected one of 'none', 'linear', 'yarn', "
        + "found string 'longrope'")
    #expect(
      Self.message("llama", tensors: [])
        == "m.gguf: tensor 'token_embd.weight': expected a matrix [tokens, elements], "
        + "found no such tensor")
    #expect(
      Self.message(
        "llama",
        tensors: [Self.tensor("token_embd.weight", [5, 8]), Self.tensor("rope_freqs.weight", [3])])
        == "m.gguf: tensor 'rope_freqs.weight': expected shape [2], found [3]")
  }
}
