import Architectures
import ArgumentParser
import Checkpoints
import Datasets
import Documents
import Foundation
import Graphs
import Scenarios
import Training

/// Fit a reference model by its recipe.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an architecture by its recipe and write its weights; the same bytes anywhere.")

  @Argument(
    help: "An architecture's file, for example Scenarios/architectures/NAME.yaml, or its name.")
  var architecture: String

  @OptionGroup var repository: RepositoryOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write here instead of where the architecture says.", valueName: "file"))
  var output: String?

  @Flag(help: "Say nothing.")
  var quiet = false

  func run() throws {
    try reportingFailures {
      let repository = try repository.repository()
      let architecture = try read(repository)
      let examples = try self.examples(architecture, repository)
      guard let file = architecture.weightsFile else {
        throw CommandFailure.invalid(TrainingError.noRecipe(file: architecture.file))
      }
      let weights = try train(architecture, examples)
      let path = output ?? repository.root + "/" + file
      do {
        try FileManager.default.createDirectory(
          at: URL(fileURLWithPath: path).deletingLastPathComponent(),
          withIntermediateDirectories: true)
        try Safetensors.write(
          architecture.stored(weights), metadata: architecture.checkpointMetadata, to: path)
      } catch { throw CommandFailure.broken("\(path): not written: \(error)") }
      if !quiet {
        Terminal.complain(
          "\(output ?? file): \(architecture.graph.parameterCount) parameters, "
            + "\(weights.digest)")
      }
    }
  }

  private func read(_ repository: Repository) throws(CommandFailure) -> Architecture {
    let file =
      architecture.hasSuffix(".yaml")
      ? architecture : repository.file(of: architecture, .architecture)
    guard let path = repository.path(inside: file) else {
      throw .usage("'\(file)' leads out of the repository")
    }
    do {
      return try Architecture(
        file: String(path.dropFirst(repository.root.count + 1)), root: repository.root)
    } catch { throw .invalid(error) }
  }

  private func examples(
    _ architecture: Architecture, _ repository: Repository
  ) throws(CommandFailure) -> ExampleSet {
    guard let recipe = architecture.training else {
      throw .invalid(TrainingError.noRecipe(file: architecture.file))
    }
    let dataset: any Dataset
    do {
      dataset = try DatasetCatalog(
        repository: repository.root, environment: repository.environment
      ).dataset(recipe.dataset)
    } catch { throw .invalid(error) }
    do {
      return try dataset.load(.train, count: recipe.examples)
    } catch { throw .invalid(error) }
  }

  private func train(
    _ architecture: Architecture, _ examples: ExampleSet
  ) throws(CommandFailure) -> Weights {
    let display = ProgressDisplay(
      style: ProgressDisplay.suitable(quiet: quiet, noProgress: false))
    let start = Date()
    func show(_ progress: TrainingProgress) {
      let done = Double(progress.epoch + 1) / Double(progress.epochs)
      let elapsed = Date().timeIntervalSince(start)
      let figures = String(
        format: "loss %.4f, accuracy %.2f %%", progress.loss, 100 * progress.accuracy)
      display.show(
        "epoch \(progress.epoch + 1)/\(progress.epochs): \(figures)", fraction: done,
        secondsLeft: elapsed / done - elapsed)
    }
    do {
      let weights = try fit(architecture, examples, show)
      display.finish()
      return weights
    } catch {
      display.finish()
      throw .invalid(error)
    }
  }

  /// Classes or next tokens, as the dataset says.
  private func fit(
    _ architecture: Architecture, _ examples: ExampleSet, _ show: (TrainingProgress) -> Void
  ) throws(TrainingError) -> Weights {
    let trainer = try Trainer(architecture)
    guard !examples.target.isNone else {
      throw .target(expected: "classes or next tokens", found: "none")
    }
    guard case .nextToken = examples.target else {
      return try trainer.train(inputs: examples.inputs, labels: examples.labels, progress: show)
    }
    return try trainer.train(windows: examples.inputs, length: examples.inputSize, progress: show)
  }
}
