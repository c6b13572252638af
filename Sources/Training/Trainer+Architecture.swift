public import Architectures

extension Trainer {
  /// Prepares the run that an architecture's recipe describes.
  ///
  /// - Throws: `TrainingError.noRecipe` when it has none.
  public init(_ architecture: Architecture) throws(TrainingError) {
    guard let recipe = architecture.training else { throw .noRecipe(file: architecture.file) }
    try self.init(
      graph: architecture.graph, recipe: recipe, tied: architecture.tiedParameters)
  }
}

extension Architecture {
  /// What a checkpoint says about its origin; the same for every run of the recipe.
  public var checkpointMetadata: [String: String] {
    guard let training else { return ["architecture": name] }
    return [
      "architecture": name, "dataset": training.dataset, "examples": "\(training.examples)",
      "seed": "\(training.seed)",
    ]
  }
}
