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
  private let tied: [String: String]
  private let kernels: qg_kernels

  /// Prepares a run with the best kernels of this processor.
  ///
  /// - Parameters:
  ///   - tied: Parameters that are an earlier one under a second name, such as a decoder's
  ///     `head.weight`, by that name; their gradients add.
  /// - Throws: `TrainingError` when the graph is no classifier or its input cannot be shifted.
  public init(
    graph: Graph, recipe: TrainingRecipe, tied: [String: String] = [:]
  ) throws(TrainingError) {
    try self.init(graph: graph, recipe: recipe, tied: tied, instructions: qg_isa_detect())
  }

  /// Prepares a run with the kernels of one instruction set, which the processor must have.
  package init(
    graph: Graph, recipe: TrainingRecipe, tied: [String: String] = [:], instructions: qg_isa
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
    self.tied = tied
    self.kernels = kernels
  }

  /// Whether the graph scores every token rather than every example.
  private var scoresTokens: Bool {
    graph.isSequence
      && !graph.nodes.contains {
        $0.operation == .tokens(.first) || $0.operation == .tokens(.mean)
      }
  }

  /// Trains from the recipe's seed on examples that have a class each.
  ///
  /// - Parameters:
  ///   - inputs: `[examples, input…]`, row-major; for a graph over sequences `[examples, tokens]` ids.
  ///   - labels: Class index per example.
  ///   - progress: Called after each epoch.
  /// - Returns: The weights after the last step, all finite.
  /// - Throws: `TrainingError` for examples that do not fit the graph, or when the run diverges.
  public func train(
    inputs: [Float], labels: [Int], progress: (TrainingProgress) -> Void = { _ in }
  ) throws(TrainingError) -> Weights {
    guard !scoresTokens else { throw .target(expected: "next tokens", found: "classes") }
    let tokens = graph.isSequence ? inputs.count / max(1, labels.count) : 1
    let feed = ExampleFeed(
      inputs: inputs, labels: labels, tokens: tokens, inputShape: graph.inputShape, recipe: recipe)
    return try train(feed, progress)
  }

  /// Trains from the recipe's seed to predict each token from those before it.
  ///
  /// - Parameters:
  ///   - windows: `[windows, length]` token ids; the last one of a window predicts nothing.
  ///   - length: Tokens of a window.
  ///   - progress: Called after each epoch.
  /// - Returns: The weights after the last step, all finite; tied ones under both names.
  /// - Throws: `TrainingError` for windows that do not fit the graph, or when the run diverges.
  public func train(
    windows: [Float], length: Int, progress: (TrainingProgress) -> Void = { _ in }
  ) throws(TrainingError) -> Weights {
    guard scoresTokens else { throw .target(expected: "classes", found: "next tokens") }
    guard length >= 2 else { throw .windowLength(expected: 2...(.max), found: length) }
    guard windows.count.isMultiple(of: length) else {
      throw .inputCount(expected: windows.count / length * length, found: windows.count)
    }
    try checkTokens(windows, length: length)
    let feed = ExampleFeed(
      windows: windows, tokens: length, inputShape: graph.inputShape, recipe: recipe)
    return try train(feed, progress)
  }

  private func train(
    _ feed: ExampleFeed, _ progress: (TrainingProgress) -> Void
  ) throws(TrainingError) -> Weights {
    try check(feed)
    let tape = Tape(
      graph: graph, batch: recipe.batch, tokens: feed.tokens, tied: tied, kernels: kernels)
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
      let score = differentiate(tape, labels: feed.labels(of: examples))
      guard score.loss.isFinite else {
        throw .diverged(epoch: epoch, found: "a loss of \(score.loss)")
      }
      total.loss += score.loss
      total.right += score.right
      total.scored += score.scored
      let factor = recipe.schedule.factor(
        step: epoch * feed.batches + batch, steps: recipe.epochs * feed.batches,
        stepsPerEpoch: feed.batches)
      optimiser.update(tape.parameters, rate: recipe.learningRate * factor)
    }
    let seen = Double(total.scored)
    return TrainingProgress(
      epoch: epoch, epochs: recipe.epochs, loss: total.loss / seen,
      accuracy: Double(total.right) / seen)
  }

  /// The score of the batch in `tape.input`; leaves the gradient of its mean loss in the parameters.
  private func differentiate(
    _ tape: borrowing Tape, labels: [Int]
  ) -> CrossEntropy.Score {
    tape.forward(.training)
    tape.clearGradients()
    let classes = tape.graph.shapes[tape.logits].elementCount
    let score =
      tape.graph.isSequence
      ? CrossEntropy.score(
        logits: tape.logitValues, labels: labels, classes: classes,
        gradients: tape.logitGradients, kernels: kernels)
      : CrossEntropy.score(
        logits: tape.logitValues, labels: labels, classes: classes,
        gradients: tape.logitGradients)
    tape.backward()
    return score
  }

  private func check(_ feed: ExampleFeed) throws(TrainingError) {
    guard feed.count >= recipe.batch else {
      throw .tooFewExamples(expected: recipe.batch, found: feed.count)
    }
    let size = feed.tokens * graph.inputShape.elementCount
    guard feed.inputs.count == feed.count * size else {
      throw .inputCount(expected: feed.count * size, found: feed.inputs.count)
    }
    let classes = 0..<graph.outputShape.elementCount
    let rows = max(1, feed.labels.count / feed.count)
    let wrong = feed.labels.firstIndex { !classes.contains($0) && $0 != CrossEntropy.unscored }
    if let wrong {
      throw .label(example: wrong / rows, expected: classes, found: feed.labels[wrong])
    }
    if let index = feed.inputs.firstIndex(where: { !$0.isFinite }) {
      throw .input(example: index / size, found: feed.inputs[index])
    }
    if graph.isSequence, !scoresTokens { try checkTokens(feed.inputs, length: feed.tokens) }
  }

  /// Ids are rows of the embedding, and there are positions for a whole window.
  private func checkTokens(_ ids: [Float], length: Int) throws(TrainingError) {
    for node in graph.nodes {
      switch node.operation {
      case .embedding(let rows, _):
        let wrong = ids.firstIndex { !($0 >= 0 && $0 < Float(rows) && $0.rounded() == $0) }
        if let wrong {
          throw .token(
            example: wrong / length, place: wrong % length, expected: 0..<rows, found: ids[wrong])
        }
      case .positionEmbedding(let rows):
        guard length <= rows else { throw .windowLength(expected: 1...rows, found: length) }
      default: continue
      }
    }
  }
}

extension Trainer {
  /// Mean loss over all examples and its gradient with respect to every parameter, with batch
  /// statistics; for checking gradients.
  ///
  /// - Parameter labels: One per example, or per token of one (−1 for none).
  package func gradients(
    _ weights: Weights, inputs: [Float], tokens: Int = 1, labels: [Int]
  ) -> (loss: Double, gradients: Weights, weights: Weights) {
    let tape = Tape(
      graph: graph, batch: inputs.count / (tokens * graph.inputShape.elementCount), tokens: tokens,
      tied: tied, kernels: kernels)
    tape.parameters.load(weights)
    for (index, value) in inputs.enumerated() { tape.input[index] = value }
    let score = differentiate(tape, labels: labels)
    return (
      score.loss / Double(score.scored), tape.parameters.gradientTensors, tape.parameters.weights
    )
  }

  /// Logits `[examples, classes]`, or `[examples, tokens, classes]`, with stored statistics.
  package func logits(_ weights: Weights, inputs: [Float], tokens: Int = 1) -> [Float] {
    let size = tokens * graph.inputShape.elementCount
    let classes = graph.outputShape.elementCount
    let tape = Tape(graph: graph, batch: 1, tokens: tokens, tied: tied, kernels: kernels)
    tape.parameters.load(weights)
    var logits: [Float] = []
    for start in stride(from: 0, to: inputs.count, by: size) {
      for index in 0..<size { tape.input[index] = inputs[start + index] }
      tape.forward(.inference)
      let count = tape.logitRows * classes
      logits.append(contentsOf: UnsafeBufferPointer(start: tape.logitValues, count: count))
    }
    return logits
  }
}
