import Foundation
import Graphs
import TestSupport
import Testing
import Training

@Suite struct SequenceGradientTests {
  private func compare(_ entry: SequenceGraphs.Entry, seeds: ClosedRange<UInt64>) throws {
    let trainer = try Trainer(
      graph: entry.graph, recipe: RecipeFixture.recipe(), tied: entry.tied)
    for seed in seeds {
      let check = GradientCheck(
        entry.graph, examples: 3, tokens: SequenceGraphs.tokens, tied: entry.tied, seed: seed)
      let found = trainer.gradients(
        check.weights, inputs: check.inputs, tokens: check.tokens, labels: check.labels)
      let loss = check.reference.loss(
        inputs: check.inputs.map(Double.init), labels: check.labels)
      #expect(abs(found.loss - loss) <= 1e-5 * max(1, loss), "\(entry.name), seed \(seed)")
      #expect(check.complaints(about: found.gradients) == [], "\(entry.name), seed \(seed)")
    }
  }

  @Test(arguments: 0..<19)
  func `gradients over sequences agree with central differences`(index: Int) throws {
    try compare(SequenceGraphs.operations()[index], seeds: 1...3)
  }

  @Test(arguments: 0..<5)
  func `gradients of whole transformers agree with central differences`(index: Int) throws {
    try compare(SequenceGraphs.transformers()[index], seeds: 1...2)
  }

  @Test func `every operation over sequences is among the checked graphs`() throws {
    #expect(try SequenceGraphs.operations().count == 19)
    #expect(try SequenceGraphs.transformers().count == 5)
    let names = Set(
      try SequenceGraphs.operations().flatMap { $0.graph.nodes.map(\.operation.name) })
    #expect(
      names == [
        "input", "linear", "gelu", "gelu_tanh", "silu", "gated silu", "embedding",
        "position embedding", "rms normalization", "layer normalization", "rotary embedding",
        "attention", "requested tokens", "first tokens", "mean tokens", "unit length",
      ])
  }

  @Test func `the gradient of a vector too short for unit length is the bound's`() throws {
    let graph = try SequenceGraphs.chain([.unitLength])
    let trainer = try Trainer(graph: graph, recipe: RecipeFixture.recipe())
    let check = GradientCheck(graph, examples: 1, tokens: 2, seed: 1)
    var weights = check.weights
    weights["embedding.weight"] = Tensor(
      shape: [SequenceGraphs.vocabulary, SequenceGraphs.width], repeating: 0)
    let found = trainer.gradients(weights, inputs: [1, 2], tokens: 2, labels: [3, -1]).gradients
    let head = try #require(weights["n4.weight"]?.values)
    let logits = try #require(weights["n4.bias"]?.values)
    let sum = logits.reduce(0.0) { $0 + exp(Double($1)) }
    let expected = (0..<6).reduce(0.0) {
      $0 + (exp(Double(logits[$1])) / sum - ($1 == 3 ? 1 : 0)) * Double(head[$1 * 8]) * 1e12
    }
    let gradient = try #require(found["embedding.weight"]?.values[8])
    #expect(abs(Double(gradient) / expected - 1) < 1e-4)
  }

  @Test(arguments: [ElementFunction.gelu, .geluTanh, .silu])
  func `slopes far out and at 0 are the limits`(function: ElementFunction) throws {
    let graph = try SequenceGraphs.chain([.function(function)])
    let trainer = try Trainer(graph: graph, recipe: RecipeFixture.recipe())
    let points: [Float] = [0, 1e-30, -1e-20, 60, -120, 1e4, -1e4]
    let slopes: [Float] = [0.5, 0.5, 0.5, 1, 0, 1, 0]
    // The head's weights differ by output alone, so every element of a token has the same gradient; the
    // softmax is even where all weights are equal but for the bias.
    let width = SequenceGraphs.width
    var weights = Weights()
    weights["embedding.weight"] = Tensor(
      shape: [points.count, width],
      values: points.flatMap { Array(repeating: $0, count: width) })
    var head = [Float](repeating: 0, count: 6 * width)
    head[3 * width] = 0.25
    head[4 * width] = 0.25
    weights["n4.weight"] = Tensor(shape: [6, width], values: head)
    weights["n4.bias"] = Tensor(
      shape: [6], values: (0..<6).map { $0 == 3 || $0 == 4 ? 0 : -1e6 })
    for (id, slope) in slopes.enumerated() {
      let gradient = trainer.gradients(
        weights, inputs: [Float(id)], tokens: 1, labels: [2]
      ).gradients["embedding.weight"]?.values[id * width]
      // Both possible outputs have half the probability and none is the label.
      #expect(gradient == 0.25 * slope, "\(function) at \(points[id])")
    }
  }
}
