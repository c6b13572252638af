import Architectures
import Checkpoints
import Execution
import Graphs
import Quantization
import TestSupport
import Testing

/// Small graphs against plain loops over ONNX's own order of elements.
struct ONNXImportTests {
  @Test func `a convolutional network reads images channels last and flattens them channels first`()
    throws
  {
    var random = SeededGenerator(seed: 11)
    let weight = (0..<3 * 2 * 3 * 3).map { _ in Float.random(in: -1...1, using: &random) }
    let head = (0..<4 * 3 * 5 * 4).map { _ in Float.random(in: -1...1, using: &random) }
    let bias = (0..<4).map { _ in Float.random(in: -1...1, using: &random) }
    let graph = ONNXGraph.sample(
      [
        ONNXNode(
          name: "conv", operation: "Conv", inputs: ["x", "w"], outputs: ["c"],
          attributes: ["pads": .integers([1, 1, 1, 1])]),
        ONNXNode(name: "relu", operation: "Relu", inputs: ["c"], outputs: ["r"]),
        ONNXNode(name: "flat", operation: "Flatten", inputs: ["r"], outputs: ["f"]),
        ONNXNode(
          name: "head", operation: "Gemm", inputs: ["f", "h", "b"], outputs: ["y"],
          attributes: ["transB": .integer(1)]),
      ],
      constants: [
        ONNXTensor(name: "w", shape: [3, 2, 3, 3], values: weight),
        ONNXTensor(name: "h", shape: [4, 60], values: head),
        ONNXTensor(name: "b", shape: [4], values: bias),
      ], input: [nil, 2, 5, 4])
    let imported = try ImportedGraph(graph, file: "x.onnx")
    #expect(imported.inputShape == [5, 4, 2])
    let names = imported.graph.nodes.map(\.operation.name)
    #expect(names == ["input", "convolution", "relu", "reshape", "linear"])
    let image = (0..<40).map { _ in Float.random(in: -1...1, using: &random) }
    let found = try imported.run(image).outputs
    // Channels first, as ONNX counts.
    func pixel(_ channel: Int, _ row: Int, _ column: Int) -> Float {
      guard 0..<5 ~= row, 0..<4 ~= column else { return 0 }
      return image[(row * 4 + column) * 2 + channel]
    }
    var features: [Float] = []
    for output in 0..<3 {
      for row in 0..<5 {
        for column in 0..<4 {
          var sum: Float = 0
          for channel in 0..<2 {
            for y in 0..<3 {
              for x in 0..<3 {
                sum +=
                  pixel(channel, row + y - 1, column + x - 1)
                  * weight[((output * 2 + channel) * 3 + y) * 3 + x]
              }
            }
          }
          features.append(max(sum, 0))
        }
      }
    }
    for output in 0..<4 {
      let expected = features.indices.reduce(bias[output]) {
        $0 + features[$1] * head[output * 60 + $1]
      }
      #expect(abs(found[output] - expected) < 1e-4)
    }
  }

  @Test func `weights and activations stored as codes are multiplied as integers`() throws {
    let graph = Self.quantizedLayer()
    let imported = try ImportedGraph(graph, file: "x.onnx")
    let input: [Float] = [0.31, -0.52, 1.24, 19]
    let (found, integers) = try imported.run(input)
    #expect(integers == 1)
    // x in steps of 0.1 from zero point 100, held at 255; weights in steps of 0.5 and 0.25.
    let codes = input.map { min(max(($0 / 0.1).rounded(.toNearestOrEven) + 100, 0), 255) - 100 }
    let rows: [[Float]] = [[1, -2, 3, 4], [-5, 6, 7, -8]]
    for (row, scale) in [(0, Float(0.5)), (1, 0.25)] {
      let sum = zip(codes, rows[row]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      #expect(abs(found[row] - sum * 0.1 * scale) < 1e-4)
    }
    // The float run has the stored weights, and activations that end where codes do.
    let float = try quantize(
      graph: imported.graph, weights: imported.weights, scheme: .float32)
    #expect(float.graph.nodes.map(\.operation.name) == ["input", "clamp", "linear"])
    var executor = try Executor(float)
    var exact: [Float] = [0, 0]
    var span = exact.mutableSpan
    try executor.run(input.span, examples: 1, into: &span)
    let held = input.map { min(max($0, -10), 15.5) }
    for (row, scale) in [(0, Float(0.5)), (1, 0.25)] {
      let sum = zip(held, rows[row]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      #expect(abs(exact[row] - sum * scale) < 1e-4)
    }
  }

  /// `x → QuantizeLinear → DequantizeLinear → MatMul` with a weight of int8 codes and a scale per output.
  private static func quantizedLayer() -> ONNXGraph {
    ONNXGraph.sample(
      [
        ONNXNode(
          name: "q", operation: "QuantizeLinear", inputs: ["x", "s", "z"], outputs: ["c"]),
        ONNXNode(
          name: "d", operation: "DequantizeLinear", inputs: ["c", "s", "z"], outputs: ["r"]),
        ONNXNode(
          name: "dw", operation: "DequantizeLinear", inputs: ["w", "ws"], outputs: ["wr"],
          attributes: ["axis": .integer(1)]),
        ONNXNode(name: "product", operation: "MatMul", inputs: ["r", "wr"], outputs: ["y"]),
      ],
      constants: [
        ONNXTensor(name: "s", shape: [], values: [0.1]),
        ONNXTensor(name: "z", shape: [], integers: [100], element: .uint8),
        ONNXTensor(
          name: "w", shape: [4, 2], integers: [1, -5, -2, 6, 3, 7, 4, -8], element: .int8),
        ONNXTensor(name: "ws", shape: [2], values: [0.5, 0.25]),
      ], input: [1, 4])
  }

  @Test func `products of codes that are quantized on the fly become layers that are`() throws {
    let graph = ONNXGraph.sample(
      [
        ONNXNode(
          name: "q", operation: "DynamicQuantizeLinear", inputs: ["x"],
          outputs: ["c", "s", "z"]),
        ONNXNode(
          name: "m", operation: "MatMulInteger", inputs: ["c", "w", "z", "wz"], outputs: ["a"]),
        ONNXNode(
          name: "f", operation: "Cast", inputs: ["a"], outputs: ["af"],
          attributes: ["to": .integer(1)]),
        ONNXNode(name: "ss", operation: "Mul", inputs: ["s", "ws"], outputs: ["scale"]),
        ONNXNode(name: "y", operation: "Mul", inputs: ["af", "scale"], outputs: ["p"]),
        ONNXNode(name: "add", operation: "Add", inputs: ["p", "b"], outputs: ["y"]),
      ],
      constants: [
        ONNXTensor(
          name: "w", shape: [3, 2], integers: [10, 200, 128, 0, 255, 90], element: .uint8),
        ONNXTensor(name: "wz", shape: [], integers: [128], element: .uint8),
        ONNXTensor(name: "ws", shape: [], values: [0.02]),
        ONNXTensor(name: "b", shape: [2], values: [0.5, -0.5]),
      ], input: [1, 3])
    let imported = try ImportedGraph(graph, file: "x.onnx")
    #expect(imported.graph.nodes.map(\.operation.name) == ["input", "linear"])
    let input: [Float] = [-0.4, 0.6, 1.15]
    let (found, integers) = try imported.run(input)
    #expect(integers == 1)
    let scale = (input[2] - input[0]) / 255
    let zero = (-input[0] / scale).rounded(.toNearestOrEven)
    let codes = input.map { ($0 / scale).rounded(.toNearestOrEven) + zero }
    let weights: [[Float]] = [[10, 128, 255], [200, 0, 90]]
    for (output, bias) in [(0, Float(0.5)), (1, -0.5)] {
      let sum = zip(codes, weights[output]).reduce(Float(0)) { $0 + ($1.0 - zero) * ($1.1 - 128) }
      #expect(abs(found[output] - (sum * scale * 0.02 + bias)) < 1e-5)
    }
  }

  @Test func `what follows from extents is computed at import`() throws {
    let graph = ONNXGraph.sample(
      [
        ONNXNode(name: "shape", operation: "Shape", inputs: ["x"], outputs: ["s"]),
        ONNXNode(name: "first", operation: "Gather", inputs: ["s", "zero"], outputs: ["n"]),
        ONNXNode(
          name: "row", operation: "Unsqueeze", inputs: ["n", "axes"], outputs: ["nr"]),
        ONNXNode(
          name: "extents", operation: "Concat", inputs: ["nr", "rest"], outputs: ["e"],
          attributes: ["axis": .integer(0)]),
        ONNXNode(name: "reshape", operation: "Reshape", inputs: ["x", "e"], outputs: ["r"]),
        ONNXNode(
          name: "softmax", operation: "Softmax", inputs: ["r"], outputs: ["y"],
          attributes: ["axis": .integer(-1)]),
      ],
      constants: [
        ONNXTensor(name: "zero", shape: [], integers: [0]),
        ONNXTensor(name: "axes", shape: [1], integers: [0]),
        ONNXTensor(name: "rest", shape: [1], integers: [-1]),
      ], input: [nil, 2, 3])
    let imported = try ImportedGraph(graph, file: "x.onnx")
    #expect(imported.outputShape == [1, 6])
    let found = try imported.run([1, 2, 3, 4, 5, 6]).outputs
    #expect(abs(found.reduce(0, +) - 1) < 1e-6)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func `patterns of several operators are only seen where extents stay`() throws {
    for (extents, name) in [([], "hard_sigmoid"), ([1, 1, 1], "divide")] {
      let graph = ONNXGraph.sample(
        [
          ONNXNode(name: "add", operation: "Add", inputs: ["x", "three"], outputs: ["s"]),
          ONNXNode(name: "clip", operation: "Clip", inputs: ["s", "zero", "six"], outputs: ["c"]),
          ONNXNode(name: "div", operation: "Div", inputs: ["c", "by"], outputs: ["y"]),
        ],
        constants: [
          ONNXTensor(name: "three", shape: [], values: [3]),
          ONNXTensor(name: "zero", shape: [], values: [0]),
          ONNXTensor(name: "six", shape: [], values: [6]),
          ONNXTensor(name: "by", shape: extents, values: [6]),
        ], input: [1, 4])
      let imported = try ImportedGraph(graph, file: "x.onnx")
      #expect(imported.outputShape == (extents.isEmpty ? [1, 4] : [1, 1, 4]))
      #expect(imported.graph.nodes.contains { $0.operation.name == name }, "\(extents)")
      let found = try imported.run([-4, 0, 1.5, 9]).outputs
      #expect(zip(found, [0, 0.5, 0.75, 1]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func `a value of zeros that is quantized on the fly has scale 1`() throws {
    for (input, scale) in [([Float](repeating: 0, count: 4), Float(1)), ([0, 51, 0, 0], 0.2)] {
      let graph = ONNXGraph.sample(
        [
          ONNXNode(
            name: "q", operation: "DynamicQuantizeLinear", inputs: ["x"],
            outputs: ["c", "y", "z"])
        ], input: [1, 4])
      let found = try ImportedGraph(graph, file: "x.onnx").run(input).outputs
      #expect(found == [scale])
    }
  }

  @Test func `repeated recurrent layers run forwards and backwards`() throws {
    var random = SeededGenerator(seed: 5)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -0.8...0.8, using: &random) }
    }
    let (w, r, b) = (numbers(2 * 8 * 3), numbers(2 * 8 * 2), numbers(2 * 16))
    let graph = ONNXGraph.sample(
      [
        ONNXNode(
          name: "lstm", operation: "LSTM", inputs: ["x", "w", "r", "b"], outputs: ["", "y"],
          attributes: ["direction": .text("bidirectional"), "hidden_size": .integer(2)])
      ],
      constants: [
        ONNXTensor(name: "w", shape: [2, 8, 3], values: w),
        ONNXTensor(name: "r", shape: [2, 8, 2], values: r),
        ONNXTensor(name: "b", shape: [2, 16], values: b),
      ], input: [4, 1, 3])
    let input = numbers(12)
    let found = try ImportedGraph(graph, file: "x.onnx").run(input).outputs
    func sigmoid(_ x: Double) -> Double { 1 / (1 + Self.exponential(-x)) }
    func tanh(_ x: Double) -> Double { 2 * sigmoid(2 * x) - 1 }
    for direction in 0..<2 {
      var (h, c) = ([0.0, 0.0], [0.0, 0.0])
      for step in 0..<4 {
        let place = direction == 0 ? step : 3 - step
        let x = Array(input[place * 3..<(place + 1) * 3])
        // ONNX's gates: input, output, forget, cell.
        let gates = (0..<8).map { (gate: Int) -> Double in
          let row = direction * 8 + gate
          var sum = Double(b[direction * 16 + gate]) + Double(b[direction * 16 + 8 + gate])
          for index in 0..<3 { sum += Double(x[index]) * Double(w[row * 3 + index]) }
          for index in 0..<2 { sum += h[index] * Double(r[row * 2 + index]) }
          return sum
        }
        for unit in 0..<2 {
          c[unit] =
            sigmoid(gates[4 + unit]) * c[unit] + sigmoid(gates[unit]) * tanh(gates[6 + unit])
        }
        h = (0..<2).map { sigmoid(gates[2 + $0]) * tanh(c[$0]) }
      }
      for unit in 0..<2 { #expect(abs(Double(found[direction * 2 + unit]) - h[unit]) < 1e-5) }
    }
  }

  /// The exponential by its series, halved until it converges fast.
  private static func exponential(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for step in 1..<30 {
      term *= x / 64 / Double(step)
      sum += term
    }
    for _ in 0..<6 { sum *= sum }
    return sum
  }
}

extension ONNXGraph {
  /// A graph with one input `x` and one output `y`.
  static func sample(
    _ nodes: [ONNXNode], constants: [ONNXTensor] = [], input: [Int?], opset: Int = 17
  ) -> ONNXGraph {
    ONNXGraph(
      opset: opset, nodes: nodes,
      initializers: Dictionary(uniqueKeysWithValues: constants.map { ($0.name, $0) }),
      inputs: [ONNXGraph.Value(name: "x", element: .float32, shape: input)],
      outputs: [ONNXGraph.Value(name: "y", element: .float32, shape: nil)])
  }
}
