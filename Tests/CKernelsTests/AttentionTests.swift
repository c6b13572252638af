import CKernels
import CMath
import TestSupport
import Testing

@Suite struct AttentionTests {
  @Test(arguments: InstructionSet.allCases, [QG_F32, QG_F16, QG_S8])
  func `attention has the bits of the definition`(
    _ set: InstructionSet, _ storage: qg_storage
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...60 {
      var draws = SeededGenerator(seed: seed)
      let attention = Attention(storage, special: seed % 6 == 0, using: &draws)
      for parts in 1...3 {
        let found = try Together.$isOn.withValue(seed == 7) {
          try attention.result(kernels, parts: parts)
        }
        #expect(
          attention.expected.difference(from: found) == nil,
          "seed \(seed), \(parts) parts: \(attention.summary)")
      }
    }
  }

  @Test(arguments: InstructionSet.allCases, [QG_F32, QG_F16, QG_S8])
  func `attention is near the exact result`(_ set: InstructionSet, _ storage: qg_storage) throws {
    let kernels = try set.kernels()
    // Of vectors of 128 in -4...4, with softmax weights: the errors are those of the storage.
    let tolerance = [QG_F32.rawValue: 2e-5, QG_F16.rawValue: 2e-2, QG_S8.rawValue: 0.2]
    for seed in UInt64(1)...4 {
      var draws = SeededGenerator(seed: seed)
      let attention = Attention(
        storage, group: 4, queries: 9, width: 64, positions: 70, scale: 0.02, using: &draws)
      let found = try attention.result(kernels, parts: 1)
      let worst = attention.worstError(of: found)
      #expect(worst <= tolerance[storage.rawValue] ?? 0, "seed \(seed)")
      #expect(worst > 0)
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `a query that sees one position copies its value, and one that sees none gives zero`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 9)
    var attention = Attention(
      QG_F32, group: 1, queries: 3, width: 20, positions: 5, scale: 1, using: &draws)
    (attention.isCausal, attention.window, attention.offset) = (true, 1, 3)
    let found = try attention.result(kernels, parts: 1)
    let cache = attention.cache
    for query in 0..<3 {
      for head in 0..<2 {
        for d in 0..<20 {
          let value = query == 2 ? 0 : cache.values[((3 + query) * 2 + head) * 20 + d]
          let at = query * attention.outStride + head * 20 + d
          #expect(found.words[at] == value.bitPattern, "query \(query)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `decoding token by token gives the bits of the prefill`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 21)
    var attention = Attention(
      QG_F16, group: 2, queries: 37, width: 32, positions: 37, scale: 0.2, using: &draws)
    attention.isCausal = true
    let prefill = try attention.result(kernels, parts: 1)
    for query in 0..<37 {
      let one = try attention.result(kernels, parts: 1, only: query)
      for i in query * attention.outStride..<query * attention.outStride + 4 * 32 {
        #expect(one.words[i] == prefill.words[i], "query \(query)")
      }
    }
  }
}

/// Random queries over a random cache.
private struct Attention {
  let cache: CacheFixture
  let group, queries: Int
  var isCausal = false
  var window = 0
  var offset = 0
  let scale: Float
  let query: [Float]
  let queryStride, outStride: Int

  var heads: Int { group * cache.heads }

  init(_ storage: qg_storage, special: Bool, using draws: inout SeededGenerator) {
    let positions = draws.pick([0, 1, 15, 16, 17, 33, 64, 79])
    let width = draws.pick([1, 7, 16, 17, 40, 64, 96, 128])
    let queries = draws.pick([1, 1, 2, 3, 5, 8, 9, 17])
    self.init(
      storage, group: draws.pick([1, 2, 3, 4]), queries: queries, width: width,
      positions: positions, scale: Float.random(in: 0.01...0.5, using: &draws), special: special,
      using: &draws)
    isCausal = draws.pick([true, true, false])
    guard isCausal else { return }
    offset = draws.pick([0, max(positions - queries, 0), 5])
    window = draws.pick([0, 0, 1, 7, 20])
  }

  init(
    _ storage: qg_storage, group: Int, queries: Int, width: Int, positions: Int, scale: Float,
    special: Bool = false, using draws: inout SeededGenerator
  ) {
    cache = CacheFixture(
      storage, heads: 2, width: width, capacity: 80, positions: positions, special: special,
      using: &draws)
    (self.group, self.queries, self.scale) = (group, queries, scale)
    queryStride = 2 * group * width + draws.pick([0, 3])
    outStride = 2 * group * width + draws.pick([0, 5])
    query = draws.floats(queries * queryStride)
  }

  var summary: String {
    """
    \(queries) queries at \(offset), \(heads) heads in groups of \(group), width \(cache.width), \
    \(cache.positions) positions, causal \(isCausal), window \(window)
    """
  }

  private func visible(_ query: Int) -> Range<Int> {
    let position = offset + query
    let end = isCausal ? min(position + 1, cache.positions) : cache.positions
    return min(window > 0 ? max(position - window + 1, 0) : 0, end)..<end
  }

  private func vector(_ query: Int, _ head: Int) -> ArraySlice<Float> {
    let first = query * queryStride + head * cache.width
    return self.query[first..<first + cache.width]
  }

  /// The result by the contract's formula.
  var expected: Sheet {
    let (keys, values) = (cache.kept(cache.keys), cache.kept(cache.values))
    var sheet = Sheet(count: queries * outStride, isFloat: true)
    for query in 0..<queries {
      for head in 0..<heads {
        let seen = visible(query)
        let tokens = seen.map { $0 * cache.heads + head / group }
        let weights = weights(vector(query, head), keys, values, tokens, from: seen.lowerBound)
        for d in 0..<cache.width {
          let sum = zip(weights, tokens).reduce(Float(0)) {
            $0.addingProduct($1.0, values.numbers[$1.1 * cache.width + d])
          }
          sheet.set(query * outStride + head * cache.width + d, canonical(sum))
        }
      }
    }
    return sheet
  }

  private func weights(
    _ query: ArraySlice<Float>, _ keys: CacheFixture.Kept, _ values: CacheFixture.Kept,
    _ tokens: [Int], from first: Int
  ) -> [Float] {
    let isInt8 = cache.storage == QG_S8
    let scores = tokens.map { token in
      let key = keys.numbers[token * cache.width..<(token + 1) * cache.width]
      let sum = zip(query, key).reduce(Float(0)) { $0.addingProduct($1.0, $1.1) }
      return (isInt8 ? sum * keys.scales[token] : sum) * scale
    }
    let top = scores.reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
    let powers = scores.map { cm_expf($0 - top) }
    let sum = sumInLanes(powers, from: first)
    return zip(powers, tokens).map { power, token in
      isInt8 ? power / sum * values.scales[token] : power / sum
    }
  }

  /// The largest distance from the result in double of what was appended.
  func worstError(of found: Sheet) -> Double {
    var worst = 0.0
    for query in 0..<queries {
      for head in 0..<heads {
        let tokens = visible(query).map { $0 * cache.heads + head / group }
        let scores = tokens.map { token in
          let key = cache.keys[token * cache.width..<(token + 1) * cache.width]
          let sum = zip(vector(query, head), key).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
          return sum * Double(scale)
        }
        let powers = scores.map { cm_exp($0 - (scores.max() ?? 0)) }
        let total = powers.reduce(0, +)
        for d in 0..<cache.width {
          let exact = zip(powers, tokens).reduce(0.0) {
            $0 + $1.0 / total * Double(cache.values[$1.1 * cache.width + d])
          }
          let word = found.words[query * outStride + head * cache.width + d]
          worst = max(worst, abs(Double(Float(bitPattern: word)) - exact))
        }
      }
    }
    return worst
  }

  /// The kernel's result, from calls for each of `parts` ranges of pairs, or for one query.
  func result(_ kernels: qg_kernels, parts: Int, only: Int? = nil) throws -> Sheet {
    let memory = Memory()
    let filled = try cache.empty(memory)
    try cache.append(to: filled, kernels, [0..<cache.positions], memory)
    let input = try memory.copy(query)
    let scratch = [Float](repeating: .nan, count: qg_attention_scratch(cache.positions))
    let scores = try (0..<parts).map { _ in try memory.copy(scratch) }
    let first = only ?? 0
    let count = only == nil ? queries : 1
    return try Sheet(count: queries * outStride, isFloat: true).written { floats, _ in
      withUnsafePointer(to: filled) { pointer in
        let pairs = ranges(count * heads, parts: parts)
        together(pairs.indices) { index in
          let part = pairs[index]
          var arguments = qg_attention_args(
            cache: pointer, positions: cache.positions, queries: count, heads: heads,
            offset: offset + first, causal: isCausal ? 1 : 0, window: window, scale: scale,
            query: input + first * queryStride, query_stride: queryStride,
            out: floats.map { $0 + first * outStride }, out_stride: outStride,
            pair_begin: part.lowerBound, pair_end: part.upperBound, scratch: scores[index])
          kernels.attention(&arguments)
        }
      }
    }
  }
}
