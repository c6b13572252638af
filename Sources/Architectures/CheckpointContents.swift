import Checkpoints
import Graphs

/// What a checkpoint says about its architecture.
struct CheckpointContents {
  let checkpoint: LocatedCheckpoint
  /// The family's name.
  let family: String
  let graph: Graph
  /// Extents of an example's input where it is no sequence of tokens.
  let inputShape: [Int]?
  let transformer: TransformerShape?
}

extension LocatedCheckpoint {
  /// The family's name of graphs that are imported as they are.
  static let importedFamily = "imported"

  /// Reads what a checkpoint says about its architecture.
  ///
  /// - Throws: `CheckpointError` for what cannot be read, or describes nothing that is supported.
  static func describe(
    _ path: String, _ reference: CheckpointReference
  ) throws(CheckpointError) -> CheckpointContents {
    let shown = reference.shown
    if path.hasSuffix(".onnx") {
      let checkpoint = LocatedCheckpoint(
        path: path, shown: shown, kind: .onnx(reference.choices))
      let imported = try checkpoint.imported(reference.choices)
      return CheckpointContents(
        checkpoint: checkpoint, family: importedFamily, graph: imported.graph,
        inputShape: imported.inputShape, transformer: nil)
    }
    if path.hasSuffix(".gguf") {
      let transformer = try GGUFTransformer(try GGUFFile(path, shownAs: shown))
      return try contents(
        LocatedCheckpoint(path: path, shown: shown, kind: .gguf(transformer.naming)),
        transformer.shape)
    }
    let config = try HuggingFaceConfig(folder: path, shownAs: shown)
    return try contents(
      LocatedCheckpoint(path: path, shown: shown, kind: .huggingFace(config.model.naming)),
      config.shape)
  }

  private static func contents(
    _ checkpoint: LocatedCheckpoint, _ shape: TransformerShape
  ) throws(CheckpointError) -> CheckpointContents {
    let graph: Graph
    do {
      graph = try shape.graph()
    } catch {
      throw .unsuited(file: checkpoint.shown, reason: error)
    }
    let family: ArchitectureFamily = if case .pooled = shape.output { .encoder } else { .decoder }
    return CheckpointContents(
      checkpoint: checkpoint, family: family.name, graph: graph, inputShape: nil,
      transformer: shape)
  }

  private func imported(_ choices: ImportChoices) throws(CheckpointError) -> ImportedGraph {
    try ImportedGraph(
      ONNXFile(path, shownAs: shown).graph, file: shown, choices: choices)
  }

  /// The weights of the graph that it was described as.
  ///
  /// - Throws: What reading it throws; for a file that has changed since, what does not suit.
  func weights(
    of graph: Graph, _ transformer: TransformerShape?
  ) throws(CheckpointError) -> Weights {
    switch kind {
    case .onnx(let choices):
      let imported = try imported(choices)
      guard imported.graph == graph else {
        throw .malformed(
          file: shown, place: "the graph", expected: "the one that was planned",
          found: "another: the file has changed")
      }
      return imported.weights
    case .gguf(let naming), .huggingFace(let naming):
      guard let transformer else { preconditionFailure("the checkpoint was found") }
      let tensors = try Checkpoint.open(path, shownAs: shown)
      do {
        return try transformer.weights(of: graph, named: naming, from: tensors)
      } catch {
        switch error {
        case .checkpoint(let error): throw error
        case .weights(let file, .missing(let tensor, let parameter)):
          throw .tensor(
            file: file, tensor: tensor, expected: "a tensor (for \(parameter))", found: "none")
        case .weights(let file, .shape(let tensor, let expected, let found)):
          throw .tensor(
            file: file, tensor: tensor, expected: "shape \(Shape(expected))",
            found: "\(Shape(found))")
        }
      }
    }
  }
}
