import CJemalloc
import Execution
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct SequenceTests {
  /// Runs calls of parts and returns the outputs of all of them, call after call.
  static func run(
    _ model: QuantizedModel, _ calls: [[(tokens: [Float], sequence: Int, position: Int)]],
    outputs: SequenceOptions.Outputs = .every, threads: Int = 1, set: InstructionSet = .best
  ) throws -> [Float] {
    let tokens = calls.map { $0.reduce(0) { $0 + $1.tokens.count } }.max() ?? 1
    let room = SequenceOptions(
      count: 3, context: SequenceModel.longest, tokens: tokens, outputs: outputs)
    var executor = try Executor(
      model,
      options: ExecutionOptions(threads: threads, instructionSet: set, sequences: room))
    var result: [Float] = []
    for call in calls {
      let ids = call.flatMap(\.tokens)
      let parts = call.map {
        SequencePart(sequence: $0.sequence, position: $0.position, tokens: $0.tokens.count)
      }
      let hasEvery =
        outputs == .every && model.graph.nodes.contains { $0.operation == .tokens(.requested) }
      let rows = hasEvery ? ids.count : call.count
      var output = [Float](repeating: .nan, count: rows * model.graph.outputShape.elementCount)
      var span = output.mutableSpan
      try executor.run(ids.span, parts: parts, into: &span)
      result += output
    }
    return result
  }

  @Test(arguments: SequenceModel.allCases)
  func `fp32 results are those of double precision within rounding`(
    _ family: SequenceModel
  ) throws {
    for seed in UInt64(1)...6 {
      let model = try family.make(seed: seed, isQuantized: false)
      let ids = SequenceModel.tokens(Int(seed) * 6 + 1, seed: seed)
      let found = try Self.run(model, [[(ids, 1, 0)]])
      let expected = DoubleSequenceInterpreter(model: model).outputs(for: ids)
      #expect(found.count == expected.count)
      let worst = zip(found, expected).map { abs(Double($0) - $1) / max(1, abs($1)) }.max() ?? 1
      #expect(worst <= 2e-5, "seed \(seed)")
    }
  }

  @Test(arguments: [SequenceModel.llama, .gpt2, .experts], CacheStorage.allCases)
  func `tokens one by one, in parts or among other sequences give the same bits`(
    _ family: SequenceModel, _ cache: CacheStorage
  ) throws {
    for isQuantized in [false, true] {
      let model = try family.make(seed: 7, isQuantized: isQuantized, cache: cache)
      let ids = SequenceModel.tokens(37, seed: 8)
      let other = SequenceModel.tokens(20, seed: 9)
      let whole = try Self.run(model, [[(ids, 0, 0)]])
      let single = try Self.run(model, ids.enumerated().map { [([$1], 0, $0)] })
      #expect(whole.map(\.bitPattern) == single.map(\.bitPattern))
      let parts = try Self.run(
        model,
        [[(Array(ids[..<11]), 2, 0)], [(Array(ids[11..<12]), 2, 11)], [(Array(ids[12...]), 2, 12)]])
      #expect(whole.map(\.bitPattern) == parts.map(\.bitPattern))
      let mixed = try Self.run(model, [[(other, 0, 0), (ids, 1, 0), (other, 2, 0)]])
      let size = model.graph.outputShape.elementCount
      #expect(
        mixed[other.count * size..<(other.count + ids.count) * size].map(\.bitPattern)
          == whole.map(\.bitPattern))
      let last = try Self.run(model, [[(other, 2, 0), (ids, 0, 0)]], outputs: .last)
      #expect(last.suffix(size).map(\.bitPattern) == whole.suffix(size).map(\.bitPattern))
    }
  }

  @Test(arguments: SequenceModel.allCases)
  func `every instruction set and team gives the same bits`(_ family: SequenceModel) throws {
    for isQuantized in [false, true] {
      let model = try family.make(seed: 17, isQuantized: isQuantized)
      let calls = [
        [(SequenceModel.tokens(20, seed: 1), 0, 0), (SequenceModel.tokens(7, seed: 2), 2, 0)],
        [(SequenceModel.tokens(1, seed: 3), 1, 0)],
      ]
      let expected = try Self.run(model, calls, set: .scalar)
      for set in InstructionSet.available {
        for threads in 1...3 {
          let found = try Self.run(model, calls, threads: threads, set: set)
          #expect(
            found.map(\.bitPattern) == expected.map(\.bitPattern),
            "\(family), \(set), \(threads) threads")
        }
      }
    }
  }

  @Test func `layers that read one value quantize it once`() throws {
    let model = try SequenceModel.gpt2.make(seed: 5, isQuantized: true)
    let room = SequenceOptions(context: 8, tokens: 8, outputs: .last)
    let executor = try Executor(model, options: ExecutionOptions(sequences: room))
    let steps = executor.plan.filter { $0.kernel == "quantize_rows_u8" }.map(\.node)
    #expect(
      steps == [0, 1].flatMap {
        ["layer\($0).query", "layer\($0).output", "layer\($0).up", "layer\($0).down"]
      } + ["head"])
  }

  @Test func `a part at position 0 forgets what the sequence held`() throws {
    let model = try SequenceModel.llama.make(seed: 3, isQuantized: false)
    let first = SequenceModel.tokens(30, seed: 4)
    let second = SequenceModel.tokens(12, seed: 5)
    let fresh = try Self.run(model, [[(second, 0, 0)]])
    let again = try Self.run(model, [[(first, 0, 0)], [(second, 0, 0)]])
    #expect(again.suffix(fresh.count).map(\.bitPattern) == fresh.map(\.bitPattern))
  }

  @Test(arguments: SequenceModel.allCases)
  func `runs over tokens allocate nothing`(_ family: SequenceModel) throws {
    for threads in [1, 2] {
      let model = try family.make(seed: 5, isQuantized: true, cache: .int8)
      let room = SequenceOptions(count: 1, context: 24, tokens: 16, outputs: .last)
      var executor = try Executor(
        model, options: ExecutionOptions(threads: threads, sequences: room))
      let ids = SequenceModel.tokens(16, seed: 6)
      let parts = [SequencePart(position: 0, tokens: 16)]
      var output = [Float](repeating: 0, count: model.graph.outputShape.elementCount)
      let before = Self.allocatedBytes()
      for _ in 0..<50 {
        var span = output.mutableSpan
        try executor.run(ids.span, parts: parts, into: &span)
      }
      let after = Self.allocatedBytes()
      #expect(after == before, "\(family), \(threads) threads")
      #expect(executor.cacheBytes > 0)
    }
  }

  private static func allocatedBytes() -> UInt64 {
    var bytes: UInt64 = 0
    var size = MemoryLayout<UInt64>.size
    return mallctl("thread.allocated", &bytes, &size, nil, 0) == 0 ? bytes : .max
  }

  @Test func `an observer sees every token of every node`() throws {
    let model = try SequenceModel.gpt2.make(seed: 5, isQuantized: false)
    let room = SequenceOptions(context: 8, tokens: 8, outputs: .last)
    var executor = try Executor(model, options: ExecutionOptions(sequences: room))
    let ids = SequenceModel.tokens(6, seed: 6)
    var output = [Float](repeating: 0, count: SequenceModel.vocabulary)
    var span = output.mutableSpan
    var rows: [Node.ID: Int] = [:]
    try executor.run(ids.span, parts: [SequencePart(position: 0, tokens: 6)], into: &span) {
      node, _, _ in rows[node, default: 0] += 1
    }
    for node in model.graph.nodes {
      #expect(rows[node.id] == (model.graph.isSelected[node.id] ? 1 : 6), "\(node.name)")
    }
  }
}
