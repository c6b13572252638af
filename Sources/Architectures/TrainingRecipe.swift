/// Everything that determines a training run beside the graph and the data.
public struct TrainingRecipe: Hashable, Sendable {
  /// The dataset's name; its `train` split is used.
  public let dataset: String
  /// How many examples, the first of the split.
  public let examples: Int
  /// Passes over the examples.
  public let epochs: Int
  /// Examples per step; what does not fill a batch is left out of that epoch.
  public let batch: Int
  /// How gradients become steps.
  public let optimiser: Optimiser
  /// The largest step size.
  public let learningRate: Double
  /// How the step size changes.
  public let schedule: LearningRateSchedule
  /// Pulls weights (not biases, not batch normalization) towards 0.
  public let weightDecay: Double
  /// Images are shifted by up to so many pixels in each direction, each time they are used; 0 for none.
  public let shift: Int
  /// Determines initial weights, order and shifts.
  public let seed: UInt64

  /// Creates a recipe.
  public init(
    dataset: String, examples: Int, epochs: Int, batch: Int, optimiser: Optimiser,
    learningRate: Double, schedule: LearningRateSchedule = .constant, weightDecay: Double = 0,
    shift: Int = 0, seed: UInt64
  ) {
    self.dataset = dataset
    self.examples = examples
    self.epochs = epochs
    self.batch = batch
    self.optimiser = optimiser
    self.learningRate = learningRate
    self.schedule = schedule
    self.weightDecay = weightDecay
    self.shift = shift
    self.seed = seed
  }
}

/// How gradients become steps.
public enum Optimiser: Hashable, Sendable {
  /// `v ← momentum · v + g + decay · w`, `w ← w − rate · v`.
  case sgd(momentum: Double)
  /// Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 and the decay apart from the gradient (AdamW).
  case adam
}

/// How the learning rate changes over a run.
public enum LearningRateSchedule: Hashable, Sendable {
  /// It does not.
  case constant
  /// `rate · ½(1 + cos(π · step / steps))`.
  case cosine
  /// Multiplied by `factor` after every `epochs` epochs.
  case step(epochs: Int, factor: Double)
}
