public import Documents

extension TrainingRecipe {
  /// Reads
  /// `{ dataset: glyphs, examples: 6000, epochs: 10, batch: 32, optimiser: { sgd: { momentum: 0.9 } },
  /// learning_rate: 0.1, schedule: cosine, weight_decay: 1e-4, shift: 1, seed: 7 }`.
  ///
  /// `optimiser` is `sgd` or `adam`; `schedule` is `constant`, `cosine` or
  /// `{ step: { epochs: 5, factor: 0.1 } }`.
  public static let reader = Reader<TrainingRecipe>.record(
    "train", "Everything that determines a training run beside graph and data."
  ) { fields in
    let dataset = fields.required("dataset", .name, "Its training split is used.")
    let examples = fields.required("examples", .int(in: 1...100_000_000), "How many, the first.")
    let epochs = fields.required("epochs", .int(in: 1...10_000), "Passes over the examples.")
    let batch = fields.required("batch", .int(in: 1...65_536), "Examples per step.")
    let optimiser = fields.required("optimiser", Optimiser.reader, "How gradients become steps.")
    let rate = fields.required(
      "learning_rate", .double(in: 1e-9...100), "The largest step size.")
    let schedule = fields.optional(
      "schedule", LearningRateSchedule.reader, "How the step size changes.", default: .constant)
    let decay = fields.optional(
      "weight_decay", .double(in: 0...1), "Pulls weights towards 0.", default: 0)
    let shift = fields.optional(
      "shift", .int(in: 0...64), "Random shift of images, in pixels.", default: 0)
    let seed = fields.required("seed", .count, "Determines weights, order and shifts.")
    if let examples, let batch, batch > examples {
      fields.report("expected at most the \(examples) examples, found \(batch)", at: "batch")
    }
    guard let dataset, let examples, let epochs, let batch, let optimiser, let rate, let seed else {
      return nil
    }
    return TrainingRecipe(
      dataset: dataset, examples: examples, epochs: epochs, batch: batch, optimiser: optimiser,
      learningRate: rate, schedule: schedule, weightDecay: decay, shift: shift,
      seed: UInt64(seed))
  }
}

extension Optimiser {
  static let reader = Reader<Optimiser>.keyed([
    "sgd": .record("sgd", "Stochastic gradient descent.") { fields in
      .sgd(
        momentum: fields.optional(
          "momentum", .double(in: 0...0.9999), "Share of the last step kept.", default: 0.9))
    },
    "adam": .record("adam", "Adam with decoupled decay.") { _ in .adam },
  ])
}

extension LearningRateSchedule {
  static let reader = Reader<LearningRateSchedule>.keyed([
    "constant": .record("constant", "The rate stays.") { _ in .constant },
    "cosine": .record("cosine", "Half a cosine from the rate to 0.") { _ in .cosine },
    "step": .record("step", "Multiplied at intervals.") { fields in
      let epochs = fields.required("epochs", .int(in: 1...10_000), "Interval.")
      let factor = fields.required("factor", .double(in: 0...1), "What it is multiplied by.")
      guard let epochs, let factor else { return nil }
      return .step(epochs: epochs, factor: factor)
    },
  ])
}
