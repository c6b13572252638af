import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

/// A block format for tests: 4 values, one byte each in 64ths of an fp32 extreme.
private struct QuarterBlocks: BlockFormat {
  let name = "test_blocks"
  let bits = 8
  let rounding = Rounding.halfToEven
  let source = "this test"
  let blockElements = 4
  let blockBytes = 8
  let layout = [BlockField("d", bytes: 4), BlockField("qs", bytes: 4)]
  let ggufType: UInt32? = nil

  func errorBound(scale: Float) -> Float { scale / 2 }

  func encode(_ values: Span<Float>, into block: inout MutableRawSpan) throws(BlockFault) {
    var extreme = Float(0)
    for index in values.indices { extreme = max(extreme, abs(values[index])) }
    let scale = extreme > 0 ? extreme / 64 : 1
    block.storeBytes(of: scale.bitPattern, as: UInt32.self)
    for index in values.indices {
      let code = Int8((values[index] / scale).rounded(.toNearestOrEven))
      block.storeBytes(of: code, toByteOffset: 4 + index, as: Int8.self)
    }
  }

  func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
    let scale = Float(bitPattern: block.unsafeLoadUnaligned(as: UInt32.self))
    for index in 0..<blockElements {
      let code = block.unsafeLoadUnaligned(fromByteOffset: 4 + index, as: Int8.self)
      values[index] = Float(code) * scale
    }
  }
}

@Suite struct ReferencePathTests {
  static let channel = Grouping(.channel, symmetric: true)

  static func paths(
    _ weights: WeightScheme, _ activations: ActivationScheme = .dynamic(symmetric: false)
  ) throws -> [String: ExecutionPath] {
    let model = try WeightQuantizationTests.residual(seed: 41)
    let scheme = Scheme(name: "s", weights: weights, activations: activations)
    let result = try quantize(graph: model.graph, weights: model.weights, scheme: scheme)
    var paths: [String: ExecutionPath] = [:]
    for node in result.graph.nodes where node.operation.hasWeight {
      paths[node.name] = result.path(of: node.id)
      #expect(
        scheme.path(of: node, in: result.graph) == result.path(of: node.id), "\(node.name)")
    }
    #expect(
      result.referenceNodes
        == result.graph.nodes.map(\.name).filter { paths[$0] == .reference })
    return paths
  }

  @Test func `what has a kernel runs on it and the rest on the reference path`() throws {
    let layers = ["conv1", "dw", "point", "head"]
    func all(_ path: ExecutionPath) -> [String: ExecutionPath] {
      Dictionary(uniqueKeysWithValues: layers.map { ($0, path) })
    }
    #expect(try Self.paths(.float32, .float32) == all(.kernel))
    for format in [AffineFormat.int8, .int6, .int5, .int4, .int3, .int2, .ternary] {
      #expect(try Self.paths(.affine(format, Self.channel)) == all(.kernel))
      #expect(try Self.paths(.affine(format, Self.channel), .float32) == all(.reference))
      let stored = Grouping(
        .tensor, symmetric: true, codeUse: .full, scaleType: .float16, scaleChoice: .leastSquares)
      #expect(try Self.paths(.affine(format, stored)) == all(.kernel))
    }
    // Sums of 18, 9, 8 and 8 products.
    func groups(_ format: AffineFormat, _ size: Int) throws -> [String: ExecutionPath] {
      try Self.paths(.affine(format, Grouping(.group(size), symmetric: true)))
    }
    #expect(try groups(.int4, 16) == all(.kernel))
    #expect(
      try groups(.int4, 8)
        == ["conv1": .kernel, "dw": .reference, "point": .kernel, "head": .kernel])
    #expect(
      try groups(.int4, 12)
        == ["conv1": .reference, "dw": .kernel, "point": .kernel, "head": .kernel])
    for format in [AffineFormat.int8, .int6, .int5, .int4, .int3, .int2] {
      for symmetric in [true, false] {
        #expect(
          try Self.paths(.affine(format, Grouping(.group(8), symmetric: symmetric)))
            == ["conv1": .kernel, "dw": .reference, "point": .kernel, "head": .kernel],
          "\(format.name), symmetric \(symmetric)")
      }
    }
  }

  @Test func `reference weights are the decoded ones and count their encoded bytes`() throws {
    var random = SeededGenerator(seed: 42)
    let graph = try SampleGraphs.perceptron()
    let weights = GraphBuilder.randomWeights(graph, using: &random)
    func model(_ scheme: WeightScheme) throws -> QuantizedModel {
      try quantize(
        graph: graph, weights: weights,
        scheme: Scheme(name: "s", weights: scheme, activations: .float32))
    }
    func tensor(_ name: String, rows: Int, columns: Int) throws -> FloatMatrix {
      FloatMatrix(
        name: name, rows: rows, columns: columns, values: try #require(weights[name]).values)
    }
    let biases = 4 * (12 + 3)
    let grouping = Grouping(.group(7), symmetric: false, scaleType: .float16)
    let affine = try model(.affine(.int3, grouping))
    let hidden = try AffineFormat.int3.encode(
      tensor("hidden.weight", rows: 12, columns: 20), grouping: grouping)
    let head = try AffineFormat.int3.encode(
      tensor("head.weight", rows: 3, columns: 12), grouping: grouping)
    guard case .reference(let stored, nil) = affine.arithmetic[2] else {
      Issue.record("expected the reference path")
      return
    }
    #expect(stored.values == hidden.dequantized())
    #expect(affine.modelBytes == hidden.storedBytes + head.storedBytes + biases)
    // 12 rows of 20 codes of 3 bits in 8 bytes, 3 groups a row; 3 rows of 12 codes in 5 bytes, 2 groups.
    #expect(hidden.storedBytes == 12 * 8 + 36 * 2 + (36 * 3 + 7) / 8)
    #expect(affine.weights["hidden.weight"] == nil)
    #expect(affine.weights["hidden.bias"] == weights["hidden.bias"])

    let blocks = try model(.selfContained(SelfContainedFormat(QuarterBlocks())))
    #expect(blocks.modelBytes == 8 * (12 * 5 + 3 * 3) + biases)
    guard case .reference(let decoded, nil) = blocks.arithmetic[2] else {
      Issue.record("expected the reference path")
      return
    }
    let matrix = try tensor("hidden.weight", rows: 12, columns: 20)
    #expect(decoded.values == (try BlockMatrix(encoding: matrix, as: QuarterBlocks())).decoded())
    #expect(decoded.format == "test_blocks")
  }

  @Test func `rows that are no whole number of blocks are filled up and cut again`() throws {
    let matrix = FloatMatrix(
      name: "w", rows: 2, columns: 5, values: [1, 2, 3, 64, 5, -6, 7, 8, 64, 3])
    let stored = try QuarterBlocks().stored(matrix, grouping: Self.channel)
    #expect(stored.bytes == 2 * 2 * 8)
    #expect(stored.columns == 5)
    #expect(stored.values == [1, 2, 3, 64, 5, -6, 7, 8, 64, 3])
    let empty = FloatMatrix(name: "w", rows: 0, columns: 5, values: [])
    #expect(try QuarterBlocks().stored(empty, grouping: Self.channel).bytes == 0)
  }

  @Test func `int8 activations are rounded as on the kernel's path`() throws {
    let (model, ranges) = try QuantizeTests.calibrated(SampleGraphs.residual(), seed: 43)
    for activations in [
      ActivationScheme.fixed(symmetric: false, .minMax), .dynamic(symmetric: true), .float32,
    ] {
      func result(_ weights: WeightScheme) throws -> QuantizedModel {
        try quantize(
          graph: model.graph, weights: model.weights,
          scheme: Scheme(name: "s", weights: weights, activations: activations), ranges: ranges)
      }
      let reference = try result(.selfContained(SelfContainedFormat(QuarterBlocks())))
      if activations != .float32 {
        #expect(try reference.storage == result(.affine(.int8, Self.channel)).storage)
      }
      for arithmetic in reference.arithmetic.values {
        guard case .reference(_, let dynamic) = arithmetic else {
          Issue.record("expected the reference path")
          continue
        }
        #expect(dynamic == (activations == .dynamic(symmetric: true) ? .symmetric : nil))
      }
    }
  }

  @Test func `every registered format runs on any layer`() throws {
    for format in FormatRegistry.all where !(format is AffineFormat) && !(format is Float32Format) {
      let paths = try Self.paths(.selfContained(SelfContainedFormat(format)), .float32)
      let kernels = paths.filter { $0.value == .kernel }.map(\.key).sorted()
      #expect(
        kernels == (format.name == "bf16" ? ["conv1", "head", "point"] : []), "\(format.name)")
      #expect(
        try Self.paths(.selfContained(SelfContainedFormat(format))).values
          .allSatisfy { $0 == .reference }, "\(format.name)")
    }
  }

  @Test func `blocks have kernels where rows are whole blocks and operands are codes`() throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([8, 4, 8])), inputs: []),
      Node(
        id: 1, name: "conv",
        operation: .convolution(
          outChannels: 32, window: Window(height: 2, width: 2), hasBias: false), inputs: [0]),
      Node(
        id: 2, name: "dw",
        operation: .depthwiseConvolution(window: Window(height: 4, width: 1), hasBias: false),
        inputs: [1]),
      Node(id: 3, name: "flat", operation: .flatten, inputs: [2]),
      Node(id: 4, name: "wide", operation: .linear(outFeatures: 9, hasBias: false), inputs: [3]),
      Node(id: 5, name: "head", operation: .linear(outFeatures: 2, hasBias: false), inputs: [4]),
    ])
    var random = SeededGenerator(seed: 45)
    let weights = GraphBuilder.randomWeights(graph, using: &random)
    // Sums of 32, 4, 384 and 9 products.
    func kernels(_ name: String, _ activations: ActivationScheme) throws -> [String] {
      let format = try #require(FormatRegistry.format(named: name))
      let model = try quantize(
        graph: graph, weights: weights,
        scheme: Scheme(
          name: "s", weights: .selfContained(SelfContainedFormat(format)),
          activations: activations))
      for node in model.graph.nodes {
        guard case .blocks(let weight, let dynamic) = model.arithmetic[node.id] else { continue }
        #expect(weight.columns == model.graph.summationLength(of: node))
        #expect(dynamic == .asymmetric)
      }
      return model.graph.nodes.filter { $0.operation.hasWeight && model.path(of: $0.id) == .kernel }
        .map(\.name)
    }
    for name in ["q4_0", "q8_0", "mxfp4-gguf"] {
      #expect(try kernels(name, .dynamic(symmetric: false)) == ["conv", "wide"], "\(name)")
      #expect(try kernels(name, .float32) == [], "\(name)")
    }
    for name in ["nf4", "nf4-dq"] {
      #expect(try kernels(name, .dynamic(symmetric: false)) == ["wide"], "\(name)")
      #expect(try kernels(name, .float32) == [], "\(name)")
    }
    for name in ["q4_k", "q6_k", "q5_0", "iq4_nl", "mxfp4", "fp4-bnb", "bf16"] {
      #expect(try kernels(name, .dynamic(symmetric: false)) == [], "\(name)")
    }
    #expect(try kernels("bf16", .float32) == ["conv", "wide", "head"])
  }

  @Test func `sums too long for an integer kernel run on the reference path`() throws {
    for (features, expected) in [(65_504, ExecutionPath.kernel), (65_536, .reference)] {
      let graph = try Graph([
        Node(id: 0, name: "input", operation: .input(Shape([features])), inputs: []),
        Node(id: 1, name: "fc", operation: .linear(outFeatures: 1, hasBias: false), inputs: [0]),
      ])
      for weights in [
        WeightScheme.selfContained(SelfContainedFormat(GGUF.Q4_0())),
        .affine(.int8, Grouping(.group(32), symmetric: true)),
      ] {
        let scheme = Scheme(name: "s", weights: weights, activations: .dynamic(symmetric: true))
        #expect(scheme.path(of: graph.nodes[1], in: graph) == expected, "\(weights.format)")
      }
    }
  }

  @Test func `sums with zero points of int8 are at most half as long`() throws {
    for (features, expected) in [(33_025, ExecutionPath.kernel), (33_026, .reference)] {
      let graph = try Graph([
        Node(id: 0, name: "input", operation: .input(Shape([features])), inputs: []),
        Node(id: 1, name: "fc", operation: .linear(outFeatures: 1, hasBias: false), inputs: [0]),
      ])
      func path(_ format: AffineFormat) -> ExecutionPath {
        Scheme(
          name: "s", weights: .affine(format, Grouping(.group(32), symmetric: false)),
          activations: .dynamic(symmetric: true)
        ).path(of: graph.nodes[1], in: graph)
      }
      #expect(path(.int8) == expected)
      #expect(path(.int6) == .kernel)
    }
  }

  @Test func `an encoded model counts its blocks and halves as bytes`() throws {
    var random = SeededGenerator(seed: 46)
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([256])), inputs: []),
      Node(id: 1, name: "fc", operation: .linear(outFeatures: 3, hasBias: true), inputs: [0]),
    ])
    let weights = GraphBuilder.randomWeights(graph, using: &random)
    for (name, bytes) in [
      ("q4_0", 3 * 8 * 18), ("q8_0", 3 * 8 * 34), ("mxfp4-gguf", 3 * 8 * 17), ("q4_k", 3 * 144),
      ("nf4", 3 * (128 + 4 * 4)), ("nf4-dq", 3 * (128 + 4) + 4 + 4),
      ("q6_k", 3 * 210), ("bf16", 3 * 256 * 2),
    ] {
      let format = try #require(FormatRegistry.format(named: name))
      let model = try quantize(
        graph: graph, weights: weights,
        scheme: Scheme(
          name: "s", weights: .selfContained(SelfContainedFormat(format)),
          activations: name == "bf16" ? .float32 : .dynamic(symmetric: true)))
      #expect(model.path(of: 1) == .kernel, "\(name)")
      #expect(model.modelBytes == bytes + 12, "\(name)")
      #expect(model.weights["fc.weight"] == nil, "\(name)")
    }
  }

  @Test func `what cannot be encoded is refused by name`() throws {
    let model = try WeightQuantizationTests.residual(seed: 44)
    let error = #expect(throws: QuantizationError.self) {
      try quantize(
        graph: model.graph, weights: model.weights,
        scheme: Scheme(
          name: "s", weights: .affine(.ternary, Grouping(.tensor, symmetric: false)),
          activations: .float32))
    }
    #expect(error?.description == "conv1.weight: ternary has no asymmetric codes")
  }
}
