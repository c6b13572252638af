import Checkpoints
import Graphs

extension ONNXOperator {
  /// Attention as one operator.
  static let attention: [ONNXOperator] = [
    ONNXOperator("Attention") { (importer) throws(CheckpointError) in try importer.attention() },
    ONNXOperator("RotaryEmbedding") { (importer) throws(CheckpointError) in
      [try importer.rotaryEmbedding()]
    },
  ]
}

extension ONNXImporter {
  /// Heads apart, `[sequences, heads, tokens, head size]`.
  private mutating func heads(
    _ value: ImportedValue, _ count: Int
  ) throws(CheckpointError) -> ImportedValue {
    if value.shape.count == 4 { return value }
    guard value.shape.count == 3, count > 0, value.shape[2].isMultiple(of: count) else {
      throw failure("heads, or tokens of \(count) heads", "\(Shape(value.shape))")
    }
    let parts = try reshaped(
      value, to: [value.shape[0], value.shape[1], count, value.shape[2] / count])
    return try permuted(parts, [0, 2, 1, 3])
  }

  /// Tokens `[sequences, tokens, heads · head size]` of heads.
  private mutating func headsJoined(
    _ value: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    let tokens = try permuted(value, [0, 2, 1, 3])
    return try reshaped(
      tokens, to: [tokens.shape[0], tokens.shape[1], tokens.shape[2] * tokens.shape[3]])
  }

  /// softmax(scale · Q Kᵀ + mask) V, past keys and values before the new ones.
  fileprivate mutating func attention() throws(CheckpointError) -> [ImportedValue] {
    let isFlat = try operand(0).shape.count == 3
    let query = try heads(operand(0), integer("q_num_heads", 0))
    var key = try heads(operand(1), integer("kv_num_heads", 0))
    var value = try heads(operand(2), integer("kv_num_heads", 0))
    let past = optional(4)?.shape.dropFirst(2).first ?? 0
    if let pastKey = optional(4), let pastValue = optional(5) {
      key = try joined(pastKey, key, 2)
      value = try joined(pastValue, value, 2)
    }
    let present = [key, value]
    let (heads, shared) = (query.shape[1], key.shape[1])
    guard shared > 0, heads.isMultiple(of: shared), value.shape[1] == shared else {
      throw failure("\(heads) heads in equal groups", "\(shared)")
    }
    if shared < heads {
      let places = (0..<heads).map { $0 / (heads / shared) }
      key = try taken(key, 1, places)
      value = try taken(value, 1, places)
    }
    let size = Float(query.shape[3])
    let scale = try float("scale", 1 / size.squareRoot())
    let turned = try permuted(key, [0, 1, 3, 2])
    let products = try apply(.matrixProduct, [query, turned], .float32)
    let scores = try apply(.map(.affine(factor: scale, offset: 0)), [products])
    let capped = try softCapped(scores)
    let masked = try masked(capped, past: past)
    let weights = try apply(.softmax, [masked])
    var result = try apply(.matrixProduct, [weights, value], .float32)
    if isFlat { result = try headsJoined(result) }
    let shown = [scores, capped, masked, weights]
    let mode = try integer("qk_matmul_output_mode", 0)
    guard shown.indices.contains(mode) else { throw failure("a mode of 0…3", "\(mode)") }
    return [result] + present + [shown[mode]]
  }

  /// Scores held below a limit by a hyperbolic tangent.
  private mutating func softCapped(
    _ scores: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    let cap = try float("softcap", 0)
    guard cap > 0 else { return scores }
    let small = try apply(.map(.affine(factor: 1 / cap, offset: 0)), [scores])
    return try apply(.map(.affine(factor: cap, offset: 0)), [function(.tanh, small)])
  }

  /// Scores with the mask added; what is hidden becomes −∞.
  private mutating func masked(
    _ scores: ImportedValue, past: Int
  ) throws(CheckpointError) -> ImportedValue {
    var result = scores
    let hidden = ImportedValue.number(-.infinity)
    let (tokens, context) = (scores.shape[2], scores.shape[3])
    if var mask = optional(3) {
      if let extent = mask.shape.last, extent < context {
        // What a short mask does not mention is hidden.
        let places = (0..<context).map { $0 < extent ? $0 : -1 }
        let filling: Float = mask.element == .bool ? 0 : -.infinity
        mask = try taken(mask, mask.shape.count - 1, places, filling: filling)
      }
      result =
        mask.element == .bool
        ? try apply(.choice, [mask, result, hidden], .float32)
        : try combine(.add, result, mask)
    }
    if let lengths = optional(6) {
      guard lengths.count == scores.shape[0] else {
        throw failure("\(scores.shape[0]) lengths", "\(lengths.count)")
      }
      // Every sequence sees so many keys, the rest is padding.
      let places = try counted(context, along: 3, of: 4)
      let isSeen = try combine(
        .less, places, reshaped(lengths, to: [lengths.count, 1, 1, 1]), .bool)
      result = try apply(.choice, [isSeen, result, hidden], .float32)
    }
    guard try integer("is_causal", 0) == 1 else { return result }
    try requireSmall(tokens, times: context)
    let seen = ImportedConstant(
      shape: [tokens, context], element: .bool,
      values: (0..<tokens * context).map { place in
        let (token, other) = place.quotientAndRemainder(dividingBy: context)
        return other <= token + past ? 1 : 0
      })
    return try apply(.choice, [.constant(seen), result, hidden], .float32)
  }

  /// Pairs of elements of every head turned by the angles of their position.
  fileprivate mutating func rotaryEmbedding() throws(CheckpointError) -> ImportedValue {
    let isFlat = try operand(0).shape.count == 3
    let value = try heads(operand(0), integer("num_heads", 0))
    let size = value.shape[3]
    let stated = try integer("rotary_embedding_dim", 0)
    let turned = stated == 0 ? size : stated
    guard turned > 0, turned <= size, turned.isMultiple(of: 2) else {
      throw failure("an even number of at most \(size) elements", "\(turned)")
    }
    let half = turned / 2
    let isInterleaved = try integer("interleaved", 0) == 1
    let cosines = try angles(1, half, value.shape)
    let sines = try angles(2, half, value.shape)
    let step = isInterleaved ? 2 : 1
    let first = try walked(value, 3, from: 0, count: half, step: step)
    let second = try walked(value, 3, from: isInterleaved ? 1 : half, count: half, step: step)
    let left = try combine(
      .subtract, combine(.multiply, first, cosines), combine(.multiply, second, sines))
    let right = try combine(
      .add, combine(.multiply, first, sines), combine(.multiply, second, cosines))
    var result = try joined(left, right, 3)
    if isInterleaved {
      result = try taken(result, 3, (0..<turned).map { $0 / 2 + $0 % 2 * half })
    }
    if turned < size {
      result = try joined(result, walked(value, 3, from: turned, count: size - turned), 3)
    }
    return isFlat ? try headsJoined(result) : result
  }

  /// Cosines or sines `[sequences, 1, tokens, pairs]`.
  private mutating func angles(
    _ index: Int, _ pairs: Int, _ shape: [Int]
  ) throws(CheckpointError) -> ImportedValue {
    var table = try operand(index)
    if let positions = optional(3) {
      guard let places = positions.constant, let count = table.shape.first,
        table.shape.count == 2, places.integers.allSatisfy({ 0..<count ~= $0 })
      else { throw failure("positions within the table, known before it runs", "others") }
      table = try reshaped(
        taken(table, 0, places.integers), to: places.shape + [table.shape[1]])
    }
    guard table.shape.count == 3, table.shape[2] == pairs else {
      throw failure("angles of \(pairs) pairs", "\(Shape(table.shape))")
    }
    return try reshaped(table, to: [table.shape[0], 1, table.shape[1], pairs])
  }
}
