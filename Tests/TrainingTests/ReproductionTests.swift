import Architectures
import Checkpoints
import Datasets
import Foundation
import Graphs
import TestSupport
import Testing
import Training

/// The reference networks, trained again from their recipes.
@Suite struct ReproductionTests {
  /// The repository, above this file.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  struct Run {
    let architecture: Architecture
    let weights: Weights
    /// Share of the evaluation examples classified rightly.
    let accuracy: Double
  }

  static func run(_ name: String, evaluate count: Int) throws -> Run {
    let architecture = try Architecture(
      file: "Scenarios/architectures/\(name).yaml", root: root)
    let recipe = try #require(architecture.training)
    let dataset = try DatasetCatalog(
      repository: root, environment: ProcessInfo.processInfo.environment
    ).dataset(recipe.dataset)
    #expect(dataset.classNames.count == architecture.classCount)
    let examples = try dataset.load(.train, count: recipe.examples)
    let trainer = try Trainer(architecture)
    let weights = try trainer.train(inputs: examples.inputs, labels: examples.labels)
    let evaluation = try dataset.load(.evaluate, count: count)
    let logits = trainer.logits(weights, inputs: evaluation.inputs)
    let classes = architecture.classCount
    let right = evaluation.labels.indices.count { example in
      let row = logits[example * classes..<(example + 1) * classes]
      return row.indices.max { row[$0] < row[$1] } == example * classes + evaluation.labels[example]
    }
    return Run(
      architecture: architecture, weights: weights,
      accuracy: Double(right) / Double(evaluation.count))
  }

  @Test func `the smallest shipped network trains again to the same bytes`() throws {
    let run = try Self.run("mlp-applicants", evaluate: 10_000)
    let bytes = Safetensors.encode(
      run.weights, metadata: run.architecture.checkpointMetadata)
    let shipped = try Data(
      contentsOf: URL(fileURLWithPath: "\(Self.root)/" + #require(run.architecture.weightsFile)))
    #expect(bytes == Array(shipped))
    // The best possible is 83.7 %.
    #expect(run.accuracy > 0.825)
    #expect(run.accuracy < 0.8385)
  }

  @Test func `the shipped networks are small`() throws {
    let folder = "\(Self.root)/Scenarios/models"
    let names = ["convnet-glyphs", "mlp-applicants", "mobilenet-glyphs"]
    let sizes = try names.map {
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0).safetensors")).count
    }
    #expect(sizes.reduce(0, +) < 1_200_000)
  }

  @Test(
    .enabled(if: RealData.folder("mnist") != nil, Comment(rawValue: RealData.absence("mnist"))))
  func `handwritten digits are learned`() throws {
    #expect(try Self.run("convnet-mnist", evaluate: 10_000).accuracy >= 0.985)
  }

  @Test(
    .enabled(if: RealData.folder("adult") != nil, Comment(rawValue: RealData.absence("adult"))))
  func `census incomes are learned`() throws {
    #expect(try Self.run("mlp-adult", evaluate: 16_281).accuracy >= 0.845)
  }
}
