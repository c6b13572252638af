import CKernels
import Graphs

/// One step of an operation over tensors of any rank.
enum TensorStep: BitwiseCopyable {
  /// A constant for every example.
  case fill(UnsafePointer<Float>, result: BufferID, count: Int)
  case walk(source: BufferID, result: BufferID, Traversal)
  case take(TakenSlices)
  case join(JoinedTensors)
  case map(Elementwise, Mapping)
  case combine(Arithmetic, BufferID, BufferID, result: BufferID, Traversal, qg_bounds)
  case choose(BufferID, BufferID, BufferID, result: BufferID, Traversal)
  case reduce(TensorReduction)
  case packRight(MatrixProduct)
  case multiply(MatrixProduct)
  case lookUp(RowSelection)
  /// Every vector of `count` elements.
  case softmax(Elementwise, vectors: Int)
  case gather(PlacedElements)
  case scatter(PlacedElements, updates: BufferID, Scattering)
  /// Every vector of `count` elements.
  case topK(Elementwise, vectors: Int, chosen: Int, isAscending: Bool)
}

/// Slices along an axis: `[outer, extent, inner]` to `[outer, taken, inner]`.
struct TakenSlices: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  let outer: Int
  let extent: Int
  let inner: Int
  /// −1 for the filling.
  let indices: UnsafePointer<Int>
  let taken: Int
  let filling: Float
}

/// Two tensors along an axis: runs of both in turn.
struct JoinedTensors: BitwiseCopyable {
  let first: BufferID
  let second: BufferID
  let result: BufferID
  let outer: Int
  /// Elements of a run of the first and of the second.
  let firstRun: Int
  let secondRun: Int
}

/// One number for many.
struct TensorReduction: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  let reduction: Reduction
  /// Over the result; the operand is the source.
  let kept: Traversal
  /// Over what becomes one number, from 0.
  let reduced: Traversal
}

/// Products of matrices, the outer extents repeated where one operand has fewer.
struct MatrixProduct: BitwiseCopyable {
  let left: BufferID
  let right: BufferID
  /// The right operand as the kernel reads it.
  let panels: BufferID
  let result: BufferID
  let rows: Int
  let columns: Int
  let length: Int
  /// Matrices of the right operand per example.
  let rightMatrices: Int
  /// Elements of a packed matrix.
  let panelCount: Int
  /// Over the result's matrices; operands count matrices.
  let matrices: Traversal
  let bounds: qg_bounds
}

/// Elements named by their place in a tensor.
struct PlacedElements: BitwiseCopyable {
  let source: BufferID
  let places: BufferID
  let result: BufferID
  /// Elements of the source, and places, per example.
  let sourceCount: Int
  let placeCount: Int
}

/// Rows of a table.
struct RowSelection: BitwiseCopyable {
  let indices: BufferID
  let result: BufferID
  let table: UnsafePointer<Float>
  let rows: Int
  let features: Int
  /// Indices per example.
  let count: Int
}
