import Architectures
import CKernels
import Checkpoints
import Documents
import Foundation
import Graphs
import TestSupport
import Testing
import Training

@Suite struct SequenceTrainingTests {
  /// Windows of a text that repeats `1 2 1 3 1 4`: what follows a 1 depends on the token before it.
  static func windows(_ count: Int, length: Int, seed: UInt64) -> [Float] {
    let text: [Float] = [1, 2, 1, 3, 1, 4]
    var random = SeededGenerator(seed: seed)
    return (0..<count).flatMap { _ in
      let start = Int.random(in: 0..<6, using: &random)
      return (0..<length).map { text[(start + $0) % 6] }
    }
  }

  /// Sequences of the tokens 3…6 with one token of 0…2, which is the class.
  static func marked(
    _ count: Int, length: Int, seed: UInt64
  ) -> (inputs: [Float], labels: [Int]) {
    var random = SeededGenerator(seed: seed)
    var inputs: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let label = Int.random(in: 0..<3, using: &random)
      var window = (0..<length).map { _ in Float(Int.random(in: 3..<7, using: &random)) }
      window[Int.random(in: 0..<length, using: &random)] = Float(label)
      inputs += window
      labels.append(label)
    }
    return (inputs, labels)
  }

  static func recipe(_ epochs: Int, decay: Double = 0.01) -> TrainingRecipe {
    RecipeFixture.recipe(epochs: epochs, batch: 8, optimiser: .adam, rate: 0.02, decay: decay)
  }

  @Test(arguments: [false, true])
  func `a decoder learns a text that repeats`(isTied: Bool) throws {
    var shape = SequenceGraphs.decoderShape()
    shape.isTied = isTied
    let trainer = try Trainer(
      graph: shape.graph(), recipe: Self.recipe(8),
      tied: isTied ? ["head.weight": "embedding.weight"] : [:])
    var progress: [TrainingProgress] = []
    let weights = try trainer.train(windows: Self.windows(96, length: 13, seed: 1), length: 13) {
      progress.append($0)
    }
    #expect((progress.first?.loss ?? 0) > 0.9)
    // Half of the windows begin with a 1, whose successor cannot be known: log 3 / 12 / 2 = 0.046.
    #expect((progress.last?.loss ?? 9) < 0.15)
    #expect((progress.last?.accuracy ?? 0) > 0.95)
    let fresh = Self.windows(20, length: 13, seed: 2)
    let logits = trainer.logits(weights, inputs: fresh, tokens: 13)
    let right = fresh.indices.count { place in
      guard place % 13 > 0, place % 13 < 12 else { return false }
      let row = logits[place * 7..<place * 7 + 7]
      return row.indices.max { row[$0] < row[$1] } == place * 7 + Int(fresh[place + 1])
    }
    #expect(right > 210)
  }

  @Test func `an encoder learns classes of sequences`() throws {
    let trainer = try Trainer(
      graph: SequenceGraphs.encoderShape().graph(), recipe: Self.recipe(8))
    let data = Self.marked(96, length: 6, seed: 1)
    var progress: [TrainingProgress] = []
    let weights = try trainer.train(inputs: data.inputs, labels: data.labels) {
      progress.append($0)
    }
    #expect((progress.last?.accuracy ?? 0) > 0.9)
    let fresh = Self.marked(60, length: 6, seed: 2)
    let logits = trainer.logits(weights, inputs: fresh.inputs, tokens: 6)
    let right = fresh.labels.indices.count { example in
      let row = logits[example * 3..<example * 3 + 3]
      return row.indices.max { row[$0] < row[$1] } == example * 3 + fresh.labels[example]
    }
    #expect(right > 50)
  }

  @Test func `every instruction set gives the same transformers`() throws {
    for entry in try SequenceGraphs.transformers() {
      let windows = Self.windows(16, length: 9, seed: 3)
      let data = Self.marked(16, length: 9, seed: 3)
      var digests: Set<[UInt32]> = []
      for isa in [QG_ISA_SCALAR, QG_ISA_AVX2, QG_ISA_AVX512, QG_ISA_AVX512_VNNI]
      where isa.rawValue <= qg_isa_detect().rawValue {
        let trainer = try Trainer(
          graph: entry.graph, recipe: Self.recipe(2), tied: entry.tied, instructions: isa)
        for _ in 0..<2 {
          let isPooled = entry.name == "encoder" || entry.name == "pooled"
          let weights =
            isPooled
            ? try trainer.train(inputs: data.inputs, labels: data.labels)
            : try trainer.train(windows: windows, length: 9)
          digests.insert(
            entry.graph.parameters.flatMap { weights[$0.name]?.values.map(\.bitPattern) ?? [] })
        }
      }
      #expect(digests.count == 1, "\(entry.name)")
    }
  }

  @Test func `decay pulls at weights and not at the gains of normalizations`() throws {
    let trainer = try Trainer(
      graph: SequenceGraphs.decoderShape().graph(),
      recipe: RecipeFixture.recipe(
        epochs: 4, batch: 8, optimiser: .sgd(momentum: 0), rate: 1e-3, schedule: .constant,
        decay: 100))
    let weights = try trainer.train(windows: Self.windows(64, length: 9, seed: 1), length: 9)
    // 0.9 to the power of 32 steps.
    #expect(weights["layers.0.query.weight"]?.values.allSatisfy { abs($0) < 0.06 } == true)
    #expect(weights["layers.0.attention_norm.weight"]?.values.allSatisfy { $0 > 0.9 } == true)
  }

  @Test func `a tied table is trained once, stored once and read under both names`() throws {
    let document = try Document(
      text: """
        architecture: net
        family: decoder
        shape: { vocabulary: 7, width: 8, layers: 1, heads: 2, feed_forward: 12, context: 16, tied: true }
        weights: net.safetensors
        train: { dataset: text, examples: 16, epochs: 2, batch: 8, optimiser: adam, learning_rate: 0.01, seed: 1 }
        """, file: "net.yaml")
    let architecture = try document.decode(Architecture.reader)
    let weights = try Trainer(architecture).train(
      windows: Self.windows(16, length: 9, seed: 1), length: 9)
    let table = try #require(weights["embedding.weight"])
    #expect(weights["head.weight"] == table)
    #expect(table != Initialisation.weights(architecture.graph, seed: 1)["embedding.weight"])
    let stored = architecture.stored(weights)
    #expect(stored["head.weight"] == nil && stored["embedding.weight"] == table)
    let folder = FileManager.default.temporaryDirectory.path + "/tied-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/net.safetensors"
    try Safetensors.write(stored, metadata: architecture.checkpointMetadata, to: path)
    #expect(try architecture.readWeights(at: path) == weights)
    try Safetensors.write(weights, metadata: [:], to: path)
    #expect(throws: CheckpointError.self) { try architecture.readWeights(at: path) }
  }

  @Test func `windows that do not fit are refused`() throws {
    let decoder = try Trainer(
      graph: SequenceGraphs.decoderShape().graph(), recipe: Self.recipe(1))
    let encoder = try Trainer(
      graph: SequenceGraphs.encoderShape().graph(), recipe: Self.recipe(1))
    func error(_ trainer: Trainer, _ windows: [Float], _ length: Int) -> TrainingError? {
      TrainerTests.error { () throws(TrainingError) in
        _ = try trainer.train(windows: windows, length: length)
      }
    }
    func error(_ trainer: Trainer, _ inputs: [Float], _ labels: [Int]) -> TrainingError? {
      TrainerTests.error { () throws(TrainingError) in
        _ = try trainer.train(inputs: inputs, labels: labels)
      }
    }
    let windows = Self.windows(8, length: 9, seed: 1)
    #expect(error(encoder, windows, 9) == .target(expected: "classes", found: "next tokens"))
    #expect(
      error(decoder, windows, Array(repeating: 0, count: 8))
        == .target(expected: "next tokens", found: "classes"))
    #expect(error(decoder, windows, 1) == .windowLength(expected: 2...(.max), found: 1))
    #expect(error(decoder, windows, 7) == .inputCount(expected: 70, found: 72))
    #expect(error(decoder, windows, 18) == .tooFewExamples(expected: 8, found: 4))
    for (wrong, id) in [7, -1, 1.5, .nan, .infinity].enumerated() as EnumeratedSequence<[Float]> {
      var windows = windows
      windows[9 + wrong] = id
      let found = error(decoder, windows, 9)
      #expect(
        found?.description.hasPrefix("example 1, token \(wrong): expected an id in 0…6") == true)
    }
    let long = [Float](repeating: 1, count: 8 * 17)
    #expect(
      error(encoder, long, Array(repeating: 0, count: 8))
        == .windowLength(expected: 1...16, found: 17))
  }
}
