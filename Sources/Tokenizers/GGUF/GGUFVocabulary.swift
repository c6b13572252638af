/// The vocabulary that a GGUF file carries under `tokenizer.ggml.*`, as plain values.
///
/// Source: the GGUF specification, section "Tokenizer".
public struct GGUFVocabulary: Equatable, Sendable {
  /// What a piece is for (`tokenizer.ggml.token_type`).
  public enum PieceType: Int, Sendable {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
  }

  /// `tokenizer.ggml.model`: `llama`, `gpt2` or `bert`.
  public var model: String
  /// `tokenizer.ggml.pre`: how `gpt2` cuts a text into words; `nil` where absent.
  public var pre: String?
  /// `tokenizer.ggml.tokens`: the UTF-8 of each piece, by id.
  public var tokens: [[UInt8]]
  /// `tokenizer.ggml.scores`, by id; empty where absent.
  public var scores: [Float]
  /// `tokenizer.ggml.token_type`, by id; empty where absent (then every piece is normal).
  public var types: [Int]
  /// `tokenizer.ggml.merges`: two pieces with a space between, first merge first; empty where absent.
  public var merges: [[UInt8]]
  /// `tokenizer.ggml.bos_token_id` and its siblings.
  public var specialTokens: SpecialTokens
  /// `tokenizer.ggml.cls_token_id` of `bert`, which begins a sequence.
  public var classification: Int?
  /// `tokenizer.ggml.seperator_token_id` (spelt so) of `bert`, which ends a sequence.
  public var separator: Int?
  /// `tokenizer.ggml.add_bos_token`; `nil` where absent (then `llama` adds one, the others do not).
  public var addsBeginning: Bool?
  /// `tokenizer.ggml.add_eos_token`; `nil` where absent (then none is added).
  public var addsEnd: Bool?
  /// `tokenizer.ggml.add_space_prefix`; `nil` where absent (then `llama` adds one).
  public var addsSpacePrefix: Bool?

  /// Creates a vocabulary; nothing is checked until a tokenizer is made of it.
  public init(
    model: String, pre: String? = nil, tokens: [[UInt8]], scores: [Float] = [], types: [Int] = [],
    merges: [[UInt8]] = [], specialTokens: SpecialTokens = SpecialTokens(),
    classification: Int? = nil, separator: Int? = nil, addsBeginning: Bool? = nil,
    addsEnd: Bool? = nil, addsSpacePrefix: Bool? = nil
  ) {
    self.model = model
    self.pre = pre
    self.tokens = tokens
    self.scores = scores
    self.types = types
    self.merges = merges
    self.specialTokens = specialTokens
    self.classification = classification
    self.separator = separator
    self.addsBeginning = addsBeginning
    self.addsEnd = addsEnd
    self.addsSpacePrefix = addsSpacePrefix
  }
}
