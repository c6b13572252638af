import Checkpoints
import Graphs
import NumberFormats
import ONNXWriter

/// Checkpoints and what describes them.
enum CheckpointSeeds {
  static var safetensors: [Seed] {
    let weights = Weights([
      "layer.weight": Tensor(shape: [2, 3], values: [1, -2, 3, 0.5, 0, 6]),
      "layer.bias": Tensor(shape: [2], values: [0.25, -1]),
    ])
    return [
      Seed("written", Safetensors.encode(weights, metadata: ["format": "pt", "note": "a\"b\n"])),
      Seed("halves", file(halves, [0x80, 0x3F, 0, 0, 0, 0x3C, 0, 0, 0, 0, 0x80, 0x3F])),
      // Sound, and no weights.
      Seed("bytes", file(small, [1, 2, 3, 4])),
      Seed("empty", file("{}", [])),
    ]
  }

  private static let halves =
    #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"#
    + #""b\u00e4":{"dtype":"F16","shape":[1,2],"data_offsets":[4,8]},"#
    + #""c":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"#
    + #""d":{"dtype":"F32","shape":[0,7],"data_offsets":[12,12]}}"#

  private static let small =
    #"{"a":{"dtype":"I8","shape":[1,2],"data_offsets":[0,2]},"#
    + #""b":{"dtype":"F4","shape":[2,2],"data_offsets":[2,4]}}"#

  private static func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
    return prefix + Array(header.utf8) + data
  }

  static let shards: [Seed] = [
    Seed(
      "index",
      #"{"metadata":{"total_size":16,"parts":[1,{"a":null}]},"#
        + #""weight_map":{"x":"a.safetensors","y":"b.safetensors"}}"#),
    Seed("astray", #"{"weight_map":{"x":"../a.safetensors"}}"#),
  ]

  static var onnx: [Seed] {
    [
      Seed("convolutional", ONNXWriter.convolutional()), Seed("quantized", ONNXWriter.quantized()),
      Seed("recurrent", ONNXWriter.recurrent()), Seed("moving", ONNXWriter.moving()),
      Seed("choosing", ONNXWriter.choosing()),
    ]
  }

  static func gguf() throws -> [Seed] {
    let vocabulary: [(key: String, value: GGUFValue)] = [
      ("tokenizer.ggml.model", .string("llama")),
      (
        "tokenizer.ggml.tokens",
        .array(.string(["<unk>", "<s>", "</s>", "<0x61>", "▁", "a", "▁a", "b", "▁ab"]))
      ),
      ("tokenizer.ggml.scores", .array(.float32([0, 0, 0, 0, -1, -2, -3, -4, -5]))),
      ("tokenizer.ggml.token_type", .array(.int32([2, 3, 3, 6, 1, 1, 1, 4, 1]))),
      ("tokenizer.ggml.bos_token_id", .uint32(1)), ("tokenizer.ggml.eos_token_id", .uint32(2)),
      ("tokenizer.ggml.add_bos_token", .bool(true)),
    ]
    let transformer: [(key: String, value: GGUFValue)] = [
      ("general.architecture", .string("llama")), ("llama.embedding_length", .uint32(8)),
      ("llama.block_count", .uint32(1)), ("llama.context_length", .uint32(32)),
      ("llama.feed_forward_length", .uint32(12)), ("llama.attention.head_count", .uint32(2)),
      ("llama.attention.head_count_kv", .uint32(1)),
      ("llama.attention.layer_norm_rms_epsilon", .float32(0.5)),
      ("llama.rope.freq_base", .float32(7)),
    ]
    let words: [(key: String, value: GGUFValue)] = [
      ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("llama-bpe")),
      ("tokenizer.ggml.tokens", .array(.string(["a", "b", "ab", "Ġ", "Ġa"]))),
      ("tokenizer.ggml.merges", .array(.string(["a b", "Ġ a"]))),
      ("tokenizer.ggml.bos_token_id", .uint32(0)), ("general.alignment", .uint32(64)),
      ("nested", .array(.array([.uint8([1, 2]), .float64([0.5]), .string([])]))),
    ]
    let pieces: [(key: String, value: GGUFValue)] = [
      ("tokenizer.ggml.model", .string("bert")),
      ("tokenizer.ggml.tokens", .array(.string(["[UNK]", "[CLS]", "[SEP]", "▁the", "fox"]))),
      ("tokenizer.ggml.cls_token_id", .uint32(1)),
      ("tokenizer.ggml.seperator_token_id", .uint64(2)),
    ]
    let values = (0..<40).map { Float($0 - 20) }
    let embedding = GGUFContents.StoredTensor(
      name: "token_embd.weight", shape: [5, 8], values: values)
    return [
      Seed(
        "llama",
        try GGUFContents(metadata: transformer + vocabulary, tensors: [embedding])
          .encode(file: "seed")),
      Seed("gpt2", try GGUFContents(metadata: words).encode(version: 2, file: "seed")),
      Seed("bert", try GGUFContents(metadata: pieces).encode(file: "seed")),
      Seed("blocks", try GGUFContents(tensors: blocks).encode(file: "seed")),
    ]
  }

  /// One row of one block in every type that files store.
  private static var blocks: [GGUFContents.StoredTensor] {
    GGUFType.all.map { type in
      let bytes = (0..<type.blockBytes).map { UInt8(truncatingIfNeeded: 37 * $0) }
      return .init(
        name: "\(type)", shape: [1, type.blockElements], type: type, bytes: bytes)
    }
  }

  static let configurations: [Seed] = [
    Seed("llama", configuration("LlamaForCausalLM", llama + #","tie_word_embeddings":true"#)),
    Seed(
      "qwen3",
      configuration(
        "Qwen3ForCausalLM",
        llama + #","rope_theta":1e6,"head_dim":16,"sliding_window":null,"attention_bias":false"#)),
    Seed(
      "scaled",
      configuration(
        "LlamaForCausalLM",
        llama + #","rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"#
          + #""high_freq_factor":4.0,"original_max_position_embeddings":128}"#)),
    Seed(
      "gpt2",
      configuration(
        "GPT2LMHeadModel",
        #""vocab_size":50,"n_embd":64,"n_layer":2,"n_head":4,"n_positions":32,"#
          + #""activation_function":"gelu_new","layer_norm_epsilon":1e-05"#)),
    Seed(
      "bert",
      configuration(
        "BertModel",
        #""vocab_size":64,"hidden_size":32,"intermediate_size":64,"num_hidden_layers":1,"#
          + #""num_attention_heads":2,"max_position_embeddings":16,"hidden_act":"gelu","#
          + #""layer_norm_eps":1e-12,"pooling_mode_mean_tokens":true"#)),
  ]

  private static let llama =
    #""vocab_size":512,"hidden_size":64,"intermediate_size":172,"num_hidden_layers":3,"#
    + #""num_attention_heads":8,"num_key_value_heads":4,"max_position_embeddings":256"#

  private static func configuration(_ model: String, _ members: String) -> String {
    #"{"architectures":["\#(model)"],\#(members)}"#
  }
}
