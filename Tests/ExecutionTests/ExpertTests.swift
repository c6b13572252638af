import CJemalloc
import Execution
import Foundation
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct ExpertTests {
  static func inputs(_ count: Int, _ width: Int, seed: UInt64) -> [[Float]] {
    (0..<count).map { RandomModel.numbers(width, seed: seed &* 1_000 + UInt64($0)) }
  }

  /// What one row's scores choose, in double precision.
  static func choice(
    _ scores: [Double], _ chosen: Int, isNormalized: Bool
  ) -> [(expert: Int, weight: Double)] {
    let largest = scores.max() ?? 0
    let powers: [Double] = scores.map { exp($0 - largest) }
    let ranked: [Int] = scores.indices.sorted {
      scores[$0] > scores[$1] || scores[$0] == scores[$1] && $0 < $1
    }
    let best: [Int] = ranked.prefix(chosen).sorted()
    let counted: [Int] = isNormalized ? best : Array(scores.indices)
    let total: Double = counted.reduce(0.0) { $0 + powers[$1] }
    return best.map { (expert: $0, weight: powers[$0] / total) }
  }

  /// A routing of scores that are the input.
  static func routed(
    _ scores: [Float], chosen: Int, isNormalized: Bool
  ) throws -> [Float] {
    let routing = Routing(experts: scores.count, chosen: chosen, isNormalized: isNormalized)
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([scores.count])), inputs: []),
      Node(id: 1, name: "routing", operation: .routing(routing), inputs: [0]),
    ])
    let model = QuantizedModel(
      graph: graph, weights: Weights(), arithmetic: [:], storage: [.float32, .float32])
    return try run(model, [scores], batch: 1, options: ExecutionOptions())
  }

  @Test func `the largest scores are chosen and of equal ones the first`() throws {
    for seed in UInt64(1)...50 {
      var generator = SeededGenerator(seed: seed)
      let experts = Int.random(in: 1...20, using: &generator)
      let chosen = Int.random(in: 1...experts, using: &generator)
      // Few different scores, so that many are equal.
      let scores = (0..<experts).map { _ in Float(Int.random(in: -3...3, using: &generator)) / 2 }
      for isNormalized in [false, true] {
        let found = try Self.routed(scores, chosen: chosen, isNormalized: isNormalized)
        let expected = Self.choice(scores.map(Double.init), chosen, isNormalized: isNormalized)
        let numbers = expected.map { Float($0.expert) }
        #expect(Array(found.prefix(chosen)) == numbers, "seed \(seed)")
        for (found, expected) in zip(found.suffix(chosen), expected) {
          #expect(abs(Double(found) - expected.weight) <= 1e-6, "seed \(seed)")
        }
      }
    }
  }

  @Test func `scores that are no numbers choose experts all the same`() throws {
    let mixed = try Self.routed([.nan, 1, .nan, -.infinity, 2], chosen: 4, isNormalized: true)
    #expect(mixed.prefix(4) == [0, 1, 2, 4])
    #expect(mixed.suffix(4).filter { !$0.isNaN } == [])
    let none = try Self.routed([.nan, .nan, .nan], chosen: 2, isNormalized: false)
    #expect(none.prefix(2) == [0, 1])
    let infinite = try Self.routed([0, .infinity, .infinity], chosen: 2, isNormalized: false)
    #expect(infinite.prefix(2) == [1, 2])
  }

  /// The whole block for one row by plain loops in double precision.
  static func block(_ model: ExpertModel, _ weights: Weights, _ row: [Float]) -> [Double] {
    func linear(_ name: String, _ x: [Double]) -> [Double] {
      let weight: [Float] = weights["\(name).weight"]?.values ?? []
      var result: [Double] = []
      for output in 0..<weight.count / x.count {
        var sum = 0.0
        for index in x.indices { sum += x[index] * Double(weight[output * x.count + index]) }
        result.append(sum)
      }
      return result
    }
    func feedForward(_ prefix: String, _ suffix: String, _ x: [Double]) -> [Double] {
      let gate = linear(prefix + "gate" + suffix, x)
      let up = linear(prefix + "up" + suffix, x)
      let inner: [Double] = zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }
      return linear(prefix + "down" + suffix, inner)
    }
    let x = row.map(Double.init)
    var result = [Double](repeating: 0, count: x.count)
    let choice = choice(linear("router", x), model.chosen, isNormalized: model.isNormalized)
    for (expert, weight) in choice {
      for (column, value) in feedForward("", ".\(expert)", x).enumerated() {
        result[column] += weight * value
      }
    }
    guard model.hasShared else { return result }
    let factor = 1 / (1 + exp(-linear("shared_router", x)[0]))
    return zip(result, feedForward("shared_", "", x)).map { $0 + factor * $1 }
  }

  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func `a block is what plain loops in double precision give`(
    isNormalized: Bool, hasShared: Bool
  ) throws {
    for seed in UInt64(1)...12 {
      var generator = SeededGenerator(seed: seed)
      var block = ExpertModel()
      block.experts = Int.random(in: 1...9, using: &generator)
      block.chosen = Int.random(in: 1...block.experts, using: &generator)
      block.width = Int.random(in: 1...70, using: &generator)
      block.hidden = Int.random(in: 1...130, using: &generator)
      block.isNormalized = isNormalized
      block.hasShared = hasShared
      block.seed = seed
      let model = try block.make()
      let rows = Self.inputs(9, block.width, seed: seed)
      let found = try run(model, rows, batch: 9, options: ExecutionOptions())
      let expected = rows.flatMap { Self.block(block, model.weights, $0) }
      let worst = zip(found, expected).map { abs(Double($0) - $1) / max(1, abs($1)) }.max() ?? 1
      #expect(found.count == expected.count && worst <= 1e-5, "seed \(seed)")
    }
  }

  /// What a model of one linear layer gives for a row.
  static func linear(
    _ arithmetic: NodeArithmetic, _ weight: Tensor?, outputs: Int, _ row: [Float],
    storage: [ValueStorage] = [.float32, .float32]
  ) throws -> [Float] {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([row.count])), inputs: []),
      Node(
        id: 1, name: "a", operation: .linear(outFeatures: outputs, hasBias: false), inputs: [0]),
    ])
    let model = QuantizedModel(
      graph: graph, weights: Weights(weight.map { ["a.weight": $0] } ?? [:]),
      arithmetic: [1: arithmetic], storage: storage)
    return try run(model, [row], batch: 1, options: ExecutionOptions())
  }

  /// Results of all nodes by name, row after row.
  static func results(
    _ model: QuantizedModel, _ rows: [[Float]]
  ) throws -> [String: [[Float]]] {
    var executor = try Executor(model, options: ExecutionOptions(maximumBatch: rows.count))
    var output = [Float](repeating: 0, count: rows.count * model.graph.outputShape.elementCount)
    var span = output.mutableSpan
    let input = rows.flatMap(\.self)
    var results: [String: [[Float]]] = [:]
    try executor.run(input.span, examples: rows.count, into: &span) { node, _, values in
      results[model.graph.nodes[node].name, default: []].append(
        values.indices.map { values[$0] })
    }
    return results
  }

  @Test(arguments: ExpertModel.Weights.allCases)
  func `an expert gives the bits of a linear layer`(_ kind: ExpertModel.Weights) throws {
    let block = ExpertModel(seed: 7)
    let model = try block.make(kind)
    let rows = Self.inputs(11, block.width, seed: 3)
    let results = try Self.results(model, rows)
    for (name, operand) in [("gate", "input"), ("up", "input"), ("down", "gated")] {
      let node = try #require(model.graph.nodes.first { $0.name == name })
      let outputs = model.graph.weightRows(of: node)
      let length = model.graph.summationLength(of: node)
      for row in rows.indices {
        for place in 0..<block.chosen {
          let expert = Int(try #require(results["routing"])[row][place])
          let all = try #require(results[operand])[row]
          let part = operand == "input" ? all : Array(all[place * length..<(place + 1) * length])
          var arithmetic = NodeArithmetic.float32
          if case .experts(let parts)? = model.arithmetic[node.id] { arithmetic = parts[expert] }
          let expected = try Self.linear(
            arithmetic, model.weights["\(name).\(expert).weight"], outputs: outputs, part)
          let found = try #require(results[name])[row][place * outputs..<(place + 1) * outputs]
          #expect(
            found.map(\.bitPattern) == expected.map(\.bitPattern), "\(name), row \(row)")
        }
      }
    }
  }

  @Test func `stored codes are read and written as by a linear layer`() throws {
    let block = ExpertModel(seed: 4)
    let affine = AffineParameters(scale: 1 / 64, zeroPoint: 120)
    let form = ValueStorage.uint8(affine)
    let dynamic = try block.make(.int4, to: "gate")
    let nodes =
      dynamic.graph.nodes
      + [Node(id: 4, name: "flat", operation: .flatten, inputs: [3])]
    guard case .experts(let parts)? = dynamic.arithmetic[3] else {
      Issue.record("no experts")
      return
    }
    let fixed = try parts.map { part -> NodeArithmetic in
      guard case .integer(let weight, _) = part else { throw CancellationError() }
      return .integer(weight: weight, dynamic: nil)
    }
    let model = QuantizedModel(
      graph: try Graph(nodes), weights: dynamic.weights,
      arithmetic: [1: .float32, 3: .experts(fixed)],
      storage: [form, .float32, .float32, form, .float32])
    let rows = Self.inputs(6, block.width, seed: 9)
    let results = try Self.results(model, rows)
    for row in rows.indices {
      for place in 0..<block.chosen {
        let expert = Int(try #require(results["routing"])[row][place])
        let expected = try Self.linear(
          fixed[expert], nil, outputs: block.hidden, rows[row], storage: [form, .float32])
        let found = try #require(results["flat"])[row]
        for (column, value) in expected.enumerated() {
          let code = (value / affine.scale).rounded(.toNearestOrEven) + Float(affine.zeroPoint)
          let stored = (min(max(code, 0), 255) - Float(affine.zeroPoint)) * affine.scale
          #expect(found[place * block.hidden + column] == stored, "row \(row), column \(column)")
        }
      }
    }
  }

  @Test(arguments: ExpertModel.Weights.allCases)
  func `other rows, threads and instruction sets change no bit`(
    _ kind: ExpertModel.Weights
  ) throws {
    for seed in UInt64(1)...3 {
      var block = ExpertModel(seed: seed)
      block.experts = [3, 8, 17][Int(seed) - 1]
      block.chosen = [1, 2, 5][Int(seed) - 1]
      block.hidden = 192
      block.hasShared = seed == 2
      let model = try block.make(kind)
      let rows = Self.inputs(13, block.width, seed: seed)
      let expected = try run(model, rows, batch: 1, options: ExecutionOptions())
      for set in InstructionSet.available {
        for threads in 1...3 {
          for batch in [2, 7, 13] {
            let found = try run(
              model, rows, batch: batch,
              options: ExecutionOptions(threads: threads, instructionSet: set))
            #expect(
              found.map(\.bitPattern) == expected.map(\.bitPattern),
              "seed \(seed), \(set), \(threads) threads, batch \(batch)")
          }
        }
      }
    }
  }

  @Test func `tokens in another order give the same bits in that order`() throws {
    let block = ExpertModel(experts: 8, seed: 5)
    let model = try block.make(.int8)
    let rows = Self.inputs(20, block.width, seed: 6)
    let whole = try run(model, rows, batch: 20, options: ExecutionOptions())
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<5 {
      let order = rows.indices.shuffled(using: &generator)
      let found = try run(model, order.map { rows[$0] }, batch: 20, options: ExecutionOptions())
      for (place, row) in order.enumerated() {
        let width = block.width
        #expect(
          found[place * width..<(place + 1) * width].map(\.bitPattern)
            == whole[row * width..<(row + 1) * width].map(\.bitPattern))
      }
    }
  }

  @Test(arguments: ExpertModel.Weights.allCases)
  func `runs over experts allocate nothing`(_ kind: ExpertModel.Weights) throws {
    func allocated() -> UInt64 {
      var bytes: UInt64 = 0
      var size = MemoryLayout<UInt64>.size
      return mallctl("thread.allocated", &bytes, &size, nil, 0) == 0 ? bytes : .max
    }
    let block = ExpertModel(hasShared: true, seed: 2)
    var executor = try Executor(
      try block.make(kind), options: ExecutionOptions(maximumBatch: 8, threads: 2))
    let input = Self.inputs(8, block.width, seed: 2).flatMap(\.self)
    var output = [Float](repeating: 0, count: input.count)
    var span = output.mutableSpan
    let before = allocated()
    for _ in 0..<50 { try executor.run(input.span, examples: 8, into: &span) }
    let after = allocated()
    #expect(after == before && after < .max)
  }

  @Test func `gate and up share grouping, rounding and gathering`() throws {
    let executor = try Executor(
      try ExpertModel().make(.int8), options: ExecutionOptions(maximumBatch: 4))
    let kernels = executor.plan.map(\.kernel)
    #expect(
      kernels == [
        "gemm_f32", "softmax_f32", "route", "group", "quantize_rows_u8", "gather", "gemm_u8s8",
        "gemm_u8s8", "silu_times_f32", "quantize_rows_u8", "gather", "gemm_u8s8", "mixture_f32",
      ])
  }

  @Test func `an arithmetic is there for every expert, of one kind`() throws {
    func error(_ change: (inout [NodeArithmetic]) throws -> Void) throws -> ExecutionError? {
      let model = try ExpertModel(seed: 3).make(.int8)
      var arithmetic = model.arithmetic
      guard case .experts(var parts)? = arithmetic[3] else { return nil }
      try change(&parts)
      arithmetic[3] = .experts(parts)
      let broken = QuantizedModel(
        graph: model.graph, weights: model.weights, arithmetic: arithmetic, storage: model.storage)
      do throws(ExecutionError) {
        _ = try Executor(broken).arenaBytes
        return nil
      } catch { return error }
    }
    let expected = ExecutionError.expertArithmetic(node: "gate", experts: 5)
    #expect(try error { _ in } == nil)
    #expect(try error { $0.removeLast() } == expected)
    #expect(try error { $0[1] = .float32 } == expected)
    #expect(
      try error { parts in
        let matrix = FloatMatrix(
          name: "x", rows: 128, columns: 63, values: RandomModel.numbers(128 * 63, seed: 1))
        parts[4] = try ExpertModel.arithmetic(.int8, matrix)
      } == .weightShape(node: "gate.4", expected: [128, 64], found: [128, 63]))
    let float = try ExpertModel(seed: 3).make()
    var weights = float.weights
    weights["down.3.weight"] = nil
    let missing = QuantizedModel(
      graph: float.graph, weights: weights, arithmetic: float.arithmetic, storage: float.storage)
    let found = #expect(throws: ExecutionError.self) { _ = try Executor(missing).arenaBytes }
    #expect(found == .parameter(.parameterMissing(name: "down.3.weight", shape: [64, 128])))
    var storage = float.storage
    storage[2] = .uint8(AffineParameters(scale: 1, zeroPoint: 0))
    let stored = QuantizedModel(
      graph: float.graph, weights: float.weights, arithmetic: float.arithmetic, storage: storage)
    let rounded = #expect(throws: ExecutionError.self) { _ = try Executor(stored).arenaBytes }
    #expect(rounded == .routingStorage(node: "routing"))
  }
}
