import CKernels
import Graphs

extension Machine {
  /// Executes the steps of sequence models.
  func sequence(_ step: Step, _ share: Share) {
    switch step {
    case .embed(let lookup): embed(lookup, share)
    case .addPositions(let each, let table): addPositions(each, table, share)
    case .turn(let rotation): turn(rotation, share)
    case .remember(let write): remember(write, share)
    case .attend(let attention): attend(attention, share)
    case .selectTokens(let each, let selection): select(each, selection, share)
    default: break
    }
  }

  private var tokens: SequenceState {
    guard let sequences else { preconditionFailure("the model was validated") }
    return sequences.pointee
  }

  private func embed(_ lookup: TableLookup, _ share: Share) {
    let part = share.part(of: share.examples)
    let result = floats(lookup.result) + part.lowerBound * lookup.features
    let state = tokens
    switch lookup.table {
    case .array(let table, let storage):
      var arguments = qg_embedding_args(
        storage: storage, table: table, rows: lookup.rows, columns: lookup.features,
        row_scale: nil, ids: state.ids + part.lowerBound, count: part.count, out: result,
        out_stride: lookup.features)
      kernels.embedding(&arguments)
    case .source(let index):
      for (row, token) in part.enumerated() {
        let first = Int(state.ids[token]) * lookup.features
        var values = MutableSpan(
          _unsafeStart: result + row * lookup.features, count: lookup.features)
        state.sources[index].read(first..<first + lookup.features, into: &values)
      }
    }
  }

  private func addPositions(_ each: Elementwise, _ table: UnsafePointer<Float>, _ share: Share) {
    let all = qg_bounds(lower: -.infinity, upper: .infinity)
    for token in share.part(of: share.examples) {
      let place = token * each.count
      kernels.add_f32(
        floats(each.source) + place, table + Int(tokens.positions[token]) * each.count, each.count,
        all, floats(each.result) + place)
    }
  }

  private func turn(_ rotation: Rotation, _ share: Share) {
    let part = share.part(of: share.examples)
    let width = rotation.heads * rotation.headSize
    var arguments = qg_rope_args(
      tokens: part.count, heads: rotation.heads, head_dim: rotation.headSize,
      rotary: rotation.rotary, pairing: rotation.pairing,
      positions: tokens.positions + part.lowerBound, table_rows: rotation.context,
      cosines: rotation.cosines, sines: rotation.sines,
      x: floats(rotation.source) + part.lowerBound * width, x_stride: width,
      out: floats(rotation.result) + part.lowerBound * width, out_stride: width)
    kernels.rope_f32(&arguments)
  }

  /// Calls `body` for every part of the call, with the number of its first token.
  private func forEachPart(_ body: (SequencePart, _ first: Int) -> Void) {
    let state = tokens
    var first = 0
    for index in 0..<state.partCount {
      body(state.parts[index], first)
      first += state.parts[index].tokens
    }
  }

  private func remember(_ write: CacheWrite, _ share: Share) {
    let own = share.part(of: share.examples)
    forEachPart { part, first in
      let begin = max(own.lowerBound, first)
      let end = min(own.upperBound, first + part.tokens)
      guard begin < end else { return }
      var arguments = qg_kv_append_args(
        cache: write.caches + part.sequence, position: part.position + begin - first,
        tokens: end - begin, keys: floats(write.keys) + begin * write.width,
        values: floats(write.values) + begin * write.width, stride: write.width)
      kernels.kv_append(&arguments)
    }
  }

  /// The team splits pairs of tokens and heads, numbered through all parts.
  private func attend(_ step: AttentionStep, _ share: Share) {
    let own = share.part(of: share.examples * step.heads)
    let state = tokens
    let scratch = state.scratch + share.member * state.scratchStride
    forEachPart { part, first in
      let pairs = first * step.heads..<(first + part.tokens) * step.heads
      let clamped = own.clamped(to: pairs)
      guard !clamped.isEmpty else { return }
      var arguments = qg_attention_args(
        cache: step.caches + part.sequence, positions: part.position + part.tokens,
        queries: part.tokens, heads: step.heads, offset: part.position,
        causal: step.isCausal ? 1 : 0, window: step.window, scale: step.scale,
        query: floats(step.query) + first * step.width, query_stride: step.width,
        out: floats(step.result) + first * step.width, out_stride: step.width,
        pair_begin: clamped.lowerBound - pairs.lowerBound,
        pair_end: clamped.upperBound - pairs.lowerBound, scratch: scratch)
      kernels.attention(&arguments)
    }
  }

  /// Writes the rows that go on. The team splits elements of a row, so that a mean is one sum.
  private func select(_ each: Elementwise, _ selection: TokenSelection, _ share: Share) {
    let columns = share.part(of: each.count, unit: 16)
    let state = tokens
    let source = floats(each.source) + columns.lowerBound
    let result = floats(each.result) + columns.lowerBound
    var row = 0
    forEachPart { part, first in
      let last = first + part.tokens - 1
      switch selection {
      case .requested:
        for token in (state.everyToken ? first : last)...last {
          (result + row * each.count)
            .update(from: source + token * each.count, count: columns.count)
          row += 1
        }
      case .first:
        (result + row * each.count).update(from: source + first * each.count, count: columns.count)
        row += 1
      case .mean:
        mean(of: source, first: first, part.tokens, each.count, columns.count, result, row)
        row += 1
      }
    }
  }

  /// Plain additions in the order of tokens, then one division.
  private func mean(
    of source: UnsafeMutablePointer<Float>, first: Int, _ tokens: Int, _ stride: Int, _ count: Int,
    _ result: UnsafeMutablePointer<Float>, _ row: Int
  ) {
    let sums = result + row * stride
    for column in 0..<count { sums[column] = source[first * stride + column] }
    for token in first + 1..<first + tokens {
      for column in 0..<count { sums[column] += source[token * stride + column] }
    }
    for column in 0..<count { sums[column] /= Float(tokens) }
  }
}
