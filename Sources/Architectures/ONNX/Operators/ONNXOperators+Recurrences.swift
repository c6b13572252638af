import Checkpoints
import Graphs

extension ONNXOperator {
  /// Recurrent layers.
  static let recurrences: [ONNXOperator] = [
    ONNXOperator("LSTM") { (importer) throws(CheckpointError) in
      try importer.recurrence(.lstm, activations: ["Sigmoid", "Tanh", "Tanh"])
    },
    ONNXOperator("GRU") { (importer) throws(CheckpointError) in
      guard try importer.integer("linear_before_reset", 0) == 1 else {
        throw importer.failure("'linear_before_reset' 1, as PyTorch's layer has it", "0")
      }
      return try importer.recurrence(.gru, activations: ["Sigmoid", "Tanh"])
    },
  ]
}

extension Recurrence.Kind {
  /// The place in ONNX's order of each gate in this engine's.
  fileprivate var onnxGates: [Int] { self == .lstm ? [0, 2, 3, 1] : [1, 0, 2] }
}

extension ONNXImporter {
  /// Sequences of one call that become layers of their own at most.
  private static let mostSequences = 16

  fileprivate mutating func recurrence(
    _ kind: Recurrence.Kind, activations: [String]
  ) throws(CheckpointError) -> [ImportedValue] {
    var value = try operand(0)
    guard value.shape.count == 3, value.shape[0] > 0 else {
      throw failure("steps × sequences × features", "\(Shape(value.shape))")
    }
    let isBatchFirst = try integer("layout", 0) == 1
    if isBatchFirst { value = try permuted(value, [1, 0, 2]) }
    try checkSettings(activations, steps: value.shape[0])
    let direction = try text("direction", "forward")
    guard
      let directions = ["forward": [false], "reverse": [true], "bidirectional": [false, true]][
        direction]
    else { throw failure("forward, reverse or bidirectional", "'\(direction)'") }
    guard value.shape[1] <= Self.mostSequences else {
      throw failure("at most \(Self.mostSequences) sequences", "\(value.shape[1])")
    }
    var every: ImportedValue?
    var last: ImportedValue?
    for (index, isReversed) in directions.enumerated() {
      var states: ImportedValue?
      for sequence in 0..<value.shape[1] {
        let part = try walked(value, 1, from: sequence, count: 1)
        let own = try layer(kind, over: part, direction: index, of: directions.count, isReversed)
        states = try joined(states, with: own, 2)
      }
      guard let states else { continue }
      let step = isReversed ? 0 : value.shape[0] - 1
      let final = try reshaped(
        walked(states, 0, from: step, count: 1), to: [1, value.shape[1], states.shape[3]])
      every = try joined(every, with: states, 1)
      last = try joined(last, with: final, 0)
    }
    guard var every, var last else { return [] }
    if isBatchFirst {
      every = try permuted(every, [2, 0, 1, 3])
      last = try permuted(last, [1, 0, 2])
    }
    return [every, last]
  }

  private func checkSettings(_ activations: [String], steps: Int) throws(CheckpointError) {
    if case .texts(let names)? = current.attributes["activations"] {
      let expected = Array(repeating: activations, count: max(1, names.count / activations.count))
        .flatMap { $0 }
      guard names.map({ $0.lowercased() }) == expected.map({ $0.lowercased() }) else {
        throw failure("activations \(activations)", "\(names)")
      }
    }
    for name in ["clip", "input_forget"] where current.attributes[name] != nil {
      guard name == "input_forget", try integer(name, 0) == 0 else {
        throw failure("no '\(name)'", "one")
      }
    }
    if let lengths = try constant(4, "lengths")?.integers, lengths.contains(where: { $0 != steps })
    {
      throw failure("sequences of \(steps) steps", "\(lengths)")
    }
    for index in 5...7 {
      guard let state = try constant(index, "a first state") else { continue }
      guard state.values.allSatisfy({ $0 == 0 }) else {
        throw failure("states that begin at 0 and no peepholes", "others")
      }
    }
  }

  /// All states `[steps, 1, 1, features]` of one direction over one sequence `[steps, 1, features]`.
  private mutating func layer(
    _ kind: Recurrence.Kind, over value: ImportedValue, direction: Int, of directions: Int,
    _ isReversed: Bool
  ) throws(CheckpointError) -> ImportedValue {
    let (steps, inputs) = (value.shape[0], value.shape[2])
    guard let whole = try constant(1, "weights"), let state = try constant(2, "weights"),
      whole.shape.count == 3, state.shape.count == 3, whole.shape[0] == directions,
      state.shape[0] == directions, whole.shape[2] == inputs
    else { throw failure("weights for \(inputs) features in \(directions) directions", "others") }
    let features = state.shape[2]
    let rows = kind.gates * features
    let biases = try constant(3, "a bias")
    guard features > 0, whole.shape[1] == rows, state.shape[1] == rows,
      biases == nil || biases?.shape == [directions, 2 * rows]
    else { throw failure("\(kind.gates) gates of \(features) features", "others") }
    let bias = biases?.sliced(direction..<direction + 1).floats
    /// Blocks of `run` numbers per row of a gate, in this engine's order of gates.
    func ordered(_ numbers: [Float], _ run: Int) -> [Float] {
      kind.onnxGates.flatMap { gate in
        numbers[gate * features * run..<(gate + 1) * features * run]
      }
    }
    let source =
      isReversed ? try walked(value, 0, from: steps - 1, count: steps, step: -1) : value
    let image = try reshaped(node(source), to: Shape([steps, 1, inputs]))
    let recurrence = Recurrence(kind, features: features, result: .every)
    let product = try append(
      .convolution(outChannels: rows, window: Window(height: 1, width: 1), hasBias: true), [image])
    let own = direction..<direction + 1
    let zeros = [Float](repeating: 0, count: rows)
    let name = nodes[product].name
    weights["\(name).weight"] = Tensor(
      shape: [rows, 1, 1, inputs], values: ordered(whole.sliced(own).floats, inputs))
    weights["\(name).bias"] = Tensor(
      shape: [rows], values: ordered(bias.map { Array($0[..<rows]) } ?? zeros, 1))
    let states = try append(.recurrence(recurrence), [product])
    let stateName = nodes[states].name
    weights["\(stateName).weight"] = Tensor(
      shape: [rows, features], values: ordered(state.sliced(own).floats, features))
    weights["\(stateName).bias"] = Tensor(
      shape: [rows], values: ordered(bias.map { Array($0[rows...]) } ?? zeros, 1))
    let result = ImportedValue.computed(
      ComputedValue(node: states, shape: [steps, 1, 1, features], element: .float32))
    return isReversed ? try walked(result, 0, from: steps - 1, count: steps, step: -1) : result
  }
}
