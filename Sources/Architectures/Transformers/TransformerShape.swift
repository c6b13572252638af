public import Graphs

/// What a transformer is, whatever file describes it: enough to build its graph.
public struct TransformerShape: Hashable, Sendable {
  /// Where normalizations stand.
  public enum NormalizationPlace: Hashable, Sendable {
    /// Before attention and feed-forward, and once at the end (Llama, GPT-2).
    case before
    /// After each sum, and once on the embedding (BERT).
    case after
  }

  /// How tokens learn where they stand.
  public enum Positions: Hashable, Sendable {
    /// Queries and keys are turned.
    case rotary(RotaryAngles)
    /// A row of a table is added to the embedding.
    case learned(rows: Int)
  }

  /// The feed-forward part of a layer.
  public enum FeedForward: Hashable, Sendable {
    /// `down(silu(gate(x)) · up(x))`.
    case gatedSilu
    /// `down(f(up(x)))`.
    case plain(ElementFunction)
  }

  /// What becomes of the last layer's tokens.
  public enum Output: Hashable, Sendable {
    /// Scores of the next token, for the tokens that execution is asked for.
    case nextToken(hasBias: Bool)
    /// One vector per sequence.
    case pooled(TokenSelection, isUnitLength: Bool)
    /// Scores of classes, one vector per sequence; before the scores another layer of the same width.
    case classes(TokenSelection, pooler: Pooler? = nil, count: Int)
  }

  /// What follows the layer between a sequence's vector and the scores of classes.
  public enum Pooler: String, Hashable, Sendable, CaseIterable {
    /// The hyperbolic tangent, as in BERT.
    case tanh
    /// `max(x, 0)`, as in DistilBERT.
    case relu
  }

  /// Layers with a bias.
  public struct Biases: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: Int
    /// Creates a set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Query, key and value.
    public static let attentionInput = Biases(rawValue: 1)
    /// The layer after attention.
    public static let attentionOutput = Biases(rawValue: 2)
    /// The feed-forward layers.
    public static let feedForward = Biases(rawValue: 4)
    /// Everywhere.
    public static let all: Biases = [.attentionInput, .attentionOutput, .feedForward]
  }

  /// Rows of the embedding.
  public var vocabulary: Int
  /// Elements of a token between layers.
  public var width: Int
  /// Number of layers.
  public var layers: Int
  /// Heads of a query.
  public var heads: Int
  /// Heads of keys and values.
  public var keyValueHeads: Int
  /// Elements of a head.
  public var headSize: Int
  /// Elements between the feed-forward layers.
  public var feedForwardWidth: Int
  /// The most tokens of a sequence.
  public var context: Int
  /// What normalizes.
  public var normalization: Normalization.Kind
  /// Added to the mean square before the root.
  public var epsilon: Float
  /// Where normalizations stand.
  public var normalizationPlace: NormalizationPlace
  /// How tokens learn where they stand.
  public var positions: Positions
  /// The feed-forward part of a layer.
  public var feedForward: FeedForward
  /// What tokens are routed to; `nil` where every layer has one feed-forward part.
  public var experts: Experts?
  /// Layers with a bias.
  public var biases: Biases
  /// Whether queries and keys are normalized head by head.
  public var normalizesHeads: Bool
  /// Whether a token sees only those before it.
  public var isCausal: Bool
  /// How many tokens each layer sees at most, itself included; `nil` for all. As many entries as layers.
  public var windows: [Int?]
  /// Whether the scores of the next token use the embedding's table.
  public var isTied: Bool
  /// What becomes of the last layer's tokens.
  public var output: Output

  /// Creates a shape of Llama's kind; everything can be changed afterwards.
  public init(
    vocabulary: Int, width: Int, layers: Int, heads: Int, keyValueHeads: Int,
    feedForwardWidth: Int, context: Int
  ) {
    self.vocabulary = vocabulary
    self.width = width
    self.layers = layers
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    headSize = width / max(heads, 1)
    self.feedForwardWidth = feedForwardWidth
    self.context = context
    normalization = .rms
    epsilon = 1e-5
    normalizationPlace = .before
    positions = .rotary(RotaryAngles(base: 10_000))
    feedForward = .gatedSilu
    experts = nil
    biases = []
    normalizesHeads = false
    isCausal = true
    windows = Array(repeating: nil, count: layers)
    isTied = false
    output = .nextToken(hasBias: false)
  }
}

/// By which angles queries and keys are turned.
public struct RotaryAngles: Hashable, Sendable {
  /// Leading elements of a head that are turned; `nil` for all of them.
  public var rotary: Int?
  /// Which elements are turned together.
  public var pairing: RotaryEmbedding.Pairing
  /// See `RotaryEmbedding.base`.
  public var base: Double
  /// See `RotaryEmbedding.positionScale`.
  public var positionScale: Double
  /// See `RotaryEmbedding.frequencyDivisors`.
  public var frequencyDivisors: [Double]
  /// See `RotaryEmbedding.magnitude`.
  public var magnitude: Double

  /// Creates plain angles; everything can be changed afterwards.
  public init(base: Double, pairing: RotaryEmbedding.Pairing = .halves) {
    rotary = nil
    self.pairing = pairing
    self.base = base
    positionScale = 1
    frequencyDivisors = []
    magnitude = 1
  }
}
