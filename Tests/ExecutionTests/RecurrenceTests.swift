import Execution
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct RecurrenceTests {
  /// An LSTM of 5 under a GRU of 4, over 4 steps of 3; whole 64ths count through every parameter.
  static func stacked(last: Bool) throws -> QuantizedModel {
    let lstm = Recurrence(.lstm, features: 5, result: last ? .last : .every)
    var nodes = [
      Node(id: 0, name: "input", operation: .input(Shape([4, 1, 3])), inputs: []),
      Node(id: 1, name: "a.input", operation: .products(of: lstm), inputs: [0]),
      Node(id: 2, name: "a", operation: .recurrence(lstm), inputs: [1]),
    ]
    if !last {
      let gru = Recurrence(.gru, features: 4)
      nodes += [
        Node(id: 3, name: "b.input", operation: .products(of: gru), inputs: [2]),
        Node(id: 4, name: "b", operation: .recurrence(gru), inputs: [3]),
      ]
    }
    let factors = [
      "a.input.weight": 37, "a.weight": 41, "a.input.bias": 43, "a.bias": 47,
      "b.input.weight": 53, "b.weight": 59, "b.input.bias": 61, "b.bias": 31,
    ]
    let graph = try Graph(nodes)
    var weights = Weights()
    for parameter in graph.parameters {
      weights[parameter.name] = Tensor(
        shape: parameter.shape,
        values: numbers(parameter.elementCount, try #require(factors[parameter.name])))
    }
    var arithmetic: [Node.ID: NodeArithmetic] = [:]
    for node in nodes.dropFirst() { arithmetic[node.id] = .float32 }
    return QuantizedModel(
      graph: graph, weights: weights, arithmetic: arithmetic,
      storage: Array(repeating: .float32, count: nodes.count))
  }

  private static func numbers(_ count: Int, _ factor: Int) -> [Float] {
    (0..<count).map { Float(($0 * factor + 11) % 64 - 32) / 64 }
  }

  // What PyTorch's documented formulas give for these numbers in NumPy's float64.
  @Test(arguments: [
    (true, [-0.072584784, 0.198539791, 0.204739532, -0.00560710428, -0.26647768]),
    (false, [0.180956181, 0.075577978, -0.0806468635, 0.181485718]),
  ])
  func `states are those of the published formulas`(last: Bool, expected: [Double]) throws {
    let model = try Self.stacked(last: last)
    let input = Self.numbers(12, 29).map { $0 * 4 }
    let found = try run(model, [input], batch: 1, options: ExecutionOptions())
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(abs(Double(found) - expected) < 3e-7) }
  }

  @Test func `every state is the last state of a shorter sequence`() throws {
    for kind in Recurrence.Kind.allCases {
      func model(_ steps: Int, _ result: Recurrence.Result) throws -> QuantizedModel {
        let recurrence = Recurrence(kind, features: 19, result: result)
        let graph = try Graph([
          Node(
            id: 0, name: "input", operation: .input(Shape([steps, 1, recurrence.products])),
            inputs: []),
          Node(id: 1, name: "a", operation: .recurrence(recurrence), inputs: [0]),
        ])
        let weights = graph.parameters.map {
          ($0.name, Tensor(shape: $0.shape, values: Self.numbers($0.elementCount, 41)))
        }
        return QuantizedModel(
          graph: graph, weights: Weights(Dictionary(uniqueKeysWithValues: weights)),
          arithmetic: [1: .float32], storage: [.float32, .float32])
      }
      let width = kind.gates * 19
      let input = RandomModel.numbers(6 * width, seed: 8)
      let all = try run(try model(6, .every), [input], batch: 1, options: ExecutionOptions())
      for steps in 1...6 {
        let last = try run(
          try model(steps, .last), [Array(input.prefix(steps * width))], batch: 1,
          options: ExecutionOptions())
        #expect(Array(all[(steps - 1) * 19..<steps * 19]) == last)
      }
    }
  }

  @Test func `a quantized state needs a range`() throws {
    let model = try Self.stacked(last: true)
    let matrix = FloatMatrix(
      name: "a.weight", rows: 20, columns: 5, values: model.weights["a.weight"]?.values ?? [])
    var weights = model.weights
    weights["a.weight"] = nil
    let quantized = QuantizedModel(
      graph: model.graph, weights: weights,
      arithmetic: [
        1: .float32,
        2: .integer(
          weight: try AffineFormat.int8.encode(
            matrix, grouping: Grouping(.channel, symmetric: true)), dynamic: nil),
      ], storage: model.storage)
    let error = #expect(throws: ExecutionError.self) { _ = try Executor(quantized).arenaBytes }
    #expect(error == .dynamicRangeMissing(node: "a"))
  }
}

extension Operation {
  /// The product of a recurrent layer's input.
  fileprivate static func products(of recurrence: Recurrence) -> Operation {
    .convolution(
      outChannels: recurrence.products, window: Window(height: 1, width: 1), hasBias: true)
  }
}
