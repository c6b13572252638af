public import NumberFormats

/// What a node computes. Shapes are per example; images are `[height, width, channels]`.
///
/// In a graph over sequences a row is a token: the input is one token id, and only attention and the
/// selection of tokens look at more than one row.
public enum Operation: Hashable, Sendable {
  /// The graph's input; no operands.
  case input(Shape)
  /// `y[o] = Σ_k x[k]·weight[o, k] + bias[o]`; operand and result are vectors.
  case linear(outFeatures: Int, hasBias: Bool)
  /// Dense two-dimensional convolution; weight `[outChannels, kernelHeight, kernelWidth, inChannels]`.
  case convolution(outChannels: Int, window: Window, hasBias: Bool)
  /// The gradient of a convolution as a layer: operand positions lie `window.strides` apart in the result;
  /// weight `[outChannels, kernelHeight, kernelWidth, inChannels]`.
  ///
  /// Tap (ky, kx) of output (y, x) reads the operand at row (y + padding − ky · dilation) / stride where that
  /// is whole. `extra` rows and columns are added to the result at the bottom and on the right.
  case transposedConvolution(outChannels: Int, window: Window, extra: Spacing, hasBias: Bool)
  /// One filter per channel; weight `[kernelHeight, kernelWidth, channels]`.
  case depthwiseConvolution(window: Window, hasBias: Bool)
  /// `y = (x − mean) / √(variance + epsilon) · scale + shift` per channel, with stored statistics.
  case batchNormalization(epsilon: Float)
  /// The steps of a recurrent layer.
  case recurrence(Recurrence)
  /// Element-wise activation.
  case activation(Activation)
  /// Element-wise sum of two operands of equal shape.
  case add
  /// Element-wise product of two operands of equal shape, of an image with one factor per channel, or of a vector
  /// with one factor.
  case multiply
  /// Largest value in each window; positions outside the image are ignored.
  case maxPooling(Window)
  /// Mean of each window over the positions inside the image.
  case averagePooling(Window)
  /// Mean over height and width; result `[channels]`.
  case globalAveragePooling
  /// Image to vector in storage order.
  case flatten
  /// `exp(x − max) / Σ exp(x − max)` over a vector.
  case softmax
  /// Element-wise function.
  case function(ElementFunction)
  /// `silu(a) · b` of two operands of equal shape: the gate of SwiGLU.
  case gatedSilu
  /// The row of a table `[rows, features]` that the operand, one token id, names.
  case embedding(rows: Int, features: Int)
  /// The operand plus row `position` of a table `[rows, features]`.
  case positionEmbedding(rows: Int)
  /// Normalization of a vector, or of every vector along the last axis.
  case normalization(Normalization)
  /// Rotary position embedding of the heads of a query or key.
  case rotaryEmbedding(RotaryEmbedding)
  /// Attention over the tokens of the sequence.
  case attention(Attention)
  /// The rows that go on.
  case tokens(TokenSelection)
  /// `x / max(√Σx², 10⁻¹²)` over a vector.
  case unitLength
  /// An operation over tensors of any rank.
  case tensor(TensorOperation)
  /// The operand rounded to the codes of a stored activation: a checkpoint's own quantization. A scheme that
  /// is not the checkpoint's leaves it out.
  case rounding(AffineParameters)
  /// The experts that compute a token.
  case routing(Routing)
  /// A linear layer of the chosen experts.
  case experts(ExpertLayer)
  /// The weighted sum of the chosen experts' vectors `[chosen · n]`, the first operand, by the weights of a
  /// routing, the second: products and sums are rounded one by one, in ascending order of experts.
  case mixture(chosen: Int)
}

/// A clamp applied to a node's result.
public enum Activation: String, Hashable, Sendable, CaseIterable {
  /// `max(x, 0)`.
  case relu
  /// `min(max(x, 0), 6)`.
  case relu6

  /// The smallest value that can result.
  public var lowerBound: Float { 0 }
  /// The largest value that can result.
  public var upperBound: Float { self == .relu6 ? 6 : .infinity }
}

extension Operation {
  /// The operation's name in descriptions and error messages.
  public var name: String {
    switch self {
    case .input: "input"
    case .linear: "linear"
    case .convolution: "convolution"
    case .transposedConvolution: "transposed convolution"
    case .depthwiseConvolution: "depthwise convolution"
    case .recurrence(let recurrence): recurrence.kind.rawValue
    case .batchNormalization: "batch normalization"
    case .activation(let activation): activation.rawValue
    case .add: "add"
    case .multiply: "multiply"
    case .maxPooling: "max pooling"
    case .averagePooling: "average pooling"
    case .globalAveragePooling: "global average pooling"
    case .flatten: "flatten"
    case .softmax: "softmax"
    case .function(let function): function.name
    case .gatedSilu: "gated silu"
    case .embedding: "embedding"
    case .positionEmbedding: "position embedding"
    case .normalization(let normalization): "\(normalization.kind.rawValue) normalization"
    case .rotaryEmbedding: "rotary embedding"
    case .attention: "attention"
    case .tokens(let selection): "\(selection.rawValue) tokens"
    case .unitLength: "unit length"
    case .tensor(let operation): operation.name
    case .rounding: "rounding"
    case .routing: "routing"
    case .experts: "experts"
    case .mixture: "mixture"
    }
  }

  /// Number of operands.
  public var operandCount: Int {
    switch self {
    case .input: 0
    case .add, .multiply, .gatedSilu, .experts, .mixture: 2
    case .attention: 3
    case .tensor(let operation): operation.operandCount
    default: 1
    }
  }

  /// Whether the operation belongs to graphs over sequences alone.
  public var needsSequence: Bool {
    switch self {
    case .embedding, .positionEmbedding, .rotaryEmbedding, .attention, .tokens: true
    default: false
    }
  }

  /// Whether the result is a parameter; it may hold infinities.
  public var isConstant: Bool { if case .tensor(.constant) = self { true } else { false } }

  /// Whether the operation multiplies by a weight, so that a scheme can quantize it.
  public var hasWeight: Bool {
    switch self {
    case .linear, .convolution, .transposedConvolution, .depthwiseConvolution, .recurrence,
      .experts:
      true
    default: false
    }
  }
}

extension Operation {
  /// The same layer with a bias; what has one, or can have none, as it is.
  package var withBias: Operation {
    switch self {
    case .linear(let outFeatures, _):
      .linear(outFeatures: outFeatures, hasBias: true)
    case .convolution(let outChannels, let window, _):
      .convolution(outChannels: outChannels, window: window, hasBias: true)
    case .transposedConvolution(let outChannels, let window, let extra, _):
      .transposedConvolution(
        outChannels: outChannels, window: window, extra: extra, hasBias: true)
    case .depthwiseConvolution(let window, _):
      .depthwiseConvolution(window: window, hasBias: true)
    default: self
    }
  }
}
