import CKernels
import TestSupport

/// Keys and values of random tokens, with what a cache of one storage keeps of them.
struct CacheFixture {
  let storage: qg_storage
  let heads, width, capacity, positions: Int
  /// `[positions][heads][width]`.
  let keys, values: [Float]

  /// Numbers of the cache, codes without their scale, in the layout of `keys`.
  struct Kept {
    var numbers: [Float] = []
    /// `[positions][heads]`; empty but for int8.
    var scales: [Float] = []
  }

  init(
    _ storage: qg_storage, heads: Int, width: Int, capacity: Int, positions: Int, special: Bool,
    using draws: inout SeededGenerator
  ) {
    (self.storage, self.heads, self.width) = (storage, heads, width)
    (self.capacity, self.positions) = (capacity, positions)
    keys = draws.floats(positions * heads * width, special: special)
    values = draws.floats(positions * heads * width, special: special)
  }

  /// What the contract says a cache keeps of `vectors`.
  func kept(_ vectors: [Float]) -> Kept {
    var kept = Kept()
    for first in stride(from: 0, to: vectors.count, by: width) {
      let vector = vectors[first..<first + width]
      switch storage {
      case QG_F32: kept.numbers += vector.map(canonical)
      case QG_F16: kept.numbers += vector.map { canonical(Float(Float16($0))) }
      default:
        let scale = Self.scale(vector)
        kept.scales.append(scale)
        kept.numbers += vector.map { scale.isNaN ? 0 : Self.code($0, scale) }
      }
    }
    return kept
  }

  private static func scale(_ vector: ArraySlice<Float>) -> Float {
    guard vector.allSatisfy(\.isFinite) else { return .nan }
    let scale = (vector.map(abs).max() ?? 0) / 127
    return scale > 0 ? scale : 1
  }

  private static func code(_ value: Float, _ scale: Float) -> Float {
    min(max((value / scale).rounded(.toNearestOrEven), -127), 127)
  }

  /// A cache in `memory` with nothing in it: all bits set.
  func empty(_ memory: Memory) throws -> qg_kv_cache {
    var cache = qg_kv_cache()
    (cache.storage, cache.kv_heads, cache.head_dim) = (storage, heads, width)
    cache.capacity = capacity
    let bytes = [UInt8](repeating: 0xFF, count: qg_kv_cache_bytes(&cache))
    cache.keys = UnsafeMutableRawPointer(try memory.copy(bytes))
    cache.values = UnsafeMutableRawPointer(try memory.copy(bytes))
    if storage == QG_S8 {
      let scales = [Float](repeating: .nan, count: heads * capacity)
      cache.key_scales = try memory.copy(scales)
      cache.value_scales = try memory.copy(scales)
    }
    return cache
  }

  /// Appends the tokens, in calls for each of `parts`.
  func append(
    to cache: qg_kv_cache, _ kernels: qg_kernels, _ parts: [Range<Int>], _ memory: Memory
  ) throws {
    let (keys, values) = (try memory.copy(keys), try memory.copy(values))
    let stride = heads * width
    withUnsafePointer(to: cache) { cache in
      together(parts) { part in
        var arguments = qg_kv_append_args(
          cache: cache, position: part.lowerBound, tokens: part.count,
          keys: keys + part.lowerBound * stride, values: values + part.lowerBound * stride,
          stride: stride)
        kernels.kv_append(&arguments)
      }
    }
  }
}
