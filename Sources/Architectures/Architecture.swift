public import Checkpoints
public import Documents
import Foundation
public import Graphs

/// A network described in YAML, layer by layer.
///
///     architecture: convnet-glyphs      # the file's name without .yaml
///     description: A small residual convnet.
///     family: convnet                   # mlp, convnet
///     input: [16, 16, 1]                # [features], or [height, width, channels]
///     layers:                           # each reads the one before it unless it says `from:`
///       - { layer: conv, name: stem, channels: 16, kernel: 3, padding: 1, bias: false }
///       - { layer: batch_norm, name: stem_norm }
///       - { layer: relu, name: stem_relu }
///       - { layer: global_average_pool, name: pool }
///       - { layer: linear, name: head, features: 10 }
///     weights: ../models/convnet-glyphs.safetensors   # relative to this file, inside the repository
///     train: { dataset: glyphs, examples: 6000, epochs: 10, batch: 32, … }   # see TrainingRecipe
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
  /// The safetensors file of its weights, relative to the repository root.
  public let weightsFile: String
  /// How its weights are trained, where they can be.
  public let training: TrainingRecipe?

  /// Number of classes: the size of the output.
  public var classCount: Int { graph.outputShape.elementCount }

  /// Reads an architecture from its own file or from inside a scenario.
  public static let reader = Reader<Architecture>.record(
    "architecture", "A network, layer by layer."
  ) { fields in
    let name = fields.required("architecture", .name, "The file's name without .yaml.")
    let summary = fields.optional("description", .string, "One sentence for people.", default: "")
    let familyName = fields.required(
      "family", .choice(ArchitectureFamily.all.map(\.name)), "Which layers are allowed.")
    let family = familyName.flatMap(ArchitectureFamily.named)
    let input = fields.required(
      "input", .list(of: .int(in: 1...65_535), count: 1...3),
      "[features], or [height, width, channels].")
    // Without a family the widest one still finds what is wrong inside the layers.
    let layers = fields.required(
      "layers", .list(of: (family ?? .convnet).layer, count: 1...4_096),
      "Layers in order of execution.")
    let weights = fields.required("weights", .string, "A safetensors file, relative to this one.")
    let training = fields.optional("train", TrainingRecipe.reader, "How weights are trained.")
    let place = fields.place()
    if let name, place.keyPath.isEmpty, stem(of: place.file) != name {
      fields.report(
        "expected the file's name, '\(stem(of: place.file))', found '\(name)'", at: "architecture")
    }
    let weightsFile = weights.flatMap { WeightsPath.resolve($0, writtenIn: place.file) }
    if weights != nil, weightsFile == nil {
      fields.report("expected a relative path that stays inside the repository", at: "weights")
    }
    guard let family, let input, let layers else { return nil }
    guard input.count == family.inputRank else {
      fields.report(
        "expected \(family.inputRank) extents for the family '\(family.name)', "
          + "found \(input.count)", at: "input")
      return nil
    }
    var assembly = GraphAssembly(input: input, fields)
    guard let graph = assembly.assemble(layers), let name, let weightsFile else { return nil }
    return Architecture(
      name: name, summary: summary, family: family.name, file: place.file, graph: graph,
      weightsFile: weightsFile, training: training)
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
    weightsFile: String, training: TrainingRecipe?
  ) {
    self.name = name
    self.summary = summary
    self.family = family
    self.file = file
    self.graph = graph
    self.weightsFile = weightsFile
    self.training = training
  }

  private static func stem(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
  }

  /// The trained weights, checked against the graph.
  ///
  /// - Parameter root: The repository's folder.
  /// - Throws: What `weightsPath` and `readWeights` throw.
  public func weights(root: String) throws(CheckpointError) -> Weights {
    try readWeights(at: weightsPath(root: root))
  }

  /// The path of the file of weights, which is there and inside of the repository.
  ///
  /// - Parameter root: The repository's folder.
  /// - Throws: `CheckpointError.missing` with the command that trains them when there is no such file;
  ///   `.unreadable` when a link leads it out of `root`.
  public func weightsPath(root: String) throws(CheckpointError) -> String {
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

  /// The weights in a file, checked against the graph. Its allocations do not depend on where the file
  /// lies, so that their number can be compared between machines.
  ///
  /// - Parameter path: What `weightsPath` returned.
  /// - Throws: What reading the file throws.
  public func readWeights(at path: String) throws(CheckpointError) -> Weights {
    try SafetensorsFile(path, shownAs: weightsFile).weights(for: graph)
  }

  private var remedy: String {
    training == nil
      ? "\(file) has no 'train' recipe, so the file must be put there"
      : "'quantgate train \(file)' trains and writes it"
  }
}
