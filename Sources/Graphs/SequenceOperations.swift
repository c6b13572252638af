/// How vectors are brought to a common size.
public struct Normalization: Hashable, Sendable {
  /// What is subtracted and divided by.
  public enum Kind: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
    /// Divides by the root of the mean square.
    case rms
    /// Subtracts the mean, then divides by the standard deviation.
    case layer
  }

  /// What is subtracted and divided by.
  public let kind: Kind
  /// Added to the mean square before the root.
  public let epsilon: Float
  /// Equal parts of the vector that are normalized one by one with the same weights: 1, or the heads of a
  /// query or key.
  public let parts: Int
  /// Whether a bias is added.
  public let hasBias: Bool

  /// Creates a normalization.
  public init(_ kind: Kind, epsilon: Float, parts: Int = 1, hasBias: Bool = false) {
    self.kind = kind
    self.epsilon = epsilon
    self.parts = parts
    self.hasBias = hasBias
  }
}

/// Rotary position embedding: pairs of elements turned by an angle that grows with the position.
///
/// Source: Su et al., RoFormer, arXiv 2104.09864.
public struct RotaryEmbedding: Hashable, Sendable {
  /// Which elements of a head are turned together.
  public enum Pairing: String, Hashable, Sendable, CaseIterable {
    /// Elements 2 i and 2 i + 1: Llama's own checkpoints, GGUF.
    case interleaved
    /// Elements i and i + rotary / 2: Hugging Face, GPT-NeoX.
    case halves
  }

  /// Heads in the vector.
  public let heads: Int
  /// Elements of a head.
  public let headSize: Int
  /// Leading elements of a head that are turned; even.
  public let rotary: Int
  /// Which elements are turned together.
  public let pairing: Pairing
  /// Pair i turns by position · positionScale · base^(−2 i / rotary) / frequencyDivisors[i].
  public let base: Double
  /// 1, or 1 / factor under linear scaling.
  public let positionScale: Double
  /// One per pair; empty stands for ones. Llama 3, LongRoPE and YaRN scale frequencies apart.
  public let frequencyDivisors: [Double]
  /// Factor of cosines and sines: 1, or YaRN's and LongRoPE's attention factor.
  public let magnitude: Double

  /// Creates an embedding.
  public init(
    heads: Int, headSize: Int, rotary: Int, pairing: Pairing, base: Double,
    positionScale: Double = 1, frequencyDivisors: [Double] = [], magnitude: Double = 1
  ) {
    self.heads = heads
    self.headSize = headSize
    self.rotary = rotary
    self.pairing = pairing
    self.base = base
    self.positionScale = positionScale
    self.frequencyDivisors = frequencyDivisors
    self.magnitude = magnitude
  }
}

/// Scaled dot-product attention of a token over the tokens of its sequence, with grouped heads.
///
/// Operands: query `[heads · headSize]`, key and value `[keyValueHeads · headSize]`; result as the query.
/// Keys and values of past tokens come from the cache that execution keeps per node and sequence.
public struct Attention: Hashable, Sendable {
  /// Heads of the query.
  public let heads: Int
  /// Heads of key and value; query head h reads head h / (heads / keyValueHeads).
  public let keyValueHeads: Int
  /// Elements of a head.
  public let headSize: Int
  /// Factor of the scores, normally 1 / √headSize.
  public let scale: Float
  /// Whether a token sees only those up to itself.
  public let isCausal: Bool
  /// How many tokens, itself included, a token sees at most; `nil` for all. Causal only.
  public let window: Int?

  /// Creates an attention.
  public init(
    heads: Int, keyValueHeads: Int, headSize: Int, scale: Float, isCausal: Bool,
    window: Int? = nil
  ) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
    self.scale = scale
    self.isCausal = isCausal
    self.window = window
  }
}

/// Which rows of a sequence go on. What follows is computed once per row that was selected.
public enum TokenSelection: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
  /// Every token, or the last one of each sequence, as execution is asked.
  case requested
  /// The first token of a sequence (BERT's `[CLS]`).
  case first
  /// The mean over all tokens of a sequence.
  case mean
}

/// A function of one element.
public enum ElementFunction: Hashable, Sendable {
  /// x · Φ(x), by the error function.
  case gelu
  /// The approximation of `gelu` by a hyperbolic tangent.
  case geluTanh
  /// x / (1 + exp(−x)).
  case silu
  /// 1 / (1 + exp(−x)).
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
  /// min(max(x + 3, 0), 6) / 6.
  case hardSigmoid
  /// x · min(max(x + 3, 0), 6) / 6.
  case hardSwish
  /// x where positive, else alpha · (exp(x) − 1).
  case elu(alpha: Float)
  /// x · slope where negative, else x.
  case leakyRelu(slope: Float)

  /// The function's name in architectures, descriptions and error messages.
  public var name: String {
    switch self {
    case .gelu: "gelu"
    case .geluTanh: "gelu_tanh"
    case .silu: "silu"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .hardSigmoid: "hard_sigmoid"
    case .hardSwish: "hard_swish"
    case .elu: "elu"
    case .leakyRelu: "leaky_relu"
    }
  }
}
