import CKernels
import Graphs

/// Vectors, or equal parts of them, brought to a common size.
struct VectorNormalization: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  /// Vectors per row.
  let parts: Int
  /// Elements of a vector.
  let size: Int
  let kind: Normalization.Kind
  let epsilon: Float
  let weight: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
}

/// Rows of a table by token id.
struct TableLookup: BitwiseCopyable {
  let result: BufferID
  let table: EmbeddingTable
  /// Elements of a row.
  let features: Int
  let rows: Int
}

/// Where the rows of an embedding are.
enum EmbeddingTable: BitwiseCopyable {
  /// A table that the kernel reads.
  case array(UnsafeRawPointer, qg_storage)
  /// The program's source of this number, which decodes rows.
  case source(Int)
}

/// Pairs of elements turned by the angles of their token's position.
struct Rotation: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  let heads: Int
  let headSize: Int
  let rotary: Int
  let pairing: qg_rope_pairing
  /// `[context, rotary / 2]`.
  let cosines: UnsafePointer<Float>
  let sines: UnsafePointer<Float>
  /// Rows of the tables.
  let context: Int
}

/// Keys and values of new tokens on their way into the caches.
struct CacheWrite: BitwiseCopyable {
  let keys: BufferID
  let values: BufferID
  /// One per sequence.
  let caches: UnsafePointer<qg_kv_cache>
  /// Elements of a token's keys.
  let width: Int
}

/// Attention over caches.
struct AttentionStep: BitwiseCopyable {
  let query: BufferID
  let result: BufferID
  /// One per sequence.
  let caches: UnsafePointer<qg_kv_cache>
  let heads: Int
  let headSize: Int
  let scale: Float
  let isCausal: Bool
  /// 0: unlimited.
  let window: Int
}

extension AttentionStep {
  /// Elements of a token's query.
  var width: Int { heads * headSize }
}
