import Architectures
import Execution
import Graphs

/// A transformer that is ready to run one phase of a sequence's life; its inputs are windows of token ids.
///
/// Sequences side by side get the same window, each rotated by its number, so that their tokens differ.
/// Decoding fills the caches with the tokens before the last one once, at the first run, some at a time, and
/// from then on runs last tokens alone, at the same place: every run does the same work.
final class SequenceWorkload {
  private var executor: Executor
  private let work: SequenceWork
  /// Tokens of a window.
  private let tokens: Int
  private let ids: UnsafeMutableBufferPointer<Float>
  private let parts: UnsafeMutableBufferPointer<SequencePart>
  private var isPrimed = false

  init(executor: consuming Executor, work: SequenceWork, tokens: Int) {
    self.executor = executor
    self.work = work
    self.tokens = tokens
    ids = .allocate(capacity: tokens * work.batch)
    ids.initialize(repeating: 0)
    parts = .allocate(capacity: work.batch)
    parts.initialize(repeating: SequencePart(position: 0, tokens: 1))
  }

  deinit {
    ids.deallocate()
    parts.deallocate()
  }

  /// Tokens of a sequence that fill a cache at once.
  private static let fillTokens = 64

  /// Room for the work over windows of so many tokens.
  static func room(_ work: SequenceWork, tokens: Int) -> SequenceOptions {
    SequenceOptions(
      count: work.batch, context: tokens,
      tokens: work.phase == .decode
        ? min(fillTokens, tokens) * work.batch : tokens * work.batch,
      outputs: work.phase == .score ? .every : .last)
  }

  /// Runs one window.
  func run(
    _ window: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    guard window.count == tokens else {
      throw .inputCount(expected: tokens, found: window.count)
    }
    guard work.phase == .decode else {
      return try run(window, positions: 0..<tokens, into: output)
    }
    if !isPrimed {
      for position in stride(from: 0, to: tokens - 1, by: Self.fillTokens) {
        let end = min(position + Self.fillTokens, tokens - 1)
        try run(window, positions: position..<end, into: output)
      }
      isPrimed = true
    }
    try run(window, positions: tokens - 1..<tokens, into: output)
  }

  /// Runs the first `filled` tokens of a window, where the model makes one output of them; else the window.
  func run(
    _ window: UnsafeBufferPointer<Float>, filled: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    guard work.phase != .decode, !executor.graph.scoresEveryToken, (1..<tokens).contains(filled)
    else { return try run(window, into: output) }
    let text = UnsafeBufferPointer(rebasing: window[..<filled])
    try run(text, positions: 0..<filled, into: output)
  }

  /// Runs one window as ``run(_:into:)`` does and shows the result of every node for the tokens that come
  /// last.
  func observe(
    _ window: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>,
    _ observe: (_ node: ObservedNode, _ row: Int, _ values: Span<Float>) -> Void
  ) throws(ExecutionError) {
    // The caches are filled, and what is shown is then the very same work.
    try run(window, into: output)
    let positions = work.phase == .decode ? tokens - 1..<tokens : 0..<tokens
    let count = enter(window, positions: positions)
    let nodes = executor.observedNodes
    var result = output.mutableSpan
    try executor.run(
      UnsafeBufferPointer(rebasing: ids[..<count]).span, parts: Array(parts), into: &result
    ) { id, row, values in observe(nodes[id], row, values) }
  }

  private func run(
    _ window: UnsafeBufferPointer<Float>, positions: Range<Int>,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(ExecutionError) {
    let count = enter(window, positions: positions)
    try executor.run(
      UnsafeBufferPointer(rebasing: ids[..<count]), parts: UnsafeBufferPointer(parts),
      into: output)
  }

  /// Writes the tokens and the parts of one call; returns how many tokens.
  private func enter(_ window: UnsafeBufferPointer<Float>, positions: Range<Int>) -> Int {
    var count = 0
    for sequence in 0..<work.batch {
      parts[sequence] = SequencePart(
        sequence: sequence, position: positions.lowerBound, tokens: positions.count)
      for position in positions {
        ids[count] = window[(position + sequence) % window.count]
        count += 1
      }
    }
    return count
  }

  /// Elements of one run's output.
  var outputSize: Int {
    let rows = work.phase == .score && executor.graph.scoresEveryToken ? tokens : work.batch
    return rows * executor.graph.outputShape.elementCount
  }

  var inputSize: Int { tokens }
}

extension Graph {
  /// Whether a selection leaves it to execution which tokens give an output.
  fileprivate var scoresEveryToken: Bool {
    nodes.contains { $0.operation == .tokens(.requested) }
  }
}
