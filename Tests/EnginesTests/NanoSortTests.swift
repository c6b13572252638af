import Architectures
import Checkpoints
import Execution
import Foundation
import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

/// A trained three-layer GPT with all its inputs, and its author's own activations for three of them.
@Suite struct NanoSortTests {
  private static let name = "nano-sort-gpt"

  private static func executor(
    _ scheme: Scheme, _ outputs: SequenceOptions.Outputs = .every
  ) throws -> Executor {
    let folder = try #require(RealData.folder(name)).path
    let config = try HuggingFaceConfig(folder: folder)
    let graph = try config.shape.graph()
    let weights = try config.shape.weights(
      of: graph, named: config.model.naming, from: Checkpoint.open(folder))
    let model = try quantize(graph: graph, weights: weights, scheme: scheme)
    let room = SequenceOptions(context: 11, tokens: 11, outputs: outputs)
    return try Executor(model, options: ExecutionOptions(sequences: room))
  }

  private static func golden(_ name: String) throws -> GoldenTensors {
    let folder = try #require(RealData.folder(Self.name))
    return try GoldenTensors(folder.appendingPathComponent("\(name).safetensors"))
  }

  private static func logits(_ executor: inout Executor, _ sequence: [Float]) throws -> [Float] {
    var logits = [Float](repeating: 0, count: 33)
    var span = logits.mutableSpan
    try executor.run(
      sequence.span, parts: [SequencePart(position: 0, tokens: 11)], into: &span)
    return logits
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `all 729 inputs give double precision's scores`() throws {
    let truth = try Self.golden("ground-truth")
    let sequences = try truth.codes("sequence").map(Float.init)
    let expected = try truth.floats("logits")
    var executor = try Self.executor(.float32)
    for input in 0..<729 {
      let found = try Self.logits(&executor, Array(sequences[input * 11..<input * 11 + 11]))
      let worst =
        zip(found, expected[input * 33..<input * 33 + 33])
        .map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 1
      #expect(worst <= 1e-5, "input \(input): off by \(worst)")
    }
  }

  /// Names of our nodes and of the author's activations; block 0 only where they have no number.
  private static let activations = [
    "positions": "x", "layers.0.attention_norm": "ln1", "layers.0.attention": "y",
    "layers.0.attention_output": "yProj", "layers.0.attention_sum": "attnResid",
    "layers.0.feed_forward_norm": "ln2", "layers.0.up": "fc", "layers.0.activation": "gelu",
    "layers.0.down": "mlp", "layers.0.feed_forward_sum": "mlpResid",
    "layers.1.feed_forward_sum": "block1", "layers.2.feed_forward_sum": "block2",
    "norm": "ln_f", "head": "lm_head",
  ]

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `every activation is the author's within 1e-5`() throws {
    let golden = try Self.golden("reference-activations")
    let ids = try golden.bytes("idx").enumerated().filter { $0.offset % 4 == 0 }.map {
      Float($0.element)
    }
    var executor = try Self.executor(.float32)
    var seen: Set<String> = []
    for input in 0..<3 {
      let sequence = Array(ids[input * 11..<input * 11 + 11])
      var found: [String: [Float]] = [:]
      var logits = [Float](repeating: 0, count: 33)
      var span = logits.mutableSpan
      let names = executor.graph.nodes.map(\.name)
      try executor.run(
        sequence.span, parts: [SequencePart(position: 0, tokens: 11)], into: &span
      ) { node, _, values in
        found[names[node], default: []] += values.withUnsafeBufferPointer { Array($0) }
      }
      for (node, activation) in Self.activations {
        let all = try golden.floats(activation)
        let size = all.count / 3
        let expected = all[input * size..<(input + 1) * size]
        let values = try #require(found[node])
        #expect(values.count == size)
        let worst = zip(values, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 1
        #expect(worst <= 1e-5, "\(node) of input \(input): off by \(worst)")
        seen.insert(node)
      }
    }
    #expect(seen.count == Self.activations.count)
  }

  @Test(
    .enabled(if: RealData.folder(name) != nil, Comment(rawValue: RealData.absence(name))))
  func `int8 sorts all 729 inputs`() throws {
    let truth = try Self.golden("ground-truth")
    let inputs = try truth.codes("inputs")
    let sorted = try truth.codes("expected_sorted").map(Int.init)
    let scheme = Scheme(
      name: "int8", weights: .affine(.int8, Grouping(.channel, symmetric: true)),
      activations: .dynamic(symmetric: false), cache: .int8)
    var executor = try Self.executor(scheme, .last)
    for input in 0..<729 {
      var ids = inputs[input * 6..<input * 6 + 6].map(Float.init)
      var position = 0
      while ids.count < 12 {
        var logits: [Float] = [0, 0, 0]
        var span = logits.mutableSpan
        let part = Array(ids[position...])
        try executor.run(
          part.span, parts: [SequencePart(position: position, tokens: part.count)], into: &span)
        position = ids.count
        ids.append(Float(logits.indices.max { logits[$0] < logits[$1] } ?? 0))
      }
      #expect(ids[6...].map { Int($0) } == Array(sorted[input * 6..<input * 6 + 6]))
    }
  }
}
