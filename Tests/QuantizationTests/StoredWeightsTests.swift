import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

@Suite struct StoredWeightsTests {
  /// A tensor kept in the bytes of some format.
  private struct Kept: TensorSource {
    let elementCount: Int
    let storedFormat: (any NumberFormat)?
    let bytes: [UInt8]
    let values: [Float]

    func read(_ range: Range<Int>, into out: inout MutableSpan<Float>) {
      for index in range { out[index - range.lowerBound] = values[index] }
    }

    func withStoredBytes<Result, Failure: Error>(
      _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      let span = bytes.span
      return try body(span.bytes)
    }
  }

  private static let rows = 3
  private static let columns = 64

  private static func kept(_ format: any NumberFormat) throws -> Tensor {
    var generator = SeededGenerator(seed: 3)
    let values = (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &generator) }
    let matrix = FloatMatrix(name: "w", rows: rows, columns: columns, values: values)
    let source: Kept
    if let format = format as? any BlockFormat {
      let blocks = try BlockMatrix(encoding: matrix, as: format)
      source = Kept(
        elementCount: values.count, storedFormat: format, bytes: blocks.bytes,
        values: blocks.decoded())
    } else {
      let approximation = try format.approximation(
        of: matrix, grouping: Grouping(.tensor, symmetric: true))
      source = Kept(
        elementCount: values.count, storedFormat: format,
        bytes: [UInt8](repeating: 0, count: 2 * values.count), values: approximation)
    }
    return Tensor(shape: [rows, columns], source: source)
  }

  private static func arithmetic(
    _ tensor: Tensor, activations: ActivationScheme
  ) throws -> NodeArithmetic? {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([columns])), inputs: []),
      Node(
        id: 1, name: "layer", operation: .linear(outFeatures: rows, hasBias: false), inputs: [0]),
    ])
    let scheme = Scheme(name: "s", weights: .asStored, activations: activations)
    let model = try quantize(
      graph: graph, weights: Weights(["layer.weight": tensor]), scheme: scheme)
    if model.arithmetic[1] != .float32 { #expect(model.weights.tensors.isEmpty) }
    return model.arithmetic[1]
  }

  @Test func `blocks with a kernel are multiplied as they lie`() throws {
    let tensor = try Self.kept(GGUF.Q4_0())
    guard
      case .blocks(let matrix, .asymmetric)? = try Self.arithmetic(
        tensor, activations: .dynamic(symmetric: false))
    else {
      Issue.record("expected blocks")
      return
    }
    #expect(matrix.format.name == "q4_0")
    #expect(matrix.decoded() == tensor.values)
  }

  @Test func `without rounded operands, or a kernel, blocks are decoded`() throws {
    let plain = try Self.kept(GGUF.Q4_0())
    #expect(
      try Self.arithmetic(plain, activations: .float32)
        == .reference(
          weight: StoredMatrix(
            format: "q4_0", rows: Self.rows, columns: Self.columns, values: plain.values,
            bytes: 3 * 2 * 18), dynamic: nil))
    let rare = try Self.kept(GGUF.Q5_1())
    guard
      case .reference(let weight, .symmetric)? = try Self.arithmetic(
        rare, activations: .dynamic(symmetric: true))
    else {
      Issue.record("expected the reference path")
      return
    }
    #expect(weight.values == rare.values)
  }

  @Test func `small floats and fp32 keep fp32 operands`() throws {
    let half = try Self.kept(MinifloatFormat.f16)
    guard
      case .reference(let weight, nil)? = try Self.arithmetic(
        half, activations: .dynamic(symmetric: true))
    else {
      Issue.record("expected the reference path")
      return
    }
    #expect(weight.values == half.values)
    let brain = try Self.kept(MinifloatFormat.bf16)
    guard
      case .bfloat16(let matrix)? = try Self.arithmetic(
        brain, activations: .dynamic(symmetric: true))
    else {
      Issue.record("expected bf16")
      return
    }
    #expect(matrix.decoded() == brain.values)
    let float = Tensor(shape: [Self.rows, Self.columns], values: half.values)
    #expect(try Self.arithmetic(float, activations: .dynamic(symmetric: true)) == .float32)
  }

  /// A weight of codes, such as a checkpoint stores.
  private struct Codes: TensorSource {
    let matrix: QuantizedMatrix
    var elementCount: Int { matrix.codes.count }
    var integers: StoredIntegers? { StoredIntegers(weight: matrix) }

    func read(_ range: Range<Int>, into out: inout MutableSpan<Float>) {
      let values = matrix.dequantized()
      for index in range { out[index - range.lowerBound] = values[index] }
    }
  }

  @Test(arguments: [(8, true), (16, true), (32, true), (4, false), (2, false)])
  func `codes are multiplied as integers where a kernel takes their groups`(
    size: Int, isInteger: Bool
  ) throws {
    var generator = SeededGenerator(seed: 4)
    let matrix = QuantizedMatrix(
      rows: Self.rows, columns: Self.columns, bits: 8, granularity: .group(size),
      codes: (0..<Self.rows * Self.columns).map { _ in
        Int8.random(in: -127...127, using: &generator)
      },
      parameters: (0..<Self.rows * Self.columns / size).map { _ in
        AffineParameters(scale: Float.random(in: 0.01...0.1, using: &generator), zeroPoint: 0)
      })
    let tensor = Tensor(shape: [Self.rows, Self.columns], source: Codes(matrix: matrix))
    let expected: NodeArithmetic =
      isInteger
      ? .integer(weight: matrix, dynamic: .symmetric)
      : .reference(
        weight: StoredMatrix(
          format: "int8", rows: Self.rows, columns: Self.columns, values: matrix.dequantized(),
          bytes: matrix.storedBytes), dynamic: .symmetric)
    #expect(try Self.arithmetic(tensor, activations: .dynamic(symmetric: true)) == expected)
    // Without rounded operands the numbers count.
    guard case .reference(let weight, nil)? = try Self.arithmetic(tensor, activations: .float32)
    else {
      Issue.record("expected the reference path")
      return
    }
    #expect(weight.values == matrix.dequantized())
  }
}
