import Checkpoints
import Foundation
import Graphs
import NumberFormats
import TestSupport
import Testing

/// Files of llama.cpp against the weights they were made from.
@Suite struct RealGGUFTests {
  private static let name = "stories260K"

  private static func open(_ file: String) throws -> any TensorCollection {
    let folder = try #require(RealData.folder(name))
    return try Checkpoint.open(folder.appendingPathComponent(file).path)
  }

  private static let layerNames = [
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
  ]

  /// The Hugging Face tensor that belongs to a name of GGUF.
  private static func other(_ name: String, in file: any TensorCollection) throws -> Tensor {
    let parts = name.split(separator: ".").map(String.init)
    let other: String
    if parts[0] == "blk" {
      other = "model.layers.\(parts[1]).\(try #require(layerNames[parts[2]])).weight"
    } else {
      other = parts[0] == "token_embd" ? "model.embed_tokens.weight" : "model.norm.weight"
    }
    return try #require(try file.tensor(other), "\(other)")
  }

  /// Rows of query and key as GGUF's `llama` has them: element pairs (i, i + 4) of a head of 8 are neighbours.
  private static func interleaved(_ tensor: Tensor) -> [Float] {
    (0..<tensor.shape[0]).flatMap { row in
      let (head, place) = (row / 8, row % 8)
      let from = head * 8 + place / 2 + place % 2 * 4
      return tensor.read(from * 64..<(from + 1) * 64)
    }
  }

  private static func expected(_ name: String, in file: any TensorCollection) throws -> [Float] {
    let other = try other(name, in: file)
    return name.contains("attn_q") || name.contains("attn_k") ? interleaved(other) : other.values
  }

  @Test(.enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `the fp32 file holds the weights of the safetensors file to the bit`() throws {
    let file = try Self.open("stories260K-f32.gguf")
    let original = try Self.open("model.safetensors")
    #expect(file.names.count == 47 && original.names.count == 47)
    for name in file.names {
      let tensor = try #require(try file.tensor(name))
      let expected = try Self.expected(name, in: original)
      #expect(tensor.values.map(\.bitPattern) == expected.map(\.bitPattern), "\(name)")
      #expect(tensor.shape == (try Self.other(name, in: original)).shape, "\(name)")
    }
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))),
    arguments: [
      ("stories260K-Q8_0.gguf", ["q8_0": 31, "f16": 5, "fp32": 11], Float(1.0 / 254)),
      ("stories260K-Q4_0.gguf", ["q4_0": 30, "q8_0": 1, "f16": 5, "fp32": 11], Float(1.0 / 8)),
    ])
  func `quantized files decode to within half a step of the weights`(
    name: String, counts: [String: Int], step: Float
  ) throws {
    let file = try Self.open(name)
    let original = try Self.open("model.safetensors")
    var found: [String: Int] = [:]
    for name in file.names {
      let tensor = try #require(try file.tensor(name))
      let format = try #require(tensor.source?.storedFormat)
      found[format.name, default: 0] += 1
      let expected = try Self.expected(name, in: original)
      let decoded = tensor.values
      let block = (format as? any BlockFormat)?.blockElements ?? 1
      for start in stride(from: 0, to: expected.count, by: block) {
        let values = expected[start..<start + block]
        let largest = values.map(abs).max() ?? 0
        let bound = block == 1 ? largest * 0x1p-11 + 0x1p-25 : largest * (step * 1.01 + 0x1p-10)
        let worst = zip(values, decoded[start..<start + block]).map { abs($0 - $1) }.max() ?? 0
        #expect(worst <= bound, "\(name) at \(start)")
      }
    }
    #expect(found == counts)
  }

  @Test(.enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `metadata and tokenizer are read`() throws {
    let folder = try #require(RealData.folder(Self.name))
    let file = try GGUFFile(folder.appendingPathComponent("stories260K-Q8_0.gguf").path)
    #expect(try file.metadata.string("general.architecture") == "llama")
    #expect(try file.metadata.integer("llama.block_count") == 5)
    #expect(try file.metadata.strings("tokenizer.ggml.tokens")?.count == 512)
    #expect(try file.metadata.numbers("tokenizer.ggml.scores")?.count == 512)
  }
}
