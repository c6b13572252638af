public import Architectures
package import CKernels
public import Graphs

/// How far a run has come; reported after each epoch.
public struct TrainingProgress: Equatable, Sendable {
  /// The epoch just finished, from 0.
  public let epoch: Int
  /// Epochs in all.
  public let epochs: Int
  /// Mean loss over the epoch's examples while the weights moved, in nats.
  public let loss: Double
  /// Share of the epoch's examples that were classified rightly while the weights moved.
  public let accuracy: Double
}

/// Fits a graph's weights to labelled examples.
///
/// The weights' bits follow from graph, recipe and examples alone: one thread, every sum in one order,
/// kernels that agree on all instruction sets, elementary functions from `CMath`.
public struct Trainer: Sendable {
  private let graph: Graph
  private let recipe: TrainingRecipe
  private let kernels: qg_kernels

  /// Prepares a run with the best kernels of this processor.
  ///
  /// - Throws: `TrainingError` when the graph is no classifier or its input cannot be shifted.
  public init(graph: Graph, recipe: TrainingRecipe) throws(TrainingError) {
    try self.init(graph: graph, recipe: recipe, instructions: qg_isa_detect())
  }

  /// Prepares a run with the kernels of one instruction set, which the processor must have.
  package init(
    graph: Graph, recipe: TrainingRecipe, instructions: qg_isa
  ) throws(TrainingError) {
    var kernels = qg_kernels()
    let isThere = qg_kernels_for(instructions, &kernels)
    precondition(isThere == 1, "the processor lacks this instruction set")
    if let node = graph.nodes.first(where: { $0.operation.differentiable == nil }) {
      throw .noGradient(node: node.name, operation: node.operation.name)
    }
    guard graph.outputShape.rank == 1, graph.outputShape.elementCount > 1 else {
      throw .notAClassifier(output: "shape \(graph.outputShape)")
    }
    if recipe.shift > 0 {
      guard graph.inputShape.rank == 3 else {
        throw .shift(expected: "0 for inputs that are not images", found: recipe.shift)
      }
      let side = min(graph.inputShape.dimensions[0], graph.inputShape.dimensions[1])
      guard recipe.shift < side else {
        throw .shift(expected: "less than the image's \(side) pixels", found: recipe.shift)
      }
    }
    self.graph = graph
    self.recipe = recipe
    self.kernels = kernels
  }

  /// Trains from the recipe's seed.
  ///
  /// - Parameters:
  ///   - inputs: `[examples, input…]`, row-major.
  ///   - labels: Class index per example.
  ///   - progress: Called after each epoch.
  /// - Returns: The weights after the last step, all finite.
  /// - Throws: `TrainingError` for examples that do not fit the graph, or when the run diverges.
  public func train(
    inputs: [Float], labels: [Int], progress: (TrainingProgress) -> Void = { _ in }
  ) throws(TrainingError) -> Weights {
    try check(inputs: inputs, labels: labels)
    let feed = ExampleFeed(
      inputs: inputs, labels: labels, inputShape: graph.inputShape, recipe: recipe)
    let tape = Tape(graph: graph, batch: recipe.batch, kernels: kernels)
    tape.parameters.load(Initialisation.weights(graph, seed: recipe.seed))
    var optimiser = OptimiserState(recipe, parameterCount: tape.parameters.values.count)
    for epoch in 0..<recipe.epochs {
      progress(try run(epoch, feed, tape, &optimiser))
    }
    let weights = tape.parameters.weights
    do {
      try graph.validate(weights)
    } catch {
      throw .diverged(epoch: recipe.epochs - 1, found: error.description)
    }
    return weights
  }

  private func run(
    _ epoch: Int, _ feed: ExampleFeed, _ tape: borrowing Tape, _ optimiser: inout OptimiserState
  ) throws(TrainingError) -> TrainingProgress {
    let order = feed.order(epoch: epoch)
    var shifts = RandomStream(seed: recipe.seed, purpose: .shifts, index: epoch)
    var total = CrossEntropy.Score()
    for batch in 0..<feed.batches {
      let examples = order[batch * recipe.batch..<(batch + 1) * recipe.batch]
      feed.fill(tape.input, with: examples, &shifts)
      let score = Self.differentiate(tape, labels: examples.map { feed.labels[$0] })
      guard score.loss.isFinite else {
        throw .diverged(epoch: epoch, found: "a loss of \(score.loss)")
      }
      total.loss += score.loss
      total.right += score.right
      let factor = recipe.schedule.factor(
        step: epoch * feed.batches + batch, steps: recipe.epochs * feed.batches,
        stepsPerEpoch: feed.batches)
      optimiser.update(tape.parameters, rate: recipe.learningRate * factor)
    }
    let seen = Double(feed.batches * recipe.batch)
    return TrainingProgress(
      epoch: epoch, epochs: recipe.epochs, loss: total.loss / seen,
      accuracy: Double(total.right) / seen)
  }

  /// The score of the batch in `tape.input`; leaves the gradient of its mean loss in the parameters.
  private static func differentiate(
    _ tape: borrowing Tape, labels: [Int]
  ) -> CrossEntropy.Score {
    tape.forward(.training)
    tape.clearGradients()
    let score = CrossEntropy.score(
      logits: tape.logitValues, labels: labels,
      classes: tape.graph.shapes[tape.logits].elementCount, gradients: tape.logitGradients)
    tape.backward()
    return score
  }

  private func check(inputs: [Float], labels: [Int]) throws(TrainingError) {
    guard labels.count >= recipe.batch else {
      throw .tooFewExamples(expected: recipe.batch, found: labels.count)
    }
    let size = graph.inputShape.elementCount
    guard inputs.count == labels.count * size else {
      throw .inputCount(expected: labels.count * size, found: inputs.count)
    }
    let classes = 0..<graph.outputShape.elementCount
    if let example = labels.firstIndex(where: { !classes.contains($0) }) {
      throw .label(example: example, expected: classes, found: labels[example])
    }
    if let index = inputs.firstIndex(where: { !$0.isFinite }) {
      throw .input(example: index / size, found: inputs[index])
    }
  }
}

extension Trainer {
  /// Mean loss over all examples and its gradient with respect to every parameter, with batch
  /// statistics; for checking gradients.
  package func gradients(
    _ weights: Weights, inputs: [Float], labels: [Int]
  ) -> (loss: Double, gradients: Weights, weights: Weights) {
    let tape = Tape(graph: graph, batch: labels.count, kernels: kernels)
    tape.parameters.load(weights)
    for (index, value) in inputs.enumerated() { tape.input[index] = value }
    let score = Self.differentiate(tape, labels: labels)
    return (
      score.loss / Double(labels.count), tape.parameters.gradientTensors, tape.parameters.weights
    )
  }

  /// Logits `[examples, classes]` with stored statistics.
  package func logits(_ weights: Weights, inputs: [Float]) -> [Float] {
    let size = graph.inputShape.elementCount
    let classes = graph.outputShape.elementCount
    let tape = Tape(graph: graph, batch: 1, kernels: kernels)
    tape.parameters.load(weights)
    var logits: [Float] = []
    for start in stride(from: 0, to: inputs.count, by: size) {
      for index in 0..<size { tape.input[index] = inputs[start + index] }
      tape.forward(.inference)
      logits.append(contentsOf: UnsafeBufferPointer(start: tape.logitValues, count: classes))
    }
    return logits
  }
}
