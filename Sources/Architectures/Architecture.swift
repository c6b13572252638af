public import Checkpoints
public import Documents
import Foundation
public import Graphs

/// A network described in YAML: layer by layer, or, for a transformer, by its shape.
///
///     architecture: convnet-glyphs      # the file's name without .yaml
///     description: A small residual convnet.
///     family: convnet                   # or mlp
///     input: [16, 16, 1]                # [features], or [height, width, channels]
///     layers:                           # each reads the one before it unless it says `from:`
///       - { layer: conv, name: stem, channels: 16, kernel: 3, padding: 1, bias: false }
///       - { layer: batch_norm, name: stem_norm }
///       - { layer: relu, name: stem_relu }
///       - { layer: global_average_pool, name: pool }
///       - { layer: linear, name: head, features: 10 }
///     weights: ../models/convnet-glyphs.safetensors   # relative to this file, inside the repository
///     train: { dataset: glyphs, examples: 6000, epochs: 10, batch: 32, … }   # see TrainingRecipe
///
///     architecture: my-llama
///     checkpoint: { environment: MODELS, path: my-llama/model.gguf }   # says by itself what it is
///
///     architecture: my-detector
///     checkpoint: { environment: MODELS, path: detector.onnx, output: scores }
///
///     architecture: llama-1b-shape
///     family: decoder                   # or encoder
///     shape: { vocabulary: 32000, width: 2048, layers: 22, heads: 32, key_value_heads: 4,
///              feed_forward: 5632, context: 2048 }
///     weights: { generate: { seed: 1, outliers: { share: 0.5 %, factor: 20 } } }
public struct Architecture: Equatable, Sendable {
  /// The name scenarios use.
  public let name: String
  /// One sentence for people.
  public let summary: String
  /// The family's name.
  public let family: String
  /// The file it is written in, relative to the repository root.
  public let file: String
  /// Its operators.
  public let graph: Graph
  /// Extents of one example's input as the file has them; `[length, channels]` is an image of width 1 in
  /// `graph`.
  public let inputShape: [Int]
  /// Its shape, where it is a transformer.
  public let transformer: TransformerShape?
  /// Where its weights come from.
  public let weightsOrigin: WeightsOrigin
  /// How its weights are trained, where they can be.
  public let training: TrainingRecipe?
  /// The checkpoint it was read from, once it has been found.
  public let checkpoint: LocatedCheckpoint?
  /// Why it cannot be run here: its checkpoint is not on this machine. Its graph is then a single input.
  public let unavailable: String?

  /// Elements of an output: number of classes, or of token ids.
  public var classCount: Int { graph.outputShape.elementCount }

  /// Parameters that take another one's values, by name: a decoder's scores of the next token can use the
  /// embedding's table.
  public var tiedParameters: [String: String] {
    guard let transformer, transformer.isTied, case .nextToken = transformer.output else {
      return [:]
    }
    return ["head.weight": "embedding.weight"]
  }

  /// What a file of weights holds: tied parameters once.
  public func stored(_ weights: Weights) -> Weights {
    var stored = weights
    for name in tiedParameters.keys { stored[name] = nil }
    return stored
  }

  /// The safetensors file of its weights, relative to the repository root; `nil` where they are generated.
  public var weightsFile: String? {
    if case .file(let file) = weightsOrigin { file } else { nil }
  }

  /// Reads an architecture from its own file or from inside a scenario.
  public static let reader = Reader<Architecture>.record(
    "architecture", "A network, layer by layer or by its shape."
  ) { fields in
    let name = fields.required("architecture", .name, "The file's name without .yaml.")
    let summary = fields.optional("description", .string, "One sentence for people.", default: "")
    let place = fields.place()
    if let name, place.keyPath.isEmpty, stem(of: place.file) != name {
      fields.report(
        "expected the file's name, '\(stem(of: place.file))', found '\(name)'", at: "architecture")
    }
    let checkpoint = fields.optional(
      "checkpoint", CheckpointReference.reader,
      "A checkpoint that says what it is; instead of family, layers or shape, and weights.")
    if fields.has("checkpoint") {
      for key in ["family", "layers", "input", "shape", "weights", "train"] {
        fields.refuse(key, "follows from the checkpoint")
      }
      guard let name, let checkpoint else { return nil }
      return Architecture(
        name: name, summary: summary, file: place.file, unresolved: checkpoint)
    }
    let familyName = fields.required(
      "family", .choice(ArchitectureFamily.all.map(\.name)), "What it may say.")
    let family = familyName.flatMap(ArchitectureFamily.named)
    let body = ArchitectureBody(family, fields)
    let weights = fields.required(
      "weights", WeightsOrigin.reader,
      "A safetensors file, relative to this one; or { generate: … }.")
    let training = fields.optional("train", TrainingRecipe.reader, "How weights are trained.")
    let origin = weights.flatMap { resolve($0, fields) }
    if training != nil, case .generated? = origin {
      fields.report("generated weights are not trained", at: "train")
    }
    guard let family, let name, let origin, let body,
      let network = body.graph(fields)
    else { return nil }
    return Architecture(
      name: name, summary: summary, family: family.name, file: place.file, graph: network.graph,
      inputShape: body.inputShape(of: network.graph), transformer: network.transformer,
      weightsOrigin: origin, training: training)
  }

  private static func resolve(_ entry: WeightsOrigin.Entry, _ fields: Fields) -> WeightsOrigin? {
    switch entry {
    case .generated(let weights): return .generated(weights)
    case .path(let path):
      guard let file = WeightsPath.resolve(path, writtenIn: fields.place().file) else {
        fields.report("expected a relative path that stays inside the repository", at: "weights")
        return nil
      }
      return .file(file)
    }
  }

  /// Reads an architecture file.
  ///
  /// - Parameters:
  ///   - file: Relative to `root`; what errors show.
  ///   - root: The repository's folder.
  /// - Throws: `InvalidDocument` with everything that is wrong.
  public init(file: String, root: String) throws(InvalidDocument) {
    let document = try Document(file: root + "/" + file, shownAs: file)
    self = try document.decode(Self.reader)
  }

  init(
    name: String, summary: String, family: String, file: String, graph: Graph,
    inputShape: [Int]? = nil, transformer: TransformerShape?, weightsOrigin: WeightsOrigin,
    training: TrainingRecipe? = nil,
    checkpoint: LocatedCheckpoint? = nil, unavailable: String? = nil
  ) {
    self.name = name
    self.summary = summary
    self.family = family
    self.file = file
    self.graph = graph
    self.inputShape = inputShape ?? graph.inputShape.dimensions
    self.transformer = transformer
    self.weightsOrigin = weightsOrigin
    self.training = training
    self.checkpoint = checkpoint
    self.unavailable = unavailable
  }

  /// An architecture that is known once its checkpoint has been found.
  private init?(
    name: String, summary: String, file: String, unresolved reference: CheckpointReference
  ) {
    let input = Node(id: 0, name: "input", operation: .input(Shape([1])), inputs: [])
    guard let graph = try? Graph([input]) else { return nil }
    self.init(
      name: name, summary: summary, family: "checkpoint", file: file, graph: graph,
      transformer: nil, weightsOrigin: .checkpoint(reference), unavailable: "not looked for yet")
  }

  /// The architecture with its checkpoint found and described; one without a checkpoint as it is.
  ///
  /// - Returns: Where the environment does not say where the checkpoint is, one that is `unavailable`.
  /// - Throws: `CheckpointError` when the checkpoint is missing, wrong or of no supported kind.
  public func resolved(at site: ArchitectureSite) throws(CheckpointError) -> Architecture {
    guard case .checkpoint(let reference) = weightsOrigin else { return self }
    guard let path = try reference.locate(site) else {
      return Architecture(
        name: name, summary: summary, family: family, file: file, graph: graph, transformer: nil,
        weightsOrigin: weightsOrigin,
        unavailable:
          "\(name): not available here: the environment variable \(reference.variable ?? "") is not set"
      )
    }
    let found = try LocatedCheckpoint.describe(path, reference)
    return Architecture(
      name: name, summary: summary, family: found.family, file: file, graph: found.graph,
      inputShape: found.inputShape, transformer: found.transformer, weightsOrigin: weightsOrigin,
      checkpoint: found.checkpoint)
  }

  private static func stem(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
  }

  /// The weights, checked against the graph.
  ///
  /// - Parameter root: The repository's folder.
  /// - Throws: What `weightsPath` and `readWeights` throw.
  public func weights(root: String) throws(CheckpointError) -> Weights {
    try readWeights(at: weightsPath(root: root))
  }

  /// The path of the file of weights, which is there and inside of the repository, or of the checkpoint;
  /// `nil` where they are generated.
  ///
  /// - Parameter root: The repository's folder.
  /// - Throws: `CheckpointError.missing` with the command that trains them when there is no such file;
  ///   `.unreadable` when a link leads it out of `root`.
  public func weightsPath(root: String) throws(CheckpointError) -> String? {
    guard let weightsFile else { return checkpoint?.path }
    let path = root + "/" + weightsFile
    guard FileManager.default.fileExists(atPath: path) else {
      throw .missing(file: weightsFile, remedy: remedy)
    }
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let realRoot = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
    guard real.hasPrefix(realRoot == "/" ? "/" : realRoot + "/") else {
      throw .unreadable(file: weightsFile, reason: "a link leads it out of the repository")
    }
    return path
  }

  /// The weights in a file, checked against the graph; or the generated ones. Its allocations do not
  /// depend on where the file lies, so that their number can be compared between machines.
  ///
  /// - Parameter path: What `weightsPath` returned.
  /// - Throws: What reading the file throws.
  public func readWeights(at path: String?) throws(CheckpointError) -> Weights {
    switch weightsOrigin {
    case .generated(let generated):
      return generated.weights(of: graph, tied: tiedParameters)
    case .checkpoint:
      guard let checkpoint else { preconditionFailure("the checkpoint was found") }
      return try checkpoint.weights(of: graph, transformer)
    case .file(let file):
      guard let path else { preconditionFailure("the file's path was resolved") }
      let weights = try SafetensorsFile(path, shownAs: file)
      return try weights.weights(for: graph, tied: tiedParameters)
    }
  }

  private var remedy: String {
    training == nil
      ? "\(file) has no 'train' recipe, so the file must be put there"
      : "'quantgate train \(file)' trains and writes it"
  }
}
