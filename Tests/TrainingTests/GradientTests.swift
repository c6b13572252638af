import Graphs
import TestSupport
import Testing
import Training

@Suite struct GradientTests {
  static let recipe = RecipeFixture.recipe()

  @Test(arguments: 0..<12)
  func `gradients agree with central differences`(index: Int) throws {
    let (name, graph) = try TestGraphs.all()[index]
    let trainer = try Trainer(graph: graph, recipe: Self.recipe)
    for seed in 1...3 as ClosedRange<UInt64> {
      let check = GradientCheck(graph, examples: 4, seed: seed)
      let found = trainer.gradients(check.weights, inputs: check.inputs, labels: check.labels)
      let reference = check.reference
      let loss = reference.loss(inputs: check.inputs.map(Double.init), labels: check.labels)
      #expect(abs(found.loss - loss) <= 1e-5 * max(1, loss), "\(name), seed \(seed)")
      #expect(check.complaints(about: found.gradients) == [], "\(name), seed \(seed)")
    }
  }

  @Test func `every operation is among the checked graphs`() throws {
    let names = Set(try TestGraphs.all().flatMap { $0.graph.nodes.map(\.operation.name) })
    #expect(
      names == [
        "input", "linear", "convolution", "depthwise convolution", "batch normalization", "relu",
        "relu6", "add", "max pooling", "average pooling", "global average pooling", "flatten",
        "softmax",
      ])
  }

  @Test func `the check notices a gradient that is wrong in one element`() throws {
    let graph = try TestGraphs.residual()
    let trainer = try Trainer(graph: graph, recipe: Self.recipe)
    let check = GradientCheck(graph, examples: 4, seed: 5)
    let right = trainer.gradients(check.weights, inputs: check.inputs, labels: check.labels)
      .gradients
    #expect(check.complaints(about: right) == [])
    for specification in graph.parameters
    where specification.role != .mean && specification.role != .variance {
      var wrong = right
      let largest = wrong[specification.name]?.values.map(abs).max() ?? 0
      wrong.tensors[specification.name]?.values[0] += 0.01 * largest
      let complaints = check.complaints(about: wrong)
      #expect(complaints.count == 1, "\(specification.name)")
      #expect(complaints.first?.hasPrefix("\(specification.name)[0]: expected") == true)
    }
  }

  @Test func `stored statistics move a tenth of the way to the batch's`() throws {
    let graph = try TestGraphs.chain(
      [3], [.batchNormalization(epsilon: 1e-5), TestGraphs.head(2)])
    let trainer = try Trainer(graph: graph, recipe: Self.recipe)
    let check = GradientCheck(graph, examples: 5, seed: 9)
    let after = trainer.gradients(check.weights, inputs: check.inputs, labels: check.labels).weights
    for channel in 0..<3 {
      let column = stride(from: channel, to: 15, by: 3).map { Double(check.inputs[$0]) }
      let mean = column.reduce(0, +) / 5
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
      let oldMean = try #require(check.weights["n1.mean"]?.values[channel])
      let oldVariance = try #require(check.weights["n1.variance"]?.values[channel])
      let newMean = try #require(after["n1.mean"]?.values[channel])
      let newVariance = try #require(after["n1.variance"]?.values[channel])
      #expect(abs(Double(newMean) - (0.9 * Double(oldMean) + 0.1 * mean)) < 1e-6)
      #expect(abs(Double(newVariance) - (0.9 * Double(oldVariance) + 0.1 * variance)) < 1e-6)
    }
  }

  @Test func `stored statistics are what inference uses`() throws {
    let graph = try TestGraphs.chain(
      [2], [.batchNormalization(epsilon: 0.25), .linear(outFeatures: 2, hasBias: false)])
    let trainer = try Trainer(graph: graph, recipe: Self.recipe)
    let weights = Weights([
      "n1.scale": Tensor(shape: [2], values: [2, 1]),
      "n1.shift": Tensor(shape: [2], values: [1, 0]),
      "n1.mean": Tensor(shape: [2], values: [3, 0]),
      "n1.variance": Tensor(shape: [2], values: [0.75, 0]),
      "n2.weight": Tensor(shape: [2, 2], values: [1, 0, 0, 1]),
    ])
    // (5 − 3) / √1 · 2 + 1 and (1 − 0) / √0.25.
    #expect(trainer.logits(weights, inputs: [5, 1]) == [5, 2])
  }
}
