public import Checkpoints
import Graphs

/// A transformer as Hugging Face's `config.json` describes it.
///
/// Source: the configuration classes of transformers 4 and 5. Keys that change the arithmetic in a way that graphs
/// cannot express are errors; keys without influence on inference are ignored.
public struct HuggingFaceConfig: Sendable {
  /// The models whose configuration is read; the raw value is their name in `architectures`.
  public enum Model: String, Sendable, CaseIterable {
    case llama = "LlamaForCausalLM"
    case mistral = "MistralForCausalLM"
    case qwen2 = "Qwen2ForCausalLM"
    case qwen3 = "Qwen3ForCausalLM"
    case mixtral = "MixtralForCausalLM"
    case qwen2MoE = "Qwen2MoeForCausalLM"
    case qwen3MoE = "Qwen3MoeForCausalLM"
    case gpt2 = "GPT2LMHeadModel"
    case bert = "BertModel"
    case bertClasses = "BertForSequenceClassification"
    case distilBERT = "DistilBertModel"
    case distilBERTClasses = "DistilBertForSequenceClassification"

    /// How its checkpoints name parameters.
    public var naming: CheckpointNaming {
      switch self {
      case .llama, .mistral, .qwen2, .qwen3, .qwen2MoE, .qwen3MoE: .huggingFaceLlama
      case .mixtral: .huggingFaceMixtral
      case .gpt2: .huggingFaceGPT2
      case .bert, .bertClasses: .huggingFaceBERT
      case .distilBERT, .distilBERTClasses: .huggingFaceDistilBERT
      }
    }
  }

  /// The model.
  public let model: Model
  /// What it says.
  public let shape: TransformerShape

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - config: `config.json`.
  ///   - pooling: `1_Pooling/config.json` of a sentence encoder; without it the vector is the mean over all tokens,
  ///     as sentence-transformers has it.
  ///   - isUnitLength: Whether an encoder's vector is brought to length 1, as the module `Normalize` does.
  /// - Throws: `CheckpointError.malformed` with file, key, expected and found.
  public init(
    _ config: ConfigurationFile, pooling: ConfigurationFile? = nil, isUnitLength: Bool = false
  ) throws(CheckpointError) {
    let key = "architectures"
    let names = Model.allCases.map(\.rawValue).joined(separator: ", ")
    guard let found = try config.strings(key), found.count == 1,
      let model = Model(rawValue: found[0])
    else { throw config.failure(key, expected: "one of \(names)") }
    let fields = ConfigFields(config: config)
    switch model {
    case .llama, .mistral, .qwen2, .qwen3, .mixtral, .qwen2MoE, .qwen3MoE:
      shape = try fields.llama(model)
    case .gpt2: shape = try fields.gpt2()
    case .bert, .bertClasses:
      shape = try fields.bert(model, pooling, isUnitLength: isUnitLength)
    case .distilBERT, .distilBERTClasses:
      shape = try fields.distilBERT(model, pooling, isUnitLength: isUnitLength)
    }
    self.model = model
  }

  /// Reads the configuration of a checkpoint's folder: `config.json`, and where they exist `1_Pooling/config.json`
  /// and `modules.json`.
  ///
  /// - Parameters:
  ///   - folder: The folder in the file system.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when a file cannot be read or says something unsupported.
  public init(folder: String, shownAs name: String? = nil) throws(CheckpointError) {
    let shown = name ?? folder
    let config = try ConfigurationFile(
      path: folder + "/config.json", shownAs: shown + "/config.json")
    let pooling = try ConfigurationFile.optional(
      path: folder + "/1_Pooling/config.json", shownAs: shown + "/1_Pooling/config.json")
    let modules =
      try ConfigurationFile.list(path: folder + "/modules.json", shownAs: shown + "/modules.json")
      ?? []
    var isUnitLength = false
    for module in modules {
      if try module.string("type")?.hasSuffix(".Normalize") ?? false { isUnitLength = true }
    }
    try self.init(config, pooling: pooling, isUnitLength: isUnitLength)
  }
}

/// The keys of a `config.json`, read with their limits.
struct ConfigFields {
  let config: ConfigurationFile

  /// An integer from 1 on; an absent key is an error unless there is a default.
  func extent(
    _ key: String, default fallback: Int? = nil, atMost limit: Int = 1_048_576
  ) throws(CheckpointError) -> Int {
    let found = try config.integer(key) ?? fallback
    guard let found, (1...limit).contains(found) else {
      throw config.failure(key, expected: "an integer from 1 to \(limit)")
    }
    return found
  }

  /// A number in a range.
  func number(
    _ key: String, default fallback: Double? = nil, in range: ClosedRange<Double>
  ) throws(CheckpointError) -> Double {
    guard let found = try config.number(key) ?? fallback, range.contains(found) else {
      throw config.failure(
        key, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  /// A choice that graphs can express in one way only.
  func require(_ key: String, _ expected: Bool) throws(CheckpointError) {
    guard try config.bool(key) ?? expected == expected else {
      throw config.failure(key, expected: "\(expected)")
    }
  }

  /// One of the names of `choices`.
  func choice<Value>(
    _ key: String, default fallback: String, _ choices: KeyValuePairs<String, Value>
  ) throws(CheckpointError) -> Value {
    let found = try config.string(key) ?? fallback
    guard let choice = choices.first(where: { $0.key == found }) else {
      let names = choices.map { "'\($0.key)'" }.joined(separator: ", ")
      throw config.failure(key, expected: "one of \(names)")
    }
    return choice.value
  }

  /// Sizes that every transformer has.
  func sizes(
    width: String, layers: String, heads: String, context: String
  ) throws(CheckpointError) -> TransformerShape {
    let count = try extent(heads, atMost: 1_024)
    return TransformerShape(
      vocabulary: try extent("vocab_size"), width: try extent(width),
      layers: try extent(layers, atMost: 1_024), heads: count, keyValueHeads: count,
      feedForwardWidth: 1, context: try extent(context))
  }

  func requireDivisor(_ key: String, _ divisor: Int, of width: Int) throws(CheckpointError) {
    guard width.isMultiple(of: divisor) else {
      throw config.failure(key, expected: "a divisor of \(width)")
    }
  }

  func gpt2() throws(CheckpointError) -> TransformerShape {
    var shape = try sizes(
      width: "n_embd", layers: "n_layer", heads: "n_head", context: "n_positions")
    try requireDivisor("n_head", shape.heads, of: shape.width)
    shape.feedForwardWidth = try extent("n_inner", default: 4 * shape.width)
    shape.normalization = .layer
    shape.epsilon = Float(try number("layer_norm_epsilon", default: 1e-5, in: 0...1))
    shape.positions = .learned(rows: shape.context)
    shape.feedForward = .plain(
      try choice("activation_function", default: "gelu_new", Self.functions))
    shape.biases = .all
    try require("scale_attn_weights", true)
    try require("scale_attn_by_inverse_layer_idx", false)
    try require("add_cross_attention", false)
    shape.isTied = try config.bool("tie_word_embeddings") ?? true
    return shape
  }

  static let functions: KeyValuePairs<String, ElementFunction> = [
    "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "silu": .silu,
    "swish": .silu,
  ]
}
