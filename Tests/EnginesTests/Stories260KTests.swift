import Architectures
import Checkpoints
import Execution
import Foundation
import Graphs
import Quantization
import TestSupport
import Testing

/// A real decoder against an independent implementation's numbers.
@Suite struct Stories260KTests {
  private static let name = "stories260K"

  private static func model(_ scheme: Scheme) throws -> QuantizedModel {
    let folder = try #require(RealData.folder(name)).path
    let config = try HuggingFaceConfig(folder: folder)
    let checkpoint = try Checkpoint.open(folder)
    return try model(scheme, config.shape, config.model.naming, checkpoint)
  }

  private static func model(_ scheme: Scheme, gguf name: String) throws -> QuantizedModel {
    let folder = try #require(RealData.folder(Self.name))
    let file = try GGUFFile(folder.appendingPathComponent(name).path)
    let description = try GGUFTransformer(file)
    return try model(scheme, description.shape, description.naming, file)
  }

  private static func model(
    _ scheme: Scheme, _ shape: TransformerShape, _ naming: CheckpointNaming,
    _ checkpoint: any TensorCollection
  ) throws -> QuantizedModel {
    let graph = try shape.graph()
    let weights = try shape.weights(of: graph, named: naming, from: checkpoint)
    return try quantize(graph: graph, weights: weights, scheme: scheme)
  }

  private struct Windows: Decodable {
    let token_ids: [[Int]]
    let nll: [[Double]]
    let mean_nll: Double
    let gguf: [String: File]?
  }

  private struct File: Decodable {
    let weights_only_float64: Score
    let llama_perplexity_f32_kv: Printed
  }

  private struct Printed: Decodable {
    let ppl: Double
  }

  private struct Score: Decodable {
    let perplexity: Double
    let perplexity_second_half: Double
  }

  private struct Greedy: Decodable {
    let prompt_ids: [Int]
    let generated_ids: [Int]
  }

  private struct Reference: Decodable {
    let windows: Windows
    let stories: Windows
    let greedy: Greedy
  }

  private static func reference() throws -> Reference {
    let folder = try #require(RealData.folder(name))
    let data = try Data(contentsOf: folder.appendingPathComponent("reference.json"))
    return try JSONDecoder().decode(Reference.self, from: data)
  }

  /// −ln p of every token but the first.
  private static func losses(_ logits: [Float], _ ids: [Int]) -> [Double] {
    (1..<ids.count).map { position in
      let row = logits[(position - 1) * 512..<position * 512].map(Double.init)
      let largest = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp($1 - largest) }
      return log(sum) + largest - row[ids[position]]
    }
  }

  private static func losses(
    _ executor: inout Executor, _ windows: [[Int]]
  ) throws -> [[Double]] {
    try windows.map { ids in
      var logits = [Float](repeating: 0, count: ids.count * 512)
      var span = logits.mutableSpan
      let input = ids.map(Float.init)
      try executor.run(
        input.span, parts: [SequencePart(position: 0, tokens: ids.count)],
        into: &span)
      return losses(logits, ids)
    }
  }

  /// The most likely token after the prompt, then after that, and so on.
  private static func written(_ executor: inout Executor, _ greedy: Greedy) throws -> [Int] {
    var ids = greedy.prompt_ids
    var logits = [Float](repeating: 0, count: 512)
    while ids.count < greedy.prompt_ids.count + greedy.generated_ids.count {
      let input = [Float(ids[ids.count - 1])]
      var span = logits.mutableSpan
      try executor.run(
        input.span,
        parts: [SequencePart(position: ids.count - 1, tokens: 1)], into: &span)
      ids.append(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
    }
    return Array(ids.dropFirst(greedy.prompt_ids.count))
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `every token is as likely as double precision says`() throws {
    let reference = try Self.reference()
    let room = SequenceOptions(context: 256, tokens: 256, outputs: .every)
    var executor = try Executor(
      Self.model(.float32), options: ExecutionOptions(sequences: room))
    for windows in [reference.windows, reference.stories] {
      let losses = try Self.losses(&executor, windows.token_ids)
      let pairs = zip(losses.flatMap(\.self), windows.nll.flatMap(\.self))
      let worst = pairs.map { abs($0 - $1) }.max() ?? 1
      #expect(worst <= 1e-4)
      let mean = losses.flatMap(\.self).reduce(0, +) / Double(losses.reduce(0) { $0 + $1.count })
      #expect(abs(mean - windows.mean_nll) <= 1e-6)
    }
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `greedy writing takes the same 200 tokens`() throws {
    let greedy = try Self.reference().greedy
    let room = SequenceOptions(context: 256, tokens: 1, outputs: .last)
    var executor = try Executor(
      Self.model(.float32), options: ExecutionOptions(threads: 2, sequences: room))
    #expect(try Self.written(&executor, greedy) == greedy.generated_ids)
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))),
    arguments: ["stories260K-f32.gguf", "stories260K-Q8_0.gguf", "stories260K-Q4_0.gguf"])
  func `a GGUF file has the perplexity of its weights in double precision`(
    file: String
  ) throws {
    let windows = try Self.reference().windows
    let expected = try #require(windows.gguf?[file]).weights_only_float64
    let room = SequenceOptions(context: 256, tokens: 256, outputs: .every)
    let scheme = Scheme(name: "stored", weights: .asStored, activations: .float32)
    var executor = try Executor(
      Self.model(scheme, gguf: file), options: ExecutionOptions(sequences: room))
    let losses = try Self.losses(&executor, windows.token_ids)
    let all = losses.flatMap(\.self)
    // What llama.cpp averages: the targets from the middle of each window on.
    let second = losses.flatMap { $0.dropFirst(128) }
    #expect(second.count == 2_032)
    for (part, expected) in [
      (all, expected.perplexity), (second, expected.perplexity_second_half),
    ] {
      let found = exp(part.reduce(0, +) / Double(part.count))
      #expect(abs(found / expected - 1) <= 1e-4, "\(file): \(found), expected \(expected)")
    }
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))),
    arguments: ["stories260K-Q8_0.gguf", "stories260K-Q4_0.gguf"])
  func `with int8 activations perplexity is what llama.cpp printed, within 0.5 %`(
    file: String
  ) throws {
    let windows = try Self.reference().windows
    let printed = try #require(windows.gguf?[file]).llama_perplexity_f32_kv.ppl
    let room = SequenceOptions(context: 256, tokens: 256, outputs: .every)
    let scheme = Scheme(
      name: "stored", weights: .asStored, activations: .dynamic(symmetric: true))
    var executor = try Executor(
      Self.model(scheme, gguf: file), options: ExecutionOptions(sequences: room))
    let losses = try Self.losses(&executor, windows.token_ids)
    let second = losses.flatMap { $0.dropFirst(128) }
    let found = exp(second.reduce(0, +) / Double(second.count))
    #expect(abs(found / printed - 1) <= 0.005, "\(file): \(found), printed \(printed)")
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `the GGUF file writes the same 200 tokens as the safetensors`() throws {
    let greedy = try Self.reference().greedy
    let scheme = Scheme(name: "stored", weights: .asStored, activations: .float32)
    let room = SequenceOptions(context: 256, tokens: 1, outputs: .last)
    var executor = try Executor(
      Self.model(scheme, gguf: "stories260K-f32.gguf"), options: ExecutionOptions(sequences: room))
    #expect(try Self.written(&executor, greedy) == greedy.generated_ids)
  }
}
