import CKernels
import Graphs

/// Whether batch normalization uses the batch's statistics or the stored ones.
enum PassMode {
  case training
  case inference
}

/// How much one node reads and writes in one step.
struct NodeExtent {
  /// Per row.
  let operands: [Shape]
  /// Per row.
  let result: Shape
  /// Rows of the result.
  let batch: Int
  /// Tokens of a sequence: consecutive rows; 1 where rows are independent examples.
  let tokens: Int
}

/// What one node reads and writes in one step over a batch. Values are `[batch, shape…]`, row-major.
///
/// In a graph over sequences a row is a token, `tokens` consecutive rows are a sequence, and the position
/// of a row is its remainder by `tokens`.
struct NodeStep {
  /// Rows of the result.
  let batch: Int
  /// Tokens of a sequence; 1 where rows are independent examples.
  let tokens: Int
  let kernels: qg_kernels
  let operandShapes: [Shape]
  let shape: Shape
  let operands: [Floats]
  let result: Floats
  /// Gradients are added to; `nil` for the graph's input, which needs none.
  let operandGradients: [Floats?]
  /// The loss's gradient with respect to the result, complete when the node's turn comes.
  let gradient: Floats
  let parameters: [ParameterRole: ParameterSlot]
  /// Kept from forward to backward.
  let saved: Floats
  /// Free for use within one call.
  let scratch: Floats

  /// Elements of one example of the result.
  var size: Int { shape.elementCount }
  /// Elements of one example of the first operand.
  var operandSize: Int { operandShapes[0].elementCount }
  /// Elements of the result.
  var count: Int { batch * size }
}

/// An operation with its reverse-mode gradient.
///
/// Every sum that crosses examples or positions runs in ascending order of example, then position.
protocol DifferentiableOperation {
  /// Floats kept from forward to backward.
  func savedCount(_ extent: NodeExtent) -> Int
  /// Floats needed within one call.
  func scratchCount(_ extent: NodeExtent) -> Int
  /// Computes the result from the operands.
  func forward(_ step: NodeStep, _ mode: PassMode)
  /// Adds to the gradients of operands and parameters; follows `forward` in training mode.
  func backward(_ step: NodeStep)
}

extension DifferentiableOperation {
  func savedCount(_ extent: NodeExtent) -> Int { 0 }
  func scratchCount(_ extent: NodeExtent) -> Int { 0 }
}

extension Operation {
  /// The operation's gradient, or `nil` where training does not know one.
  var differentiable: (any DifferentiableOperation)? {
    switch self {
    case .input: InputOperation()
    case .linear: LinearOperation()
    case .convolution(_, let window, _):
      // Patches are added back a kernel row at a time, which dilation tears apart.
      window.dilations == Spacing(1) ? ConvolutionOperation(window: window) : nil
    case .depthwiseConvolution(let window, _): DepthwiseOperation(window: window)
    case .batchNormalization(let epsilon): BatchNormalizationOperation(epsilon: epsilon)
    case .activation(let activation): ClampOperation(activation: activation)
    case .add: AddOperation()
    case .maxPooling(let window): MaxPoolingOperation(window: window)
    case .averagePooling(let window): AveragePoolingOperation(window: window)
    case .globalAveragePooling: GlobalAveragePoolingOperation()
    case .flatten: FlattenOperation()
    case .softmax: SoftmaxOperation()
    case .function(let function): FunctionOperation(function: function)
    case .transposedConvolution, .recurrence, .multiply, .tensor, .rounding, .routing, .experts,
      .mixture:
      nil
    case .gatedSilu: GatedSiluOperation()
    case .embedding: EmbeddingOperation()
    case .positionEmbedding: PositionEmbeddingOperation()
    case .normalization(let normalization): NormalizationOperation(normalization: normalization)
    case .rotaryEmbedding(let rotary): RotaryOperation(rotary: rotary)
    case .attention(let attention): AttentionOperation(attention: attention)
    case .tokens(let selection): TokensOperation(selection: selection)
    case .unitLength: UnitLengthOperation()
    }
  }
}
