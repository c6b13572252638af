public import Graphs
import NumberFormats

/// A compiled model: its steps, and everything they point to.
struct Program: ~Copyable {
  /// In the order of execution.
  let steps: UnsafeMutableBufferPointer<ScheduledStep>
  /// Address of every buffer; the caller's buffers are entered by each run.
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The steps of each node, indexed by node id; empty where a node only renames a buffer.
  let stepsOfNode: [Range<Int>]
  /// Where each node's result lies, indexed by node id.
  let values: [Value]
  /// What the steps are, for people.
  let plan: [PlanStep]
  /// The buffer that stands for the caller's output.
  let output: BufferID
  let packedWeights: OwnedMemory
  let arena: OwnedMemory
  /// Keys and values of past tokens.
  let caches: OwnedMemory
  /// Embeddings whose rows are decoded on the way.
  let sources: [any TensorSource]
  /// Token ids lie below this; `nil` where the input is no token.
  let vocabulary: Int?

  /// The buffer that stands for the caller's input.
  static let input: BufferID = 0

  deinit {
    steps.deallocate()
    addresses.deallocate()
  }
}

/// A step and the rows it works on.
struct ScheduledStep: BitwiseCopyable {
  let step: Step
  /// Whether rows are selected tokens.
  let isSelected: Bool
}

/// The result of a node.
struct Value {
  let buffer: BufferID
  /// Elements per example.
  let count: Int
  /// `nil` for fp32.
  let affine: AffineParameters?
}

/// One step of a compiled model.
public struct PlanStep: Hashable, Sendable, CustomStringConvertible {
  /// The node it belongs to.
  public let node: String
  /// The kernel it calls, by its name in the kernel table.
  public let kernel: String
  /// Shape of the node's result, per example.
  public let shape: Shape
  /// Bytes of what the step writes, at the largest batch.
  public let resultBytes: Int
  /// Bytes of the packed weights it reads.
  public let weightBytes: Int

  /// For example `conv1: gemm_u8s8 14×14×16, 3136 B written, 2304 B of weights`.
  public var description: String {
    "\(node): \(kernel) \(shape), \(resultBytes) B written"
      + (weightBytes > 0 ? ", \(weightBytes) B of weights" : "")
  }
}
