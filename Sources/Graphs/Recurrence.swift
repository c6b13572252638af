/// A recurrent layer's steps over a sequence, after the product of its input with the input weights.
///
/// Operand: `[steps, 1, gates · features]`, what a 1 × 1 convolution makes of the input, its bias included.
/// With the previous step's state h, zero before the first, weight W `[gates · features, features]` and bias b,
/// g = W h + b holds as many blocks as x. LSTM, gates i, f, g, o: c' = σ(xf + gf) c + σ(xi + gi) tanh(xg + gg),
/// h' = σ(xo + go) tanh(c'). GRU, gates r, z, n: h' = (1 − z) tanh(xn + r gn) + z h with r = σ(xr + gr),
/// z = σ(xz + gz). These are PyTorch's gates in PyTorch's order, with both of its biases.
public struct Recurrence: Hashable, Sendable {
  /// What a step computes.
  public enum Kind: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
    /// Long short-term memory.
    case lstm
    /// Gated recurrent unit; the reset gate scales the state's product.
    case gru

    /// Blocks of values that decide about a step.
    public var gates: Int { self == .lstm ? 4 : 3 }
  }

  /// Which states are the result.
  public enum Result: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
    /// The state after the last step: `[features]`.
    case last
    /// The state after every step: `[steps, 1, features]`.
    case every
  }

  /// What a step computes.
  public let kind: Kind
  /// Elements of the state.
  public let features: Int
  /// Which states are the result.
  public let result: Result

  /// Creates a recurrence.
  public init(_ kind: Kind, features: Int, result: Result = .last) {
    self.kind = kind
    self.features = features
    self.result = result
  }

  /// Elements of one step's products.
  public var products: Int { kind.gates * features }
}
