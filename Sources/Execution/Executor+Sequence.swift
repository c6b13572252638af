public import Graphs

extension Executor {
  /// The largest context that room can be asked for.
  static var longestContext: Int { 1 << 20 }

  /// Runs tokens of sequences: each part's tokens take their places behind what its sequence holds, and see
  /// it. A part at position 0 begins its sequence anew.
  ///
  /// - Parameters:
  ///   - ids: Token ids as numbers, part after part.
  ///   - parts: Which sequence each run of tokens belongs to; a sequence at most once.
  ///   - output: Receives an output per selected row, part after part.
  /// - Throws: `.sequence`, `.examples`, `.inputCount` or `.outputCount`; then nothing has run.
  public mutating func run(
    _ ids: UnsafeBufferPointer<Float>, parts: UnsafeBufferPointer<SequencePart>,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    try bind(ids, parts: parts, output)
    execute()
  }

  /// Runs tokens of sequences held in arrays.
  ///
  /// Parameters and errors are those of the variant with buffers.
  public mutating func run(
    _ ids: Span<Float>, parts: [SequencePart], into output: inout MutableSpan<Float>
  ) throws(ExecutionError) {
    try ids.withUnsafeBufferPointer { (ids) throws(ExecutionError) in
      try output.withUnsafeMutableBufferPointer { (output) throws(ExecutionError) in
        try parts.withUnsafeBufferPointer { (parts) throws(ExecutionError) in
          try run(ids, parts: parts, into: output)
        }
      }
    }
  }

  /// Runs tokens of sequences and shows every row of every node's result, on the calling thread alone.
  ///
  /// Parameters and errors are those of `run`, and of its variant over examples that observes.
  public mutating func run(
    _ ids: Span<Float>, parts: [SequencePart], into output: inout MutableSpan<Float>,
    observing observe: (_ node: Node.ID, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(ExecutionError) {
    try ids.withUnsafeBufferPointer { (ids) throws(ExecutionError) in
      try output.withUnsafeMutableBufferPointer { (output) throws(ExecutionError) in
        try parts.withUnsafeBufferPointer { (parts) throws(ExecutionError) in
          try bind(ids, parts: parts, output)
        }
        execute(observing: observe)
      }
    }
  }

  /// Checks the call, and enters its tokens and the caller's buffers.
  private mutating func bind(
    _ ids: UnsafeBufferPointer<Float>, parts: UnsafeBufferPointer<SequencePart>,
    _ output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    guard let room = sequences, let state = runtime.pointee.machine.sequences else {
      throw .sequence(.otherRun(isSequence: false))
    }
    let tokens = try check(parts, room)
    guard (1...room.tokens).contains(tokens) else {
      throw .examples(found: tokens, limit: room.tokens)
    }
    guard ids.count == tokens else { throw .inputCount(expected: tokens, found: ids.count) }
    if let vocabulary = program.vocabulary {
      for index in 0..<tokens {
        let id = ids[index]
        guard id >= 0, id < Float(vocabulary), id == id.rounded(.down) else {
          throw .sequence(
            .token(
              node: graph.smallestEmbedding?.node ?? "", index: index, found: id,
              vocabulary: vocabulary))
        }
      }
    }
    let selected = selectedRows(tokens: tokens, parts: parts.count, room)
    try enter(ids, rows: tokens, output, selected: selected)
    var token = 0
    for (index, part) in parts.enumerated() {
      state.pointee.parts[index] = part
      for offset in 0..<part.tokens {
        state.pointee.positions[token] = Int32(truncatingIfNeeded: part.position + offset)
        state.pointee.ids[token] = program.vocabulary == nil ? 0 : Int32(ids[token])
        token += 1
      }
    }
    state.pointee.partCount = parts.count
  }

  /// Rows after the selection of tokens.
  private func selectedRows(tokens: Int, parts: Int, _ room: SequenceOptions) -> Int {
    let asRequested = graph.nodes.contains { $0.operation == .tokens(.requested) }
    return asRequested && room.outputs == .every ? tokens : parts
  }

  /// Checks the parts of a call and counts their tokens.
  private func check(
    _ parts: UnsafeBufferPointer<SequencePart>, _ room: SequenceOptions
  ) throws(ExecutionError) -> Int {
    guard parts.count <= room.count else {
      throw .sequence(.unknownSequence(part: room.count, found: parts.count - 1, count: room.count))
    }
    var tokens = 0
    for (index, part) in parts.enumerated() {
      guard (0..<room.count).contains(part.sequence) else {
        throw .sequence(
          .unknownSequence(part: index, found: part.sequence, count: room.count))
      }
      guard !parts[..<index].contains(where: { $0.sequence == part.sequence }) else {
        throw .sequence(.repeatedSequence(part: index, sequence: part.sequence))
      }
      guard part.tokens > 0, part.position >= 0 else { throw .sequence(.emptyPart(part: index)) }
      guard part.tokens <= room.context, part.position <= room.context - part.tokens else {
        let (end, overflow) = part.position.addingReportingOverflow(part.tokens)
        throw .sequence(
          .contextOverflow(part: index, end: overflow ? .max : end, context: room.context))
      }
      guard part.position == 0 || !graph.attendsToAll else {
        throw .sequence(.partOfWhole(part: index, position: part.position))
      }
      tokens += part.tokens
    }
    return tokens
  }
}

extension ExecutionOptions {
  /// Checks that there is room for sequences exactly where the graph needs it.
  func checkRoom(for graph: Graph) throws(ExecutionError) {
    guard let room = sequences else {
      if graph.isSequence { throw .sequence(.roomMissing) }
      return
    }
    guard graph.isSequence else { throw .sequence(.roomUnused) }
    let longest = Executor.longestContext
    guard room.count >= 1, (1...longest).contains(room.context), room.count <= longest,
      (1...room.context * room.count).contains(room.tokens)
    else { throw .sequence(.room(room)) }
    for node in graph.nodes {
      guard case .positionEmbedding(let rows) = node.operation, room.context > rows else {
        continue
      }
      throw .sequence(.positions(node: node.name, rows: rows, context: room.context))
    }
  }
}

extension Graph {
  /// Whether some token sees tokens behind itself.
  fileprivate var attendsToAll: Bool {
    nodes.contains { if case .attention(let it) = $0.operation { !it.isCausal } else { false } }
  }
}
