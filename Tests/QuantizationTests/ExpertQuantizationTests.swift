import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

@Suite struct ExpertQuantizationTests {
  /// Three experts of 32 → 16, of which 2 compute a row; expert e's weights reach up to e + 1.
  static func model() throws -> FloatModel {
    let layer = ExpertLayer(experts: 3, chosen: 2, outFeatures: 16, operand: .shared)
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([32])), inputs: []),
      Node(
        id: 1, name: "router", operation: .linear(outFeatures: 3, hasBias: false), inputs: [0]),
      Node(
        id: 2, name: "routing",
        operation: .routing(Routing(experts: 3, chosen: 2, isNormalized: true)), inputs: [1]),
      Node(id: 3, name: "up", operation: .experts(layer), inputs: [0, 2]),
      Node(id: 4, name: "sum", operation: .mixture(chosen: 2), inputs: [3, 2]),
      Node(id: 5, name: "head", operation: .linear(outFeatures: 1, hasBias: false), inputs: [4]),
    ])
    var generator = SeededGenerator(seed: 3)
    var weights = Weights()
    for parameter in graph.parameters {
      let reach = parameter.name.split(separator: ".").dropFirst().first.flatMap { Float($0) } ?? 0
      var values = (0..<parameter.elementCount).map { _ in
        Float.random(in: -0.5...0.5, using: &generator)
      }
      values[7] = reach + 1
      weights[parameter.name] = Tensor(shape: parameter.shape, values: values)
    }
    return try FloatModel(graph: graph, weights: weights)
  }

  static func quantized(
    _ weights: WeightScheme, _ activations: ActivationScheme = .dynamic(symmetric: false),
    routers: RouterScheme = .float32, ranges: CalibratedRanges? = nil
  ) throws -> QuantizedModel {
    try quantize(
      model(),
      scheme: Scheme(name: "s", weights: weights, activations: activations, routers: routers),
      ranges: ranges)
  }

  @Test func `each expert has scales of its own and the router stays as it is`() throws {
    let weights = WeightScheme.affine(.int8, Grouping(.tensor, symmetric: true))
    let model = try Self.quantized(weights)
    #expect(model.arithmetic[1] == .float32)
    guard case .experts(let parts)? = model.arithmetic[3] else {
      Issue.record("no experts")
      return
    }
    #expect(parts.count == 3)
    for (expert, part) in parts.enumerated() {
      guard case .integer(let weight, .asymmetric) = part else {
        Issue.record("no integers")
        return
      }
      #expect(weight.rows == 16 && weight.columns == 32)
      #expect(weight.parameters == [AffineParameters(scale: Float(expert + 1) / 127, zeroPoint: 0)])
    }
    // A head of one output is no router.
    guard case .integer? = model.arithmetic[5] else {
      Issue.record("the head is not quantized")
      return
    }
    #expect(model.weights.tensors.keys.sorted() == ["router.weight"])
    // Per matrix a byte per weight and a scale.
    #expect(model.modelBytes == 4 * 96 + 3 * (512 + 4) + 16 + 4)
  }

  @Test func `a scheme can name routers`() throws {
    let weights = WeightScheme.affine(.int8, Grouping(.channel, symmetric: true))
    guard case .integer? = try Self.quantized(weights, routers: .quantized).arithmetic[1] else {
      Issue.record("the router is not quantized")
      return
    }
    let text = """
      scheme: s
      weights: { format: int8, granularity: channel }
      activations: { format: int8, mode: dynamic }
      """
    func routers(_ more: String) throws -> RouterScheme {
      try SchemeReaderTests.decode(text + more).routers
    }
    #expect(try routers("") == .float32)
    #expect(try routers("\nrouters: fp32") == .float32)
    #expect(try routers("\nrouters: weights") == .quantized)
    #expect(throws: (any Error).self) { try routers("\nrouters: int8") }
  }

  @Test func `formats without a kernel are decoded expert by expert`() throws {
    let weights = WeightScheme.affine(.int3, Grouping(.channel, symmetric: true))
    let model = try Self.quantized(weights, .float32)
    guard case .experts(let parts)? = model.arithmetic[3],
      case .reference(let weight, nil) = parts[2]
    else {
      Issue.record("no reference")
      return
    }
    #expect(weight.values.max() == 3 && model.referenceNodes == ["up", "head"])
    let blocks = try Self.quantized(.selfContained(SelfContainedFormat(GGUF.Q8_0())))
    guard case .experts(let experts)? = blocks.arithmetic[3] else {
      Issue.record("no experts")
      return
    }
    for part in experts {
      guard case .blocks(let matrix, .asymmetric) = part else {
        Issue.record("no blocks")
        return
      }
      #expect(matrix.rows == 16 && matrix.columns == 32)
    }
    #expect(try Self.quantized(.float32, .float32).arithmetic[3] == .float32)
  }

  @Test func `a routing is never stored in codes`() throws {
    let names = try Self.model().graph.nodes.map(\.name)
    let range = ObservedRange(low: -2, high: 2, magnitude: 2)
    let model = try Self.quantized(
      .affine(.int8, Grouping(.channel, symmetric: true)),
      .fixed(symmetric: false, .minMax),
      ranges: CalibratedRanges(
        nodes: names, observer: .minMax, ranges: names.map { _ in range }))
    #expect(model.storage[0] != .float32)
    #expect(model.storage[2] == .float32 && model.storage[3] == .float32)
    guard case .experts(let parts)? = model.arithmetic[3], case .integer(_, nil) = parts[0] else {
      Issue.record("no stored operand")
      return
    }
  }
}
