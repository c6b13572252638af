import Architectures
import Checkpoints
import Foundation
import Graphs
import TestSupport
import Testing

@Suite struct HuggingFaceConfigTests {
  static let llama = """
    "vocab_size": 512, "hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 3,
    "num_attention_heads": 8, "num_key_value_heads": 4, "max_position_embeddings": 256
    """
  static let bert = """
    {"architectures": ["BertModel"], "vocab_size": 30522, "hidden_size": 384,
    "intermediate_size": 1536, "num_hidden_layers": 6, "num_attention_heads": 12,
    "max_position_embeddings": 512, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
    "position_embedding_type": "absolute", "type_vocab_size": 2}
    """

  static func config(_ text: String) throws(CheckpointError) -> ConfigurationFile {
    try ConfigurationFile(Array(text.utf8), file: "config.json")
  }

  static func read(_ text: String) throws(CheckpointError) -> HuggingFaceConfig {
    try HuggingFaceConfig(config(text))
  }

  /// A model of Llama's kind with more keys, or with others.
  static func read(_ model: String, _ more: String) throws(CheckpointError) -> TransformerShape {
    try read("{\"architectures\": [\"\(model)ForCausalLM\"], \(more)\(llama)}").shape
  }

  static func angles(_ more: String) throws(CheckpointError) -> RotaryAngles? {
    guard case .rotary(let angles) = try read("Llama", more).positions else { return nil }
    return angles
  }

  static func message(_ text: String) -> String {
    do throws(CheckpointError) {
      _ = try read(text)
      return "no error"
    } catch { return error.description }
  }

  @Test func `a Llama is read with its defaults`() throws {
    let shape = try Self.read("Llama", "\"rope_theta\": 5e5, \"unheard_of\": [1, {}],")
    var expected = TransformerShape(
      vocabulary: 512, width: 64, layers: 3, heads: 8, keyValueHeads: 4, feedForwardWidth: 172,
      context: 256)
    expected.epsilon = 1e-6
    expected.positions = .rotary(RotaryAngles(base: 500_000))
    #expect(shape == expected)
    let other = try Self.read(
      "Llama",
      """
      "attention_bias": true, "mlp_bias": true, "tie_word_embeddings": true, "head_dim": 16,
      "rms_norm_eps": 0.5, "rope_parameters": {"rope_theta": 7.0, "rope_type": "default"},
      """)
    #expect(other.biases == .all && other.isTied && other.headSize == 16 && other.epsilon == 0.5)
    #expect(other.positions == .rotary(RotaryAngles(base: 7)))
  }

  @Test func `models of Llama's kind differ in biases, norms and windows`() throws {
    #expect(try Self.read("Mistral", "").windows == [4_096, 4_096, 4_096])
    #expect(try Self.read("Mistral", "\"sliding_window\": null,").windows == [nil, nil, nil])
    #expect(try Self.read("Mistral", "\"sliding_window\": 9,").windows == [9, 9, 9])
    let qwen2 = try Self.read("Qwen2", "\"sliding_window\": 9,")
    #expect(qwen2.biases == .attentionInput && !qwen2.normalizesHeads)
    #expect(qwen2.windows == [nil, nil, nil] && qwen2.headSize == 8)
    let windowed = "\"use_sliding_window\": true, \"sliding_window\": 9,"
    #expect(
      try Self.read("Qwen2", windowed + "\"max_window_layers\": 1,").windows == [nil, 9, 9])
    let types = "\"layer_types\": [\"sliding_attention\", \"full_attention\", \"full_attention\"],"
    #expect(try Self.read("Qwen3", windowed + types).windows == [9, nil, nil])
    let qwen3 = try Self.read("Qwen3", "\"attention_bias\": true,")
    #expect(qwen3.normalizesHeads && qwen3.headSize == 128)
    #expect(qwen3.biases == [.attentionInput, .attentionOutput])
  }

  @Test func `linear scaling divides positions`() throws {
    let angles = try Self.angles("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4},")
    #expect(angles?.positionScale == 0.25 && angles?.frequencyDivisors == [])
  }

  /// Expected values: numpy, from the formulas of transformers' modeling_rope_utils.
  @Test func `Llama 3 divides long waves`() throws {
    let angles = try Self.angles(
      """
      "head_dim": 128, "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3",
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192},
      """)
    let divisors = try #require(angles?.frequencyDivisors)
    #expect(divisors.count == 64 && divisors[0] == 1 && divisors[28] == 1 && divisors[35] == 8)
    #expect(abs(divisors[29] - 1.207483871283662) < 1e-9)
    #expect(abs(divisors[32] - 2.694529687894733) < 1e-9)
    #expect(angles?.magnitude == 1)
  }

  /// Expected values: as above.
  @Test func `YaRN ramps between kept and divided frequencies`() throws {
    func yarn(_ more: String) throws -> RotaryAngles? {
      try Self.angles(
        """
        "head_dim": 128, "rope_theta": 1000000.0, "rope_scaling": {"rope_type": "yarn",
        \(more) "factor": 4.0, "original_max_position_embeddings": 32768},
        """)
    }
    let angles = try #require(try yarn(""))
    #expect(angles.frequencyDivisors[23] == 1 && angles.frequencyDivisors[40] == 4)
    #expect(abs(angles.frequencyDivisors[24] - 1.0461538461538462) < 1e-12)
    #expect(abs(angles.frequencyDivisors[38] - 2.9565217391304346) < 1e-12)
    #expect(abs(angles.magnitude - 1.138629436111989) < 1e-15)
    let untruncated = try #require(try yarn("\"truncate\": false,"))
    #expect(abs(untruncated.frequencyDivisors[24] - 1.019238276834124) < 1e-9)
    #expect(abs(untruncated.frequencyDivisors[38] - 3.0569797653955786) < 1e-9)
    #expect(try yarn("\"attention_factor\": 1.5,")?.magnitude == 1.5)
    let weighted = try yarn("\"mscale\": 2, \"mscale_all_dim\": 1,")?.magnitude
    #expect(abs((weighted ?? 0) - (1 + 2 * 0.138629436111989) / 1.138629436111989) < 1e-12)
  }

  @Test func `GPT-2 and BERT are read`() throws {
    let gpt2 = try Self.read(
      """
      {"architectures": ["GPT2LMHeadModel"], "vocab_size": 3, "n_positions": 11, "n_embd": 48,
      "n_layer": 3, "n_head": 3, "n_inner": null, "tie_word_embeddings": false}
      """)
    #expect(gpt2.model.naming == .huggingFaceGPT2)
    #expect(gpt2.shape.feedForwardWidth == 192 && gpt2.shape.positions == .learned(rows: 11))
    #expect(gpt2.shape.feedForward == .plain(.geluTanh) && !gpt2.shape.isTied)
    #expect(gpt2.shape.biases == .all && gpt2.shape.normalization == .layer)
    let bert = try Self.read(Self.bert)
    #expect(bert.model.naming == .huggingFaceBERT && !bert.shape.isCausal)
    #expect(bert.shape.normalizationPlace == .after && bert.shape.epsilon == 1e-12)
    #expect(bert.shape.output == .pooled(.mean, isUnitLength: false))
    #expect(bert.shape.feedForward == .plain(.gelu))
  }

  static let classifier = bert.replacing("BertModel", with: "BertForSequenceClassification")

  static func classifier(_ more: String) -> String {
    classifier.replacing("{\"arch", with: "{\(more)\"arch")
  }

  static let distilBERT = """
    {"architectures": ["DistilBertForSequenceClassification"], "vocab_size": 9, "dim": 4,
    "hidden_dim": 6, "n_layers": 1, "n_heads": 2, "max_position_embeddings": 5, "activation": "gelu",
    "id2label": {"0": "a", "1": "b", "2": "c"}}
    """

  @Test func `encoders with a head tell as many classes apart as have names`() throws {
    #expect(
      try Self.read(Self.classifier).shape.output == .classes(.first, pooler: .tanh, count: 2))
    let named = try Self.read(
      Self.classifier("\"id2label\": {\"1\": \"b\", \"0\": \"a\", \"2\": \"c\"},"))
    #expect(named.shape.output == .classes(.first, pooler: .tanh, count: 3))
    #expect(named.model.naming == .huggingFaceBERT)
    let counted = try Self.read(Self.classifier("\"num_labels\": 7,"))
    #expect(counted.shape.output == .classes(.first, pooler: .tanh, count: 7))
    let distilled = try Self.read(Self.distilBERT)
    #expect(distilled.shape.output == .classes(.first, pooler: .relu, count: 3))
    #expect(distilled.model.naming == .huggingFaceDistilBERT && !distilled.shape.isCausal)
    #expect(distilled.shape.feedForwardWidth == 6 && distilled.shape.positions == .learned(rows: 5))
    let plain = Self.distilBERT.replacing("ForSequenceClassification", with: "Model")
    #expect(try Self.read(plain).shape.output == .pooled(.mean, isUnitLength: false))
  }

  @Test(arguments: [
    (
      "\"id2label\": {\"0\": \"a\"},",
      "key 'id2label': expected names of the classes 0, 1 and so on, 2 to 65535, found an object"
    ),
    (
      "\"id2label\": {\"0\": \"a\", \"2\": \"b\"},",
      "key 'id2label': expected names of the classes 0, 1 and so on, 2 to 65535, found an object"
    ),
    (
      "\"num_labels\": 3, \"id2label\": {\"0\": \"a\", \"1\": \"b\"},",
      "key 'num_labels': expected 2, as id2label has, found 3"
    ),
    ("\"num_labels\": 1,", "key 'num_labels': expected 2 to 65535 classes, found 1"),
  ])
  func `impossible classes are named`(more: String, expected: String) {
    #expect(Self.message(Self.classifier(more)) == "config.json: \(expected)")
  }

  @Test func `a DistilBERT's tensors are found under its names`() throws {
    let shape = try Self.read(Self.distilBERT).shape
    let layer = "distilbert.transformer.layer.0."
    var shapes = [
      "distilbert.embeddings.word_embeddings.weight": [9, 4],
      "distilbert.embeddings.position_embeddings.weight": [5, 4],
      "distilbert.embeddings.LayerNorm.weight": [4], "distilbert.embeddings.LayerNorm.bias": [4],
      "pre_classifier.weight": [4, 4], "pre_classifier.bias": [4], "classifier.weight": [3, 4],
      "classifier.bias": [3],
    ]
    for (name, extents) in [
      ("attention.q_lin", [4, 4]), ("attention.k_lin", [4, 4]), ("attention.v_lin", [4, 4]),
      ("attention.out_lin", [4, 4]), ("sa_layer_norm", [4]), ("ffn.lin1", [6, 4]),
      ("ffn.lin2", [4, 6]), ("output_layer_norm", [4]),
    ] {
      shapes[layer + name + ".weight"] = extents
      shapes[layer + name + ".bias"] = [extents[0]]
    }
    let graph = try shape.graph()
    func weights(_ shapes: [String: [Int]]) throws(TransformerWeightsError) -> Weights {
      try shape.weights(of: graph, named: .huggingFaceDistilBERT) { name in
        shapes[name].map { Tensor(shape: $0, repeating: Float(name.utf8.count)) }
      }
    }
    let found = try weights(shapes)
    #expect(found.tensors.count == shapes.count)
    #expect(found["pooler.weight"]?.values.first == Float("pre_classifier.weight".utf8.count))
    shapes["classifier.bias"] = nil
    let error = #expect(throws: TransformerWeightsError.self) { try weights(shapes) }
    #expect(error == .missing(tensor: "classifier.bias", parameter: "head.bias"))
  }

  @Test func `a BERT's pooler and classifier are found beside the wrapped model`() throws {
    let text = Self.classifier.replacing("384", with: "4").replacing("1536", with: "6")
      .replacing("\"num_hidden_layers\": 6", with: "\"num_hidden_layers\": 1")
      .replacing("\"num_attention_heads\": 12", with: "\"num_attention_heads\": 2")
    let shape = try Self.read(text).shape
    let graph = try shape.graph()
    let names = graph.nodes.suffix(4).map(\.name)
    #expect(names == ["pool", "pooler", "pooler_activation", "head"])
    var asked: [String] = []
    _ = try? shape.weights(of: graph, named: .huggingFaceBERT) { name in
      asked.append(name)
      let sizes = [
        "LayerNorm": [4], "word": [30522, 4], "position": [512, 4], "token_type": [2, 4],
      ]
      if let size = sizes.first(where: { name.contains($0.key) }) {
        return name.hasPrefix("bert.") ? Tensor(shape: size.value, repeating: 1) : nil
      }
      let (rows, columns) =
        name.contains("intermediate")
        ? (6, 4)
        : name.contains("0.output.dense") ? (4, 6) : name.contains("classifier") ? (2, 4) : (4, 4)
      guard name.hasPrefix("bert.") != name.hasPrefix("classifier") else { return nil }
      return Tensor(shape: name.hasSuffix("bias") ? [rows] : [rows, columns], repeating: 1)
    }
    #expect(asked.suffix(2) == ["classifier.weight", "classifier.bias"])
    #expect(asked.contains("bert.pooler.dense.weight"))
  }

  @Test func `tensors are found with and without the part that wraps a model`() throws {
    let shape = try Self.read(
      """
      {"architectures": ["GPT2LMHeadModel"], "vocab_size": 3, "n_positions": 4, "n_embd": 2,
      "n_layer": 1, "n_head": 1, "n_inner": 2}
      """
    ).shape
    let shapes = [
      "wte.weight": [3, 2], "wpe.weight": [4, 2], "ln_f.weight": [2], "ln_f.bias": [2],
      "h.0.ln_1.weight": [2], "h.0.ln_1.bias": [2], "h.0.ln_2.weight": [2], "h.0.ln_2.bias": [2],
      "h.0.attn.c_attn.weight": [2, 6], "h.0.attn.c_attn.bias": [6],
      "h.0.attn.c_proj.weight": [2, 2], "h.0.attn.c_proj.bias": [2],
      "h.0.mlp.c_fc.weight": [2, 2], "h.0.mlp.c_fc.bias": [2],
      "h.0.mlp.c_proj.weight": [2, 2], "h.0.mlp.c_proj.bias": [2],
    ]
    let graph = try shape.graph()
    for prefix in ["", "transformer."] {
      let weights = try shape.weights(of: graph, named: .huggingFaceGPT2) { name in
        guard name.hasPrefix(prefix) else { return nil }
        return shapes[String(name.dropFirst(prefix.count))].map { Tensor(shape: $0, repeating: 1) }
      }
      #expect(weights.tensors.count == graph.parameters.count)
    }
  }

  @Test func `the files beside an encoder's configuration choose its vector`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.bert, to: "config.json")
    try folder.write(
      #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#,
      to: "1_Pooling/config.json")
    try folder.write(
      #"[{"type": "sentence_transformers.models.Normalize", "idx": 2}]"#, to: "modules.json")
    let config = try HuggingFaceConfig(folder: folder.url.path, shownAs: "m")
    #expect(config.shape.output == .pooled(.first, isUnitLength: true))
    try folder.write(#"{"pooling_mode_max_tokens": true}"#, to: "1_Pooling/config.json")
    do throws(CheckpointError) {
      _ = try HuggingFaceConfig(folder: folder.url.path, shownAs: "m")
      Issue.record("no error")
    } catch {
      #expect(
        error.description
          == "m/1_Pooling/config.json: key 'pooling_mode_max_tokens': expected false, found true")
    }
  }

  @Test(arguments: [
    ("", "configuration byte 0: expected a value, found the end of the configuration"),
    ("[]", "configuration byte 0: expected an object, found another value"),
    (#"{"a": 1, "a": 1}"#, "configuration byte 12: expected every key once, found 'a' twice"),
    (#"{"a": nan}"#, "configuration byte 6: expected a value, found 'n'"),
    (#"{"a": 0x1}"#, "configuration byte 6: expected a value, found '0'"),
    (
      #"{"architectures": ["T5Model"]}"#,
      "key 'architectures': expected one of LlamaForCausalLM, MistralForCausalLM, "
        + "Qwen2ForCausalLM, Qwen3ForCausalLM, MixtralForCausalLM, Qwen2MoeForCausalLM, "
        + "Qwen3MoeForCausalLM, GPT2LMHeadModel, BertModel, BertForSequenceClassification, "
        + "DistilBertModel, DistilBertForSequenceClassification, found ['T5Model']"
    ),
    (
      #"{"architectures": ["LlamaForCausalLM"]}"#,
      "key 'num_attention_heads': expected an integer from 1 to 1024, found none"
    ),
    (
      #"{"architectures": ["LlamaForCausalLM"], "num_attention_heads": 2.5}"#,
      "key 'num_attention_heads': expected an integer, found 2.5"
    ),
    (
      #"{"architectures": ["LlamaForCausalLM"], "num_attention_heads": 1e30}"#,
      "key 'num_attention_heads': expected an integer, found 1e+30"
    ),
    (
      #"{"architectures": ["LlamaForCausalLM"], "num_attention_heads": "8"}"#,
      "key 'num_attention_heads': expected an integer, found '8'"
    ),
  ])
  func `a wrong configuration is named`(text: String, expected: String) {
    #expect(Self.message(text) == "config.json: \(expected)")
  }

  @Test(arguments: [
    (
      "\"hidden_act\": \"relu\",", "key 'hidden_act': expected one of 'silu', 'swish', found 'relu'"
    ),
    (
      "\"rope_scaling\": {\"rope_type\": \"longrope\"},",
      "key 'rope_scaling.rope_type': expected one of 'default', 'linear', 'llama3', 'yarn', "
        + "found 'longrope'"
    ),
    (
      "\"rope_scaling\": {\"type\": \"linear\"},",
      "key 'rope_scaling.factor': expected a number from 1.0 to 1000000.0, found none"
    ),
    (
      "\"rope_theta\": 0,",
      "key 'rope_theta': expected a number from 2.0 to 1000000000000.0, found 0"
    ),
    ("\"head_dim\": 7,", "key 'head_dim': expected an even size of heads, found 7"),
  ])
  func `what graphs cannot express is named`(more: String, expected: String) {
    #expect(
      Self.message("{\"architectures\": [\"LlamaForCausalLM\"], \(more)\(Self.llama)}")
        == "config.json: \(expected)")
  }

  @Test func `mutated and deeply nested configurations never crash`() throws {
    let deep = String(repeating: "[", count: 200_000)
    #expect(Self.message("{\"a\": \(deep)").contains("at most 32 levels of nesting"))
    let valid = Array(Self.bert.utf8)
    var generator = SeededGenerator(seed: 8)
    var refused = 0
    for _ in 0..<2_000 {
      var text = valid
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        text[Int.random(in: 0..<text.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      do throws(CheckpointError) {
        _ = try HuggingFaceConfig(ConfigurationFile(text, file: "config.json"))
      } catch { refused += 1 }
    }
    #expect(refused > 500, "seed 8")
  }
}
