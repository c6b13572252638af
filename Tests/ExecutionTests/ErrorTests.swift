import Execution
import Graphs
import NumberFormats
import Testing

@Suite struct ErrorTests {
  private static let unit = AffineParameters(scale: 0.1, zeroPoint: 128)

  /// `input → fc`, where the weight, storage and arithmetic can be replaced.
  private static func linear(
    features: Int = 16, weight: QuantizedMatrix? = nil, dynamic: DynamicRange? = .symmetric,
    storage: [ValueStorage] = [.float32, .float32]
  ) throws -> QuantizedModel {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([features])), inputs: []),
      Node(id: 1, name: "fc", operation: .linear(outFeatures: 2, hasBias: false), inputs: [0]),
    ])
    let weights = Weights(["fc.weight": Tensor(shape: [2, features], repeating: 1)])
    return QuantizedModel(
      graph: graph, weights: weight == nil ? weights : Weights(),
      arithmetic: [1: weight.map { .integer(weight: $0, dynamic: dynamic) } ?? .float32],
      storage: storage)
  }

  private static func matrix(
    columns: Int = 16, bits: Int = 8, _ granularity: Granularity = .tensor, code: Int8 = 1,
    affine: AffineParameters = AffineParameters(scale: 1, zeroPoint: 0)
  ) -> QuantizedMatrix {
    QuantizedMatrix(
      rows: 2, columns: columns, bits: bits, granularity: granularity,
      codes: Array(repeating: code, count: 2 * columns),
      parameters: Array(
        repeating: affine,
        count: QuantizedMatrix.parameterCount(rows: 2, columns: columns, granularity)))
  }

  private static func expect(
    _ error: ExecutionError, _ text: String, _ model: QuantizedModel,
    _ options: ExecutionOptions = ExecutionOptions(),
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: location) { _ = try Executor(model, options: options) }
    #expect(error.description == text, sourceLocation: location)
  }

  @Test func `batch normalization must be folded`() throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([1, 1, 2])), inputs: []),
      Node(id: 1, name: "norm", operation: .batchNormalization(epsilon: 1e-5), inputs: [0]),
    ])
    Self.expect(
      .batchNormalization(node: "norm"),
      "norm: batch normalization is not executed; fold it into the layer before it first",
      QuantizedModel(
        graph: graph, weights: Weights(), arithmetic: [:], storage: [.float32, .float32]))
  }

  @Test func `storage is checked`() throws {
    Self.expect(
      .outputStorage(node: "fc"), "fc: the output must be stored as float32",
      try Self.linear(storage: [.float32, .uint8(Self.unit)]))
    for broken in [
      AffineParameters(scale: 0, zeroPoint: 0), AffineParameters(scale: .infinity, zeroPoint: 0),
      AffineParameters(scale: 1, zeroPoint: 256), AffineParameters(scale: 1, zeroPoint: -1),
    ] {
      Self.expect(
        .activationParameters(node: "input", broken),
        "input: expected a positive finite scale and a zero point in 0…255, found scale "
          + "\(broken.scale) and zero point \(broken.zeroPoint)",
        try Self.linear(storage: [.uint8(broken), .float32]))
    }
  }

  @Test func `every weight has an arithmetic and nothing else has`() throws {
    let model = try Self.linear()
    func with(_ arithmetic: [Node.ID: NodeArithmetic]) -> QuantizedModel {
      QuantizedModel(
        graph: model.graph, weights: model.weights, arithmetic: arithmetic, storage: model.storage)
    }
    Self.expect(
      .arithmeticMissing(node: "fc"), "fc: expected an arithmetic, found none", with([:]))
    Self.expect(
      .arithmeticUnexpected(node: 0), "node 0: has an arithmetic but no weight",
      with([0: .float32, 1: .float32]))
    Self.expect(
      .arithmeticUnexpected(node: 7), "node 7: has an arithmetic but no weight",
      with([1: .float32, 7: .float32]))
  }

  @Test func `a dynamic range is there when it is needed and only then`() throws {
    Self.expect(
      .dynamicRangeMissing(node: "fc"),
      "fc: the operand is stored as float32, so integer arithmetic needs a dynamic range",
      try Self.linear(weight: Self.matrix(), dynamic: nil))
    Self.expect(
      .dynamicRangeUnused(node: "fc"),
      "fc: the operand is stored as uint8, so a dynamic range would have no effect",
      try Self.linear(weight: Self.matrix(), storage: [.uint8(Self.unit), .float32]))
  }

  @Test func `fp32 parameters are all there, in shape, finite and known`() throws {
    let model = try Self.linear()
    func with(_ tensors: [String: Tensor]) -> QuantizedModel {
      QuantizedModel(
        graph: model.graph, weights: Weights(tensors), arithmetic: model.arithmetic,
        storage: model.storage)
    }
    Self.expect(
      .parameter(.parameterMissing(name: "fc.weight", shape: [2, 16])),
      "fc.weight: expected a tensor 2×16, found none", with([:]))
    Self.expect(
      .parameter(.parameterShape(name: "fc.weight", expected: [2, 16], found: [32])),
      "fc.weight: expected shape 2×16, found 32",
      with(["fc.weight": Tensor(shape: [32], repeating: 1)]))
    Self.expect(
      .parameter(.parameterNotFinite(name: "fc.weight", index: 0, value: .infinity)),
      "fc.weight[0]: expected a finite number, found inf",
      with(["fc.weight": Tensor(shape: [2, 16], repeating: .infinity)]))
    let fitting = Tensor(shape: [2, 16], repeating: 1)
    Self.expect(
      .parameter(.parameterUnknown(name: "fc.bias", nearest: nil)),
      "fc.bias: no parameter has this name",
      with(["fc.weight": fitting, "fc.bias": Tensor(shape: [2], repeating: 1)]))
    Self.expect(
      .parameter(.parameterUnknown(name: "fc.weight", nearest: nil)),
      "fc.weight: no parameter has this name",
      QuantizedModel(
        graph: model.graph, weights: model.weights,
        arithmetic: [1: .integer(weight: Self.matrix(), dynamic: .symmetric)],
        storage: model.storage))
  }

  @Test func `quantized weights fit their node and their kernels`() throws {
    Self.expect(
      .weightShape(node: "fc", expected: [2, 16], found: [2, 8]),
      "fc: expected a quantized weight 2×16, found 2×8",
      try Self.linear(weight: Self.matrix(columns: 8)))
    Self.expect(
      .weightBits(node: "fc", found: 9), "fc: expected weight codes of 2 to 8 bits, found 9",
      try Self.linear(weight: Self.matrix(bits: 9)))
    Self.expect(
      .weightCode(node: "fc", allowed: -8...7, index: 0, found: 8),
      "fc: weight code 0: expected −8…7, found 8",
      try Self.linear(weight: Self.matrix(bits: 4, code: 8)))
    Self.expect(
      .weightCode(node: "fc", allowed: -32...31, index: 0, found: -33),
      "fc: weight code 0: expected −32…31, found -33",
      try Self.linear(weight: Self.matrix(bits: 6, code: -33)))
    for bits in [2, 4, 6, 8] {
      Self.expect(
        .groupSize(node: "fc", found: 12), "fc: expected groups of a multiple of 8, found 12",
        try Self.linear(weight: Self.matrix(bits: bits, .group(12))))
    }
    let broken = AffineParameters(scale: 1, zeroPoint: 8)
    Self.expect(
      .weightParameters(node: "fc", index: 0, broken),
      "fc: weight parameters 0: expected a positive finite scale and a zero point within the "
        + "codes, found scale 1.0 and zero point 8",
      try Self.linear(weight: Self.matrix(bits: 4, affine: broken)))
  }

  @Test func `decoded weights fit their node and are finite`() throws {
    func model(_ weight: StoredMatrix, dynamic: DynamicRange?, _ input: ValueStorage) throws
      -> QuantizedModel
    {
      let linear = try Self.linear()
      return QuantizedModel(
        graph: linear.graph, weights: Weights(),
        arithmetic: [1: .reference(weight: weight, dynamic: dynamic)],
        storage: [input, .float32])
    }
    func matrix(_ columns: Int, _ value: Float = 1) -> StoredMatrix {
      StoredMatrix(
        format: "int6", rows: 2, columns: columns,
        values: Array(repeating: value, count: 2 * columns), bytes: 1)
    }
    Self.expect(
      .weightShape(node: "fc", expected: [2, 16], found: [2, 8]),
      "fc: expected a quantized weight 2×16, found 2×8",
      try model(matrix(8), dynamic: nil, .float32))
    Self.expect(
      .parameter(.parameterNotFinite(name: "fc.weight", index: 0, value: .infinity)),
      "fc.weight[0]: expected a finite number, found inf",
      try model(matrix(16, .infinity), dynamic: nil, .float32))
    Self.expect(
      .dynamicRangeUnused(node: "fc"),
      "fc: the operand is stored as uint8, so a dynamic range would have no effect",
      try model(matrix(16), dynamic: .symmetric, .uint8(Self.unit)))
    let executor = try Executor(try model(matrix(16), dynamic: .symmetric, .float32))
    #expect(
      executor.plan.map(\.kernel) == ["quantize_rows_u8", "dequantize_u8", "gemm_f32"])
  }

  @Test func `weights in blocks and bf16 fit their node and their kernels`() throws {
    func model(_ arithmetic: NodeArithmetic, _ input: ValueStorage = .float32) throws
      -> QuantizedModel
    {
      QuantizedModel(
        graph: try Self.linear(features: 32).graph, weights: Weights(),
        arithmetic: [1: arithmetic], storage: [input, .float32])
    }
    func blocks(
      _ format: any BlockFormat = GGUF.Q4_0(), rows: Int = 2, _ byte: UInt8 = 1,
      dynamic: DynamicRange? = .symmetric
    ) throws -> NodeArithmetic {
      .blocks(
        weight: try BlockMatrix(
          name: "w", format: format, rows: rows, columns: 32,
          bytes: Array(repeating: byte, count: rows * format.blockBytes)), dynamic: dynamic)
    }
    Self.expect(
      .weightShape(node: "fc", expected: [2, 32], found: [3, 32]),
      "fc: expected a quantized weight 2×32, found 3×32", try model(blocks(rows: 3)))
    Self.expect(
      .weightFormat(node: "fc", operation: "linear", found: "q5_0"),
      "fc: expected weights in a format with a kernel for linear, found q5_0",
      try model(blocks(GGUF.Q5_0())))
    // 0x7c7c is a half-precision NaN.
    let broken = #expect(throws: ExecutionError.self) {
      _ = try Executor(model(blocks(GGUF.Q8_0(), 0x7c)))
    }
    #expect(broken?.description.hasPrefix("fc.weight[0]: expected a finite number") == true)
    Self.expect(
      .dynamicRangeMissing(node: "fc"),
      "fc: the operand is stored as float32, so integer arithmetic needs a dynamic range",
      try model(blocks(dynamic: nil)))
    Self.expect(
      .dynamicRangeUnused(node: "fc"),
      "fc: the operand is stored as uint8, so a dynamic range would have no effect",
      try model(blocks(), .uint8(Self.unit)))
    Self.expect(
      .weightShape(node: "fc", expected: [2, 32], found: [2, 8]),
      "fc: expected a quantized weight 2×32, found 2×8",
      try model(
        .bfloat16(
          weight: BFloat16Matrix(rows: 2, columns: 8, codes: Array(repeating: 0, count: 16)))))
    Self.expect(
      .parameter(.parameterNotFinite(name: "fc.weight", index: 0, value: .infinity)),
      "fc.weight[0]: expected a finite number, found inf",
      try model(
        .bfloat16(
          weight: BFloat16Matrix(
            rows: 2, columns: 32, codes: Array(repeating: 0x7f80, count: 64)))))
  }

  @Test func `levels of a codebook fit their node and their kernel`() throws {
    func model(
      _ format: CodebookFormat = .nf4, columns: Int = 64, scale: Float = 1, features: Int = 64
    ) throws -> QuantizedModel {
      let blocks = (2 * columns + format.blockElements - 1) / format.blockElements
      return QuantizedModel(
        graph: try Self.linear(features: features).graph, weights: Weights(),
        arithmetic: [
          1: .codebook(
            weight: try CodebookMatrix(
              name: "w", format: format, rows: 2, columns: columns,
              codes: Array(repeating: 0, count: columns),
              scales: .plain(Array(repeating: scale, count: blocks))), dynamic: .symmetric)
        ], storage: [.float32, .float32])
    }
    Self.expect(
      .weightShape(node: "fc", expected: [2, 64], found: [2, 128]),
      "fc: expected a quantized weight 2×64, found 2×128", try model(columns: 128))
    Self.expect(
      .blockColumns(node: "fc", multiple: 64, found: 96),
      "fc: expected rows of a multiple of 64 weights, found 96",
      try model(columns: 96, features: 96))
    for format in [
      CodebookFormat.bitsandbytesFP4, try .nf4.with(blockElements: 128, nestedScales: false),
    ] {
      Self.expect(
        .weightFormat(node: "fc", operation: "linear", found: format.name),
        "fc: expected weights in a format with a kernel for linear, found \(format.name)",
        try model(format))
    }
    #expect(
      try Executor(model(scale: .greatestFiniteMagnitude)).plan.map(\.kernel)
        == ["quantize_rows_u8", "gemm_u8_nf4"])
  }

  @Test func `blocks of too long a sum and depthwise filters in a small format are refused`() throws
  {
    let long = try BlockMatrix(
      name: "w", format: GGUF.Q4_0(), rows: 2, columns: 65_536,
      bytes: Array(repeating: 0, count: 2 * 2_048 * 18))
    Self.expect(
      .summationLength(node: "fc", limit: 65_535, found: 65_536),
      "fc: expected at most 65535 products in an integer sum, found 65536",
      QuantizedModel(
        graph: try Self.linear(features: 65_536).graph, weights: Weights(),
        arithmetic: [1: .blocks(weight: long, dynamic: .symmetric)], storage: [.float32, .float32]))
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([8, 4, 2])), inputs: []),
      Node(
        id: 1, name: "dw",
        operation: .depthwiseConvolution(window: Window(height: 8, width: 4), hasBias: false),
        inputs: [0]),
    ])
    let short = try BlockMatrix(
      name: "w", format: GGUF.Q4_0(), rows: 2, columns: 32, bytes: Array(repeating: 0, count: 36))
    let halves = BFloat16Matrix(rows: 2, columns: 32, codes: Array(repeating: 0, count: 64))
    for (arithmetic, format) in [
      (NodeArithmetic.blocks(weight: short, dynamic: .symmetric), "q4_0"),
      (.bfloat16(weight: halves), "bf16"),
    ] {
      Self.expect(
        .weightFormat(node: "dw", operation: "depthwise convolution", found: format),
        "dw: expected weights in a format with a kernel for depthwise convolution, found \(format)",
        QuantizedModel(
          graph: graph, weights: Weights(), arithmetic: [1: arithmetic],
          storage: [.float32, .float32]))
    }
  }

  @Test func `depthwise filters have one scale each`() throws {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([3, 3, 2])), inputs: []),
      Node(
        id: 1, name: "dw",
        operation: .depthwiseConvolution(window: Window(height: 3, width: 3), hasBias: false),
        inputs: [0]),
    ])
    Self.expect(
      .groupwiseDepthwise(node: "dw", group: 8, taps: 9),
      "dw: expected groups of at least one filter (9), found 8",
      QuantizedModel(
        graph: graph, weights: Weights(),
        arithmetic: [
          1: .integer(
            weight: Self.matrix(columns: 9, bits: 4, .group(8)), dynamic: .symmetric)
        ], storage: [.float32, .float32]))
  }

  @Test func `integer sums stay within 32 bits`() throws {
    let shifted = AffineParameters(scale: 1, zeroPoint: 1)
    for (limit, affine) in [(65_535, AffineParameters(scale: 1, zeroPoint: 0)), (33_025, shifted)] {
      Self.expect(
        .summationLength(node: "fc", limit: limit, found: limit + 1),
        "fc: expected at most \(limit) products in an integer sum, found \(limit + 1)",
        try Self.linear(
          features: limit + 1, weight: Self.matrix(columns: limit + 1, affine: affine)))
    }
  }

  @Test func `the longest sums are exact`() throws {
    for (length, affine, code) in [
      (65_535, AffineParameters(scale: 1, zeroPoint: 0), Int8(-128)),
      (33_025, AffineParameters(scale: 1, zeroPoint: 127), Int8(-128)),
    ] {
      let model = try Self.linear(
        features: length, weight: Self.matrix(columns: length, code: code, affine: affine),
        dynamic: nil,
        storage: [.uint8(AffineParameters(scale: 1, zeroPoint: 0)), .float32])
      let found = try run(
        model, [Array(repeating: 255, count: length)], batch: 1, options: ExecutionOptions())
      #expect(found[0] == Float(length * 255 * (Int(code) - Int(affine.zeroPoint))))
    }
  }

  @Test func `options are checked`() throws {
    let model = try Self.linear()
    Self.expect(
      .maximumBatch(0), "maximum batch: expected at least 1, found 0", model,
      ExecutionOptions(maximumBatch: 0))
    Self.expect(
      .threads(0), "threads: expected 1…64, found 0", model, ExecutionOptions(threads: 0))
    Self.expect(
      .threads(65), "threads: expected 1…64, found 65", model, ExecutionOptions(threads: 65))
    Self.expect(
      .coreCount(threads: 2, found: 1), "cores: expected one per thread (2), found 1", model,
      ExecutionOptions(threads: 2, cores: [0]))
    for core in [-1, 1_023, 5_000] {
      Self.expect(
        .core(core, code: 22), "cores: no thread can run on core \(core) (error 22)", model,
        ExecutionOptions(threads: 2, cores: [0, core]))
    }
    Self.expect(
      .arenaTooLarge, "the activations need more memory than can be addressed", model,
      ExecutionOptions(maximumBatch: 1 << 40))
    Self.expect(
      .arenaTooLarge, "the activations need more memory than can be addressed", model,
      ExecutionOptions(maximumBatch: .max))
  }

  @Test func `an instruction set the machine lacks is refused`() throws {
    #expect(InstructionSet.available.first == .scalar)
    #expect(InstructionSet.available.last == .best)
    for set in InstructionSet.allCases where !InstructionSet.available.contains(set) {
      Self.expect(
        .instructionSet(set, best: .best),
        "instruction set: this machine lacks \(set), its best is \(InstructionSet.best)",
        try Self.linear(), ExecutionOptions(instructionSet: set))
    }
    #expect(InstructionSet(rawValue: "avx512-vnni") == .avx512vnni)
    #expect(InstructionSet.scalar < .avx2 && .avx512 < InstructionSet.avx512vnni)
  }

  @Test func `a run checks its buffers and then runs nothing`() throws {
    var executor = try Executor(Self.linear(), options: ExecutionOptions(maximumBatch: 2))
    let input = [Float](repeating: 1, count: 48)
    var output: [Float] = [7, 7, 7, 7]
    func attempt(_ count: Int, _ examples: Int) -> ExecutionError? {
      var span = output.mutableSpan
      do throws(ExecutionError) {
        try executor.run(input.span.extracting(0..<count), examples: examples, into: &span)
        return nil
      } catch { return error }
    }
    #expect(attempt(48, 3) == .examples(found: 3, limit: 2))
    #expect(attempt(0, 0) == .examples(found: 0, limit: 2))
    #expect(attempt(31, 2) == .inputCount(expected: 32, found: 31))
    #expect(attempt(16, 1) == .outputCount(expected: 2, found: 4))
    #expect(output == [7, 7, 7, 7])
    #expect(attempt(32, 2) == nil)
    #expect(output == [16, 16, 16, 16])
    #expect(
      ExecutionError.examples(found: 3, limit: 2).description == "examples: expected 1…2, found 3")
    #expect(
      ExecutionError.inputCount(expected: 32, found: 31).description
        == "input: expected 32 values, found 31")
    #expect(
      ExecutionError.outputCount(expected: 2, found: 4).description
        == "output: expected 2 values, found 4")
  }
}
