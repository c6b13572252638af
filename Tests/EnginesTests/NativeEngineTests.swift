import Architectures
import Checkpoints
import Engines
import Execution
import Foundation
import Graphs
import NumberFormats
import Quantization
import TestSupport
import Testing

@Suite struct NativeEngineTests {
  /// A repository with one tiny trained architecture.
  static func repository(weight: Float = 0.5) throws -> (TemporaryFolder, Architecture) {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      architecture: tiny
      family: mlp
      input: [8]
      layers:
        - { layer: linear, name: hidden, features: 16 }
        - { layer: relu, name: clamp }
        - { layer: linear, name: head, features: 3 }
      weights: ../models/tiny.safetensors
      """, to: "Scenarios/architectures/tiny.yaml")
    let architecture = try Architecture(
      file: "Scenarios/architectures/tiny.yaml", root: folder.url.path)
    var generator = SeededGenerator(seed: 7)
    var weights = Weights()
    for parameter in architecture.graph.parameters {
      weights[parameter.name] = Tensor(
        shape: parameter.shape,
        values: (0..<parameter.elementCount).map { _ in
          Float.random(in: -weight...weight, using: &generator)
        })
    }
    let models = folder.url.appendingPathComponent("Scenarios/models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    try Safetensors.write(weights, to: models.appendingPathComponent("tiny.safetensors").path)
    return (folder, architecture)
  }

  static let inputs: [Float] = {
    var generator = SeededGenerator(seed: 3)
    return (0..<8 * 20).map { _ in Float.random(in: -1...1, using: &generator) }
  }()

  /// An encoder that tells 3 classes apart, over windows of so many tokens.
  private static func encoder(_ output: TransformerShape.Output, tokens: Int) throws
    -> NativeWorkload
  {
    var shape = TransformerShape(
      vocabulary: 20, width: 16, layers: 2, heads: 2, keyValueHeads: 2, feedForwardWidth: 24,
      context: 12)
    shape.positions = .learned(rows: 12)
    shape.isCausal = false
    shape.output = output
    let graph = try shape.graph()
    let quantized = try quantize(
      graph: graph, weights: GeneratedWeights(seed: 4).weights(of: graph), scheme: .float32)
    return try NativeEngine().compile(
      quantized, options: ExecutionOptions(),
      sequences: SequenceWindows(work: SequenceWork(.prefill), tokens: tokens))
  }

  @Test(arguments: [
    TransformerShape.Output.classes(.first, pooler: .tanh, count: 3),
    .classes(.mean, pooler: .relu, count: 3), .classes(.mean, count: 3),
    .pooled(.mean, isUnitLength: true),
  ])
  func `an encoder sees nothing of what fills a window up`(
    _ kind: TransformerShape.Output
  ) throws {
    let padded: [Float] = [3, 7, 11, 2, 5, 0, 0, 0, 0]
    let whole = try Self.encoder(kind, tokens: 9)
    let short = try Self.encoder(kind, tokens: 5)
    var found = [Float](repeating: 0, count: whole.outputSize)
    var expected = found
    var seen = found
    try padded.withUnsafeBufferPointer { window in
      try found.withUnsafeMutableBufferPointer { try whole.run(window, filled: 5, into: $0) }
      let text = UnsafeBufferPointer(rebasing: window[..<5])
      try expected.withUnsafeMutableBufferPointer { try short.run(text, examples: 1, into: $0) }
      try seen.withUnsafeMutableBufferPointer { try whole.run(window, filled: 9, into: $0) }
    }
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(found != seen)
  }

  @Test func `what is shown of layers is what ran`() throws {
    let (folder, architecture) = try Self.repository()
    let engine = NativeEngine()
    let model = try engine.load(
      architecture,
      weightsAt: folder.url.appendingPathComponent("Scenarios/models/tiny.safetensors").path)
    let quantized = try engine.quantize(
      model,
      scheme: Scheme(
        name: "dynamic", weights: .affine(.int8, Grouping(.channel, symmetric: true)),
        activations: .dynamic(symmetric: true)),
      calibration: .none)
    let workload = try engine.compile(quantized, options: ExecutionOptions(), sequences: nil)
    var (plain, shown) = ([Float](repeating: 0, count: 3), [Float](repeating: 9, count: 3))
    var names: [String] = []
    var last: [Float] = []
    try Self.inputs.withUnsafeBufferPointer { inputs in
      let input = UnsafeBufferPointer(rebasing: inputs[..<8])
      try plain.withUnsafeMutableBufferPointer { try workload.run(input, examples: 1, into: $0) }
      try shown.withUnsafeMutableBufferPointer { output in
        try workload.observe(input, into: output) { node, row, values in
          names.append(node.node.name)
          #expect(node.range == nil)
          #expect(row == 0)
          last = values.withUnsafeBufferPointer { Array($0) }
        }
      }
    }
    #expect(plain == shown)
    #expect(last == plain)
    #expect(names == ["input", "hidden", "head"])
  }

  func outputs(scheme: Scheme) throws -> [Float] {
    let (folder, architecture) = try Self.repository()
    let engine = NativeEngine()
    let model = try engine.load(
      architecture, weightsAt: architecture.weightsPath(root: folder.url.path))
    let quantized = try engine.quantize(
      model, scheme: scheme, calibration: CalibrationInputs(values: Self.inputs, count: 20))
    let workload = try engine.compile(
      quantized, options: ExecutionOptions(maximumBatch: 20), sequences: nil)
    var output = [Float](repeating: .nan, count: 60)
    try Self.inputs.withUnsafeBufferPointer { input in
      try output.withUnsafeMutableBufferPointer { output in
        try workload.run(input, examples: 20, into: output)
      }
    }
    return output
  }

  @Test func `int8 with calibrated activations stays close to float and differs from it`() throws {
    let float = try outputs(scheme: .float32)
    let scheme = Scheme(
      name: "static",
      weights: .affine(.int8, Grouping(.channel, symmetric: true)),
      activations: .fixed(symmetric: false, .minMax))
    let quantized = try outputs(scheme: scheme)
    let largest = float.map(abs).max() ?? 0
    let worst = zip(float, quantized).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst > 0)
    #expect(worst < 0.03 * largest)
  }

  @Test func `static activations without calibration examples are refused`() throws {
    let (folder, architecture) = try Self.repository()
    let engine = NativeEngine()
    let model = try engine.load(
      architecture, weightsAt: architecture.weightsPath(root: folder.url.path))
    let scheme = Scheme(
      name: "static",
      weights: .affine(.int8, Grouping(.channel, symmetric: true)),
      activations: .fixed(symmetric: false, .minMax))
    do {
      _ = try engine.quantize(model, scheme: scheme, calibration: .none)
      Issue.record("expected an error")
    } catch {
      #expect(
        error.description
          == "static: expected calibration examples for its static activations, found none")
    }
  }

  @Test func `missing and non-finite weights are named`() throws {
    let (folder, architecture) = try Self.repository(weight: 0.5)
    let file = folder.url.appendingPathComponent("Scenarios/models/tiny.safetensors")
    var weights = try architecture.weights(root: folder.url.path)
    weights["hidden.bias"]?.values[3] = .nan
    try Safetensors.write(weights, to: file.path)
    #expect(throws: EngineError.self) {
      try NativeEngine().load(architecture, weightsAt: file.path)
    }
    do {
      _ = try NativeEngine().load(architecture, weightsAt: file.path)
    } catch {
      #expect(error.description.contains("hidden.bias[3]"), "\(error.description)")
    }
    try FileManager.default.removeItem(at: file)
    do {
      _ = try NativeEngine().load(architecture, weightsAt: file.path)
      Issue.record("expected an error")
    } catch {
      #expect(error.description.contains("Scenarios/models/tiny.safetensors"))
    }
  }
}
