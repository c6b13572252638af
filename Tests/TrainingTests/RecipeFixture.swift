import Architectures

enum RecipeFixture {
  static func recipe(
    epochs: Int = 2, batch: Int = 4, optimiser: Optimiser = .sgd(momentum: 0.9),
    rate: Double = 0.05, schedule: LearningRateSchedule = .cosine, decay: Double = 1e-4,
    shift: Int = 0, seed: UInt64 = 7
  ) -> TrainingRecipe {
    TrainingRecipe(
      dataset: "test", examples: 64, epochs: epochs, batch: batch, optimiser: optimiser,
      learningRate: rate, schedule: schedule, weightDecay: decay, shift: shift, seed: seed)
  }
}
