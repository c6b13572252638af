import CKernels

/// How keys and values are kept.
enum CacheStorage: String, Sendable, CaseIterable {
  case f32
  case f16
  case int8

  var code: qg_storage {
    switch self {
    case .f32: QG_F32
    case .f16: QG_F16
    case .int8: QG_S8
    }
  }

  /// Bytes of a number.
  var bytes: Int {
    switch self {
    case .f32: 4
    case .f16: 2
    case .int8: 1
    }
  }
}

/// A cache in memory of its own.
struct CacheShape: Sendable {
  let storage: CacheStorage
  let heads: Int
  let headSize: Int
  let positions: Int

  /// Numbers of the keys, or of the values.
  var numbers: Int { heads * headSize * positions }
  /// Bytes of keys, values and the scales of int8.
  var bytes: Int { 2 * (numbers * storage.bytes + (storage == .int8 ? 4 * heads * positions : 0)) }

  /// An empty cache: keys, then values, then scales, in one run of memory.
  func allocate(in memory: OperandMemory) -> qg_kv_cache {
    let keys = UnsafeMutableRawPointer(memory.zeros(bytes, of: UInt8.self))
    let values = keys + numbers * storage.bytes
    let scales = (values + numbers * storage.bytes).assumingMemoryBound(to: Float.self)
    let isScaled = storage == .int8
    return qg_kv_cache(
      storage: storage.code, kv_heads: heads, head_dim: headSize, capacity: positions, keys: keys,
      values: values, key_scales: isScaled ? scales : nil,
      value_scales: isScaled ? scales + heads * positions : nil)
  }
}

/// `attention` of the last queries of a sequence, causal, with as many heads of keys as of queries; threads
/// split pairs of query and head.
struct AttentionBenchmark: Benchmark {
  let cache: CacheShape
  let queries: Int
  let bound: Bound
  let family = BenchmarkFamily.attention

  var name: String { "attention \(cache.storage.rawValue)" }
  var shape: String { "\(queries)×\(cache.heads)×\(cache.headSize)×\(cache.positions)" }

  /// Two products, of the query with a key and of a weight with a value, for each position that is seen.
  var operations: Int {
    let seen = (0..<queries).reduce(0) { $0 + cache.positions - queries + 1 + $1 }
    return 2 * 2 * cache.headSize * cache.heads * seen
  }

  var bytes: Int { cache.bytes + 2 * 4 * queries * cache.heads * cache.headSize }

  /// Attention of 64 tokens of a prompt, and that of a single token; rows that append to a cache.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    func cache(_ storage: CacheStorage) -> CacheShape {
      CacheShape(storage: storage, heads: 8, headSize: 128, positions: 1024)
    }
    let prompt = AttentionBenchmark(cache: cache(.f32), queries: 64, bound: .floatProducts)
    let tokens = CacheStorage.allCases.map { storage in
      AttentionBenchmark(
        cache: cache(storage), queries: 1, bound: caches.bound(ofReading: cache(storage).bytes))
    }
    return [prompt] + tokens + AppendBenchmark.rows
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    /// Pairs that share what is loaded.
    static let most = 8

    let memory = OperandMemory()
    let pairs: Int
    let kernel: @convention(c) (UnsafePointer<qg_attention_args>?) -> Void
    let whole: qg_attention_args
    let scratchCount: Int
    let stream: UnsafeRawBufferPointer

    init(_ row: AttentionBenchmark, _ set: KernelSet) {
      let shape = row.cache
      pairs = min(Self.most, row.queries)
      kernel = set.kernels.attention
      let cache = memory.zeros(1, of: qg_kv_cache.self)
      cache.pointee = shape.allocate(in: memory)
      stream = UnsafeRawBufferPointer(start: cache.pointee.keys, count: shape.bytes)
      var append = qg_kv_append_args(
        cache: cache, position: 0, tokens: shape.positions, keys: memory.floats(shape.numbers),
        values: memory.floats(shape.numbers), stride: shape.heads * shape.headSize)
      set.kernels.kv_append(&append)
      let width = shape.heads * shape.headSize
      scratchCount = qg_attention_scratch(shape.positions)
      whole = qg_attention_args(
        cache: UnsafePointer(cache), positions: shape.positions, queries: row.queries,
        heads: shape.heads, offset: shape.positions - row.queries, causal: 1, window: 0,
        scale: 1 / Float(shape.headSize).squareRoot(), query: memory.floats(row.queries * width),
        query_stride: width, out: memory.zeros(row.queries * width), out_stride: width,
        pair_begin: 0, pair_end: row.queries * shape.heads,
        scratch: memory.zeros(row.queries * shape.heads / pairs * scratchCount))
    }

    var units: Int { whole.pair_end / pairs }

    func run(_ units: Range<Int>) {
      var part = whole
      part.pair_begin = units.lowerBound * pairs
      part.pair_end = units.upperBound * pairs
      part.scratch += units.lowerBound * scratchCount
      kernel(&part)
    }
  }
}

/// `kv_append` of the tokens of a prompt; threads split panels of 16 tokens.
struct AppendBenchmark: Benchmark {
  let cache: CacheShape
  let bound = Bound.readL2
  let family = BenchmarkFamily.attention

  var name: String { "kv_append \(cache.storage.rawValue)" }
  var shape: String { "\(cache.positions)×\(cache.heads)×\(cache.headSize)" }
  /// One a number; what bounds the kernel is counted in bytes.
  var operations: Int { 2 * cache.numbers }
  var bytes: Int { 2 * 4 * cache.numbers + cache.bytes }

  static let rows: [any Benchmark] = CacheStorage.allCases.map { storage in
    AppendBenchmark(cache: CacheShape(storage: storage, heads: 8, headSize: 128, positions: 64))
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(cache, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let kernel: @convention(c) (UnsafePointer<qg_kv_append_args>?) -> Void
    let whole: qg_kv_append_args
    let stream: UnsafeRawBufferPointer

    init(_ shape: CacheShape, _ set: KernelSet) {
      kernel = set.kernels.kv_append
      let cache = memory.zeros(1, of: qg_kv_cache.self)
      cache.pointee = shape.allocate(in: memory)
      // Keys, then values.
      let numbers = memory.floats(2 * shape.numbers)
      stream = UnsafeRawBufferPointer(start: numbers, count: 2 * 4 * shape.numbers)
      whole = qg_kv_append_args(
        cache: UnsafePointer(cache), position: 0, tokens: shape.positions, keys: numbers,
        values: numbers + shape.numbers, stride: shape.heads * shape.headSize)
    }

    var units: Int { whole.tokens / Int(QG_PANEL) }

    func run(_ units: Range<Int>) {
      var part = whole
      part.position = units.lowerBound * Int(QG_PANEL)
      part.tokens = units.count * Int(QG_PANEL)
      part.keys += part.position * whole.stride
      part.values += part.position * whole.stride
      kernel(&part)
    }
  }
}
