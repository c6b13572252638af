public import NumberFormats

/// How the result of a node is stored between nodes.
public enum ValueStorage: Hashable, Sendable {
  /// 32-bit floats.
  case float32
  /// One byte an element with the code range 0…255; signed schemes are shifted by 128.
  case uint8(AffineParameters)
}

/// How attention keeps the keys and values of past tokens.
public enum CacheStorage: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
  /// 32-bit floats.
  case float32 = "fp32"
  /// IEEE 754 binary16.
  case float16 = "f16"
  /// int8 codes with one scale per token and head: largest magnitude / 127.
  case int8
}

/// How a node with a weight computes.
public enum NodeArithmetic: Equatable, Sendable {
  /// fp32 operand, fp32 weight.
  case float32
  /// Integer products of a quantized weight with a uint8 operand. The operand is the stored uint8
  /// value, or, where the operand is stored as fp32, quantized on the fly per example (a vector: per
  /// token) as `dynamic` says. A recurrence multiplies its state, which is quantized at every step.
  case integer(weight: QuantizedMatrix, dynamic: DynamicRange?)
  /// Integer products of a weight in blocks, of one of the formats of `BlockKernel`, with a uint8 operand, as
  /// in `integer`.
  case blocks(weight: BlockMatrix, dynamic: DynamicRange?)
  /// Products of the levels of a codebook, of a format of `BlockKernel`, with a uint8 operand, as in `integer`;
  /// whole blocks to a row.
  case codebook(weight: CodebookMatrix, dynamic: DynamicRange?)
  /// fp32 products of a bf16 weight, widened; an operand stored as uint8 is read as the numbers it stands for.
  case bfloat16(weight: BFloat16Matrix)
  /// fp32 products of a weight in any format, decoded: the reference path. The operand is the stored value
  /// (uint8 as the number it stands for), or, where `dynamic` says so, an fp32 value that is quantized
  /// per example and decoded again.
  case reference(weight: StoredMatrix, dynamic: DynamicRange?)
  /// One arithmetic per expert, in their order; all of one kind and with one dynamic range, which is that of an
  /// expert's operand.
  case experts([NodeArithmetic])

  /// The path that computes it.
  public var path: ExecutionPath {
    switch self {
    case .float32, .integer, .blocks, .codebook, .bfloat16: .kernel
    case .reference: .reference
    case .experts(let experts):
      experts.contains { $0.path == .reference } ? .reference : .kernel
    }
  }
}

extension NodeArithmetic {
  /// Bytes of the weights that it holds.
  fileprivate var storedBytes: Int {
    switch self {
    case .float32: 0
    case .integer(let weight, _): weight.storedBytes
    case .blocks(let weight, _): weight.byteCount
    case .codebook(let weight, _): weight.storedBytes
    case .bfloat16(let weight): weight.storedBytes
    case .reference(let weight, _): weight.bytes
    case .experts(let experts): experts.reduce(0) { $0 + $1.storedBytes }
    }
  }
}

/// Whether a node is computed in its own format.
public enum ExecutionPath: String, Hashable, Sendable, CaseIterable {
  /// A kernel multiplies what is stored.
  case kernel
  /// What is stored is decoded to fp32 and multiplied there: the accuracy is the format's, time and memory
  /// are those of fp32.
  case reference
}

/// How an fp32 operand is quantized on the fly: range over one example (or token), never over a batch. The
/// parameters are those of `CodeRange.uint8`; a scale below the smallest normal number is raised to it. A NaN or
/// an infinity in the operand makes every sum over it NaN.
public enum DynamicRange: Hashable, Sendable {
  /// scale = max|x| / 127, zero point 128, codes 1…255. An all-zero operand has scale 1.
  case symmetric
  /// scale = (max(x, 0) − min(x, 0)) / 255, or the difference of both quotients where that overflows; zero
  /// point = round-half-even(−min / scale) clamped to 0…255. An all-zero operand has scale 1, zero point 0.
  case asymmetric
}

/// A graph ready to execute: folded, fused, annotated. What `Quantization` makes and `Execution` runs.
///
/// Biases and the weights of fp32 nodes are in `weights`, under the graph's parameter names.
/// An encoded weight is a matrix `[outputs, summation]`: linear `[out, in]`; convolution
/// `[outChannels, kernelHeight · kernelWidth · inChannels]`; depthwise `[channels, taps]`; recurrence
/// `[gates · features, features]`; experts a matrix each, `[out, in]`.
public struct QuantizedModel: Equatable, Sendable {
  /// The graph after batch-norm folding and activation fusion; no batch normalization is left.
  public let graph: Graph
  /// fp32 parameters of `graph`; a weight that `arithmetic` holds quantized is absent.
  public let weights: Weights
  /// Arithmetic of nodes that have a weight.
  public let arithmetic: [Node.ID: NodeArithmetic]
  /// Storage of every node's result, indexed by node id. The output is always fp32.
  ///
  /// A routing is always fp32. Max pooling, flatten and activation nodes store uint8 only with their operand's parameters. A node
  /// without a weight stores uint8 only where all its operands do; one that stores fp32 reads uint8
  /// operands as the values they stand for.
  public let storage: [ValueStorage]
  /// How attention stores keys and values.
  public let cache: CacheStorage

  /// Creates a model; `storage` has one entry per node.
  public init(
    graph: Graph, weights: Weights, arithmetic: [Node.ID: NodeArithmetic],
    storage: [ValueStorage], cache: CacheStorage = .float32
  ) {
    precondition(storage.count == graph.nodes.count, "one storage per node")
    self.graph = graph
    self.weights = weights
    self.arithmetic = arithmetic
    self.storage = storage
    self.cache = cache
  }

  /// Bytes of all parameters as a checkpoint stores them.
  public var modelBytes: Int {
    let float = weights.tensors.values.reduce(0) { $0 + 4 * $1.elementCount }
    return arithmetic.values.reduce(float) { $0 + $1.storedBytes }
  }

  /// The path that computes a node; nodes without a weight have kernels.
  public func path(of node: Node.ID) -> ExecutionPath { arithmetic[node]?.path ?? .kernel }

  /// The names of the nodes on the reference path, in the order of execution.
  public var referenceNodes: [String] {
    graph.nodes.filter { path(of: $0.id) == .reference }.map(\.name)
  }
}
