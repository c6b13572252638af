import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

@Suite struct QuantizeTests {
  static let channels = WeightScheme.affine(.int8, Grouping(.channel, symmetric: true))

  static func scheme(
    _ weights: WeightScheme = channels, _ activations: ActivationScheme
  ) -> Scheme {
    Scheme(name: "s", weights: weights, activations: activations)
  }

  /// A model and min-max ranges of its prepared graph over random examples.
  static func calibrated(
    _ graph: Graph, seed: UInt64
  ) throws -> (model: FloatModel, ranges: CalibratedRanges) {
    var random = SeededGenerator(seed: seed)
    let model = try FloatModel(
      graph: graph, weights: GraphBuilder.randomWeights(graph, using: &random))
    let prepared = try model.prepared()
    var calibration = Calibration(graph: prepared.graph, observer: .minMax)
    let interpreter = ReferenceInterpreter(graph: prepared.graph, weights: prepared.weights)
    for _ in 0..<4 {
      let results = interpreter.results(SampleGraphs.input(graph, using: &random))
      for (node, values) in results.enumerated() {
        let floats = values.map(Float.init)
        calibration.observe(node: node, values: floats.span)
      }
    }
    return (model, try calibration.finish())
  }

  static func parameters(_ storage: ValueStorage) -> AffineParameters? {
    if case .uint8(let affine) = storage { affine } else { nil }
  }

  @Test func `the fp32 scheme keeps every weight and stores every value as fp32`() throws {
    let (model, _) = try Self.calibrated(SampleGraphs.residual(), seed: 1)
    let prepared = try model.prepared()
    let result = try quantize(graph: model.graph, weights: model.weights, scheme: .float32)
    #expect(result.graph == prepared.graph)
    #expect(result.weights == prepared.weights)
    #expect(result.storage.allSatisfy { $0 == .float32 })
    #expect(result.arithmetic.keys.sorted() == [1, 2, 3, 7])
    #expect(result.arithmetic.values.allSatisfy { $0 == .float32 })
  }

  @Test func `static values of a residual graph are stored by their calibrated ranges`() throws {
    let (model, ranges) = try Self.calibrated(SampleGraphs.residual(), seed: 2)
    for symmetric in [false, true] {
      let result = try quantize(
        graph: model.graph, weights: model.weights,
        scheme: Self.scheme(Self.channels, .fixed(symmetric: symmetric, .minMax)),
        ranges: ranges)
      // input conv1 dw point sum | pool (shared) | mean | head, probabilities
      for node in [0, 1, 2, 3, 4, 6] {
        let range = ranges.ranges[node]
        let expected = CodeRange.uint8.parameters(
          low: symmetric ? -range.magnitude : range.low,
          high: symmetric ? range.magnitude : range.high, symmetric: symmetric)
        #expect(result.storage[node] == .uint8(expected), "node \(node)")
      }
      #expect(result.storage[5] == result.storage[4])
      #expect(result.storage[7...] == [.float32, .float32])
      for arithmetic in result.arithmetic.values {
        guard case .integer(_, let dynamic) = arithmetic else {
          Issue.record("expected integer arithmetic")
          continue
        }
        #expect(dynamic == nil)
      }
      if symmetric { #expect(Self.parameters(result.storage[1])?.zeroPoint == 128) }
      if !symmetric { #expect(Self.parameters(result.storage[1])?.zeroPoint == 0) }
    }
  }

  @Test func `dynamic values are fp32 and products quantize them`() throws {
    let (model, _) = try Self.calibrated(SampleGraphs.residual(), seed: 3)
    for symmetric in [false, true] {
      let result = try quantize(
        graph: model.graph, weights: model.weights,
        scheme: Self.scheme(Self.channels, .dynamic(symmetric: symmetric)))
      #expect(result.storage.allSatisfy { $0 == .float32 })
      for arithmetic in result.arithmetic.values {
        guard case .integer(_, let dynamic) = arithmetic else {
          Issue.record("expected integer arithmetic")
          continue
        }
        #expect(dynamic == (symmetric ? .symmetric : .asymmetric))
      }
    }
  }

  /// Which nodes of a graph are stored as fp32 under static activations.
  static func floatNodes(_ builder: GraphBuilder) throws -> [String] {
    let (model, ranges) = try calibrated(Graph(builder.nodes), seed: 4)
    let result = try quantize(
      graph: model.graph, weights: model.weights,
      scheme: scheme(channels, .fixed(symmetric: false, .minMax)), ranges: ranges)
    return result.graph.nodes.filter { result.storage[$0.id] == .float32 }.map(\.name)
  }

  @Test func `an fp32 output reaches back through nodes that only move values`() throws {
    var builder = GraphBuilder([4, 4, 2])
    let conv = builder.add(
      "conv",
      .convolution(outChannels: 3, window: Window(height: 1, width: 1), hasBias: true), 0)
    let pool = builder.add("pool", .maxPooling(Window(height: 2, width: 2, stride: 2)), conv)
    let flat = builder.add("flat", .flatten, pool)
    builder.add("softmax", .softmax, flat)
    #expect(try Self.floatNodes(builder) == ["conv", "pool", "flat", "softmax"])
  }

  @Test func `a value that another node reads as codes is not made fp32 by its reader`() throws {
    var builder = GraphBuilder([4])
    let layer = builder.add("fc", .linear(outFeatures: 4, hasBias: true), 0)
    let next = builder.add("next", .linear(outFeatures: 4, hasBias: true), layer)
    let relu = builder.add("relu", .activation(.relu), layer)
    builder.add("sum", .add, next, relu)
    #expect(try Self.floatNodes(builder) == ["sum"])
  }

  @Test func `factors of channels and functions stay codes`() throws {
    var builder = GraphBuilder([4, 4, 2])
    let window = Window(height: 3, width: 3, padding: 1)
    let conv = builder.add(
      "conv", .convolution(outChannels: 4, window: window, hasBias: true), 0)
    let swish = builder.add("swish", .function(.hardSwish), conv)
    let mean = builder.add("mean", .globalAveragePooling, swish)
    let fc = builder.add("fc", .linear(outFeatures: 4, hasBias: true), mean)
    let factors = builder.add("factors", .function(.hardSigmoid), fc)
    let scaled = builder.add("scaled", .multiply, swish, factors)
    let pool = builder.add("pool", .globalAveragePooling, scaled)
    builder.add("head", .linear(outFeatures: 2, hasBias: true), pool)
    #expect(try Self.floatNodes(builder) == ["head"])
  }

  @Test func `a recurrent layer reads fp32 and quantizes its state at every step`() throws {
    var builder = GraphBuilder([3, 1, 2])
    let gru = Recurrence(.gru, features: 4, result: .every)
    let pixel = Window(height: 1, width: 1)
    let input = builder.add(
      "gru.input", .convolution(outChannels: 12, window: pixel, hasBias: true), 0)
    let layer = builder.add("gru", .recurrence(gru), input)
    let flat = builder.add("flat", .flatten, layer)
    builder.add("head", .linear(outFeatures: 2, hasBias: true), flat)
    #expect(try Self.floatNodes(builder) == ["gru.input", "head"])
    let (model, ranges) = try Self.calibrated(Graph(builder.nodes), seed: 6)
    for activations in [
      ActivationScheme.fixed(symmetric: false, .minMax), .dynamic(symmetric: true),
    ] {
      let result = try quantize(
        graph: model.graph, weights: model.weights,
        scheme: Self.scheme(Self.channels, activations), ranges: ranges)
      guard case .integer(let weight, let dynamic) = result.arithmetic[2] else {
        Issue.record("expected integer arithmetic")
        continue
      }
      #expect((weight.rows, weight.columns) == (12, 4))
      #expect(dynamic == (activations == .dynamic(symmetric: true) ? .symmetric : .asymmetric))
      #expect(result.weights["gru.weight"] == nil)
      #expect(result.weights["gru.bias"]?.shape == [12])
    }
  }

  @Test func `a product of a softmax operand quantizes it by example`() throws {
    var builder = GraphBuilder([4])
    let layer = builder.add("fc", .linear(outFeatures: 4, hasBias: true), 0)
    let softmax = builder.add("softmax", .softmax, layer)
    let next = builder.add("next", .linear(outFeatures: 4, hasBias: true), layer)
    let last = builder.add("last", .linear(outFeatures: 4, hasBias: true), next)
    builder.add("sum", .add, softmax, last)
    let (model, ranges) = try Self.calibrated(Graph(builder.nodes), seed: 5)
    let result = try quantize(
      graph: model.graph, weights: model.weights,
      scheme: Self.scheme(Self.channels, .fixed(symmetric: true, .minMax)), ranges: ranges)
    let dynamic = [layer, next, last].map { node -> DynamicRange? in
      if case .integer(_, let dynamic) = result.arithmetic[node] { dynamic } else { nil }
    }
    #expect(dynamic == [nil, .symmetric, nil])
    #expect(result.storage[layer] == .float32)
    #expect(result.storage[next] != .float32)
  }

  @Test func `a sum with one fp32 operand is fp32, whoever reads it`() throws {
    var builder = GraphBuilder([4])
    let softmax = builder.add("softmax", .softmax, 0)
    let layer = builder.add("fc", .linear(outFeatures: 4, hasBias: true), softmax)
    let sum = builder.add("sum", .add, softmax, layer)
    let next = builder.add("next", .linear(outFeatures: 4, hasBias: true), sum)
    builder.add("head", .linear(outFeatures: 4, hasBias: true), next)
    #expect(try Self.floatNodes(builder) == ["input", "softmax", "sum", "head"])
  }

  @Test func `a standalone clamp and a flatten keep the codes of their operand`() throws {
    var builder = GraphBuilder([2, 2, 1])
    let relu = builder.add("relu", .activation(.relu6), 0)
    let flat = builder.add("flat", .flatten, relu)
    builder.add("fc", .linear(outFeatures: 3, hasBias: true), flat)
    let (model, ranges) = try Self.calibrated(Graph(builder.nodes), seed: 6)
    let result = try quantize(
      graph: model.graph, weights: model.weights,
      scheme: Self.scheme(Self.channels, .fixed(symmetric: false, .minMax)), ranges: ranges)
    #expect(Self.parameters(result.storage[0]) != nil)
    #expect(result.storage[1...2] == [result.storage[0], result.storage[0]])
  }

  @Test func `ranges that are missing or of something else are refused`() throws {
    let (model, ranges) = try Self.calibrated(SampleGraphs.perceptron(), seed: 7)
    func attempt(_ observer: Observer, _ ranges: CalibratedRanges?) throws {
      _ = try quantize(
        graph: model.graph, weights: model.weights,
        scheme: Self.scheme(Self.channels, .fixed(symmetric: false, observer)), ranges: ranges)
    }
    let missing = #expect(throws: QuantizationError.self) { try attempt(.minMax, nil) }
    #expect(
      missing?.description
        == "s: expected calibrated ranges for its static activations, found none")
    let renamed = CalibratedRanges(
      nodes: ["input", "flat", "other", "head"], observer: .minMax, ranges: ranges.ranges)
    let other = #expect(throws: QuantizationError.self) { try attempt(.minMax, renamed) }
    #expect(
      other?.description == "expected ranges of the nodes input, flat, hidden, head, found ranges "
        + "of input, flat, other, head")
    let observer = #expect(throws: QuantizationError.self) { try attempt(.percentile(99), ranges) }
    #expect(
      observer?.description
        == "expected ranges of the observer percentile 99.0, found ranges of min_max")
  }
}
