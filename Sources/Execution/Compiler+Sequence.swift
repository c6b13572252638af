import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// Appends the steps of an operator of sequence models.
  mutating func lowerSequence(_ node: Node) throws(ExecutionError) {
    switch node.operation {
    case .embedding(let rows, let features): try lowerEmbedding(node, rows, features)
    case .positionEmbedding:
      let source = try floatOperand(node, 0)
      let result = try floatResult(node)
      emit(
        .addPositions(each(node, source, result), parameter(node, "weight")), node,
        kernel: "add_f32", touching: [source, result])
      try deliver(node, result)
    case .rotaryEmbedding(let rotary): try lowerRotary(node, rotary)
    case .attention(let attention): try lowerAttention(node, attention)
    case .tokens(let selection):
      let source = try floatOperand(node, 0)
      isSelected = true
      let result = try floatResult(node)
      emit(
        .selectTokens(each(node, source, result), selection), node, kernel: "select",
        touching: [source, result])
      try deliver(node, result)
    default: break
    }
  }

  /// Appends the steps of an operator on single vectors or elements that only has an fp32 kernel.
  mutating func lowerVector(_ node: Node) throws(ExecutionError) {
    let source = try floatOperand(node, 0)
    switch node.operation {
    case .normalization(let normalization):
      let size = graph.shapes[node.id].channels / normalization.parts
      let weight = parameter(node, "weight")
      let bias = normalization.hasBias ? parameter(node, "bias") : nil
      let result = try floatResult(node)
      let step = VectorNormalization(
        source: source, result: result, parts: count(node) / size, size: size,
        kind: normalization.kind, epsilon: normalization.epsilon, weight: weight, bias: bias)
      emit(
        .normalize(step), node, kernel: "\(normalization.kind.rawValue)_norm_f32",
        touching: [source, result])
      try deliver(node, result)
    case .gatedSilu:
      let other = try floatOperand(node, 1)
      let result = try floatResult(node)
      emit(
        .siluTimes(each(node, source, result), other), node, kernel: "silu_times_f32",
        touching: [source, other, result])
      try deliver(node, result)
    case .unitLength:
      let result = try floatResult(node)
      emit(
        .unitLength(each(node, source, result)), node, kernel: "unit_length",
        touching: [source, result])
      try deliver(node, result)
    default: break
    }
  }

  /// An fp32 parameter of a node, in the program's own memory.
  mutating func parameter(_ node: Node, _ role: String) -> UnsafePointer<Float> {
    let values = model.weights["\(node.name).\(role)"]?.values ?? []
    return weights.copy(values, padded: values.count)
  }

  private mutating func lowerEmbedding(
    _ node: Node, _ rows: Int, _ features: Int
  ) throws(ExecutionError) {
    let packedBefore = weights.bytes
    let table = embeddingTable(node)
    let result = try floatResult(node)
    emit(
      .embed(TableLookup(result: result, table: table, features: features, rows: rows)), node,
      kernel: "embedding", touching: [result], weightBytes: weights.bytes - packedBefore)
    try deliver(node, result)
  }

  /// Values in memory become the program's own table; what a source stores in blocks stays where it is.
  private mutating func embeddingTable(_ node: Node) -> EmbeddingTable {
    guard let tensor = model.weights["\(node.name).weight"] else {
      preconditionFailure("the model was validated")
    }
    guard let source = tensor.source, let format = source.storedFormat else {
      return .array(UnsafeRawPointer(parameter(node, "weight")), QG_F32)
    }
    if let element = (format as? MinifloatFormat)?.element, element == .bf16 || element == .f16 {
      let copy = weights.allocate(tensor.elementCount, of: UInt16.self)
      source.withStoredBytes { bytes in
        for index in 0..<tensor.elementCount {
          copy[index] = UInt16(
            littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        }
      }
      return .array(UnsafeRawPointer(copy), element == .bf16 ? QG_BF16 : QG_F16)
    }
    if format is any BlockFormat {
      sources.append(source)
      return .source(sources.count - 1)
    }
    return .array(UnsafeRawPointer(parameter(node, "weight")), QG_F32)
  }

  private mutating func lowerRotary(
    _ node: Node, _ rotary: RotaryEmbedding
  ) throws(ExecutionError) {
    let context = room.context
    let tables = rotaryTables(rotary, context: context)
    let source = try floatOperand(node, 0)
    let result = try floatResult(node)
    let step = Rotation(
      source: source, result: result, heads: rotary.heads, headSize: rotary.headSize,
      rotary: rotary.rotary,
      pairing: rotary.pairing == .halves ? QG_ROPE_HALVES : QG_ROPE_INTERLEAVED,
      cosines: tables.cosines, sines: tables.sines, context: context)
    emit(.turn(step), node, kernel: "rope_f32", touching: [source, result])
    try deliver(node, result)
  }

  /// Tables are made once for all nodes that turn by the same angles.
  private mutating func rotaryTables(_ rotary: RotaryEmbedding, context: Int) -> RotaryTables {
    let key = RotaryEmbedding(
      heads: 1, headSize: rotary.rotary, rotary: rotary.rotary, pairing: .halves,
      base: rotary.base, positionScale: rotary.positionScale,
      frequencyDivisors: rotary.frequencyDivisors, magnitude: rotary.magnitude)
    if let tables = rotaries[key] { return tables }
    let count = context * rotary.rotary / 2
    let cosines = weights.allocate(count, of: Float.self)
    let sines = weights.allocate(count, of: Float.self)
    rotary.frequencyDivisors.withUnsafeBufferPointer { divisors in
      var arguments = qg_rope_table_args(
        first: 0, rows: context, rotary: rotary.rotary, base: rotary.base,
        position_scale: rotary.positionScale,
        frequency_divisors: divisors.isEmpty ? nil : divisors.baseAddress,
        magnitude: rotary.magnitude)
      qg_rope_tables(&arguments, cosines, sines)
    }
    let tables = RotaryTables(cosines: UnsafePointer(cosines), sines: UnsafePointer(sines))
    rotaries[key] = tables
    return tables
  }

  private mutating func lowerAttention(
    _ node: Node, _ attention: Attention
  ) throws(ExecutionError) {
    let query = try floatOperand(node, 0)
    let keys = try floatOperand(node, 1)
    let values = try floatOperand(node, 2)
    let caches = try allocateCaches(attention)
    let write = CacheWrite(
      keys: keys, values: values, caches: caches,
      width: attention.keyValueHeads * attention.headSize)
    emit(.remember(write), node, kernel: "kv_append", touching: [keys, values])
    let result = try floatResult(node)
    let step = AttentionStep(
      query: query, result: result, caches: caches, heads: attention.heads,
      headSize: attention.headSize, scale: attention.scale, isCausal: attention.isCausal,
      window: attention.window ?? 0)
    emit(.attend(step), node, kernel: "attention", touching: [query, result])
    try deliver(node, result)
  }

  /// One cache per sequence, as the model stores keys and values.
  private mutating func allocateCaches(
    _ attention: Attention
  ) throws(ExecutionError) -> UnsafePointer<qg_kv_cache> {
    let all = weights.allocate(room.count, of: qg_kv_cache.self)
    let capacity = (room.context + 15) / 16 * 16
    let (elements, overflow) = (attention.keyValueHeads * attention.headSize)
      .multipliedReportingOverflow(by: capacity)
    guard !overflow, elements <= Self.largestBuffer / 4 / room.count else { throw .arenaTooLarge }
    for sequence in 0..<room.count {
      var cache = qg_kv_cache(
        storage: model.cache.storage, kv_heads: attention.keyValueHeads,
        head_dim: attention.headSize, capacity: capacity, keys: nil, values: nil,
        key_scales: nil, value_scales: nil)
      let bytes = qg_kv_cache_bytes(&cache)
      cache.keys = UnsafeMutableRawPointer(self.caches.allocate(bytes, of: UInt8.self))
      cache.values = UnsafeMutableRawPointer(self.caches.allocate(bytes, of: UInt8.self))
      if model.cache == .int8 {
        let scales = attention.keyValueHeads * capacity
        cache.key_scales = self.caches.allocate(scales, of: Float.self)
        cache.value_scales = self.caches.allocate(scales, of: Float.self)
      }
      (all + sequence).initialize(to: cache)
    }
    return UnsafePointer(all)
  }

  private var room: SequenceOptions {
    guard let sequences else { preconditionFailure("the options were checked") }
    return sequences
  }
}

/// Cosines and sines of the angles by position, `[context, rotary / 2]`.
struct RotaryTables: BitwiseCopyable {
  let cosines: UnsafePointer<Float>
  let sines: UnsafePointer<Float>
}

extension CacheStorage {
  /// The kernels' name of it.
  fileprivate var storage: qg_storage {
    switch self {
    case .float32: QG_F32
    case .float16: QG_F16
    case .int8: QG_S8
    }
  }
}
