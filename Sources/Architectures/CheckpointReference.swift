package import Checkpoints
import Documents
import Foundation
public import Tokenizers

/// What an architecture needs to know about the process it is read in; the executable fills it in.
public struct ArchitectureSite: Sendable {
  /// The repository's folder in the file system.
  public let root: String
  /// The environment's variables.
  public let environment: [String: String]

  /// Creates a site.
  public init(root: String, environment: [String: String]) {
    self.root = root
    self.environment = environment
  }
}

/// Where a checkpoint that describes its own architecture is: `{ environment: MODELS, path: llama/model.gguf }`.
///
/// For ONNX also what the file leaves open: `{ path: bert.onnx, inputs: { input_ids: [1, 128] }, constants:
/// { attention_mask: 1, token_type_ids: 0 }, output: logits }`.
public struct CheckpointReference: Hashable, Sendable {
  /// The environment variable that names the parent folder; `nil` for the repository.
  public let variable: String?
  /// A `.gguf` or `.onnx` file, or a folder with `config.json` and safetensors, below the parent.
  public let path: String
  /// What is chosen about an ONNX graph.
  package let choices: ImportChoices

  /// What messages call it; holds no path of this machine.
  public var shown: String { variable.map { "$\($0)/\(path)" } ?? path }

  static let reader = Reader<CheckpointReference>.record(
    "checkpoint", "A checkpoint that describes its own architecture."
  ) { fields in
    let variable = fields.optional(
      "environment", .string, "Variable that names the parent folder; without it, the repository.")
    let path = fields.required(
      "path",
      Reader<String>.string.only("a relative path without '..'") {
        !$0.isEmpty && !$0.hasPrefix("/") && !$0.contains("\0")
          && !$0.split(separator: "/").contains("..")
      }, "A .gguf or .onnx file, or a folder with config.json and safetensors.")
    let choices = choices(fields, isONNX: path?.hasSuffix(".onnx") ?? true)
    return path.map { CheckpointReference(variable: variable, path: $0, choices: choices) }
  }

  /// Declares what may be chosen about an ONNX graph.
  private static func choices(_ fields: Fields, isONNX: Bool) -> ImportChoices {
    var choices = ImportChoices()
    let shapes = fields.optional(
      "inputs", .entries(of: Reader<[Int]>.list(of: .int(in: 1...65_535), count: 1...8)),
      "ONNX: extents of inputs by name, where the file leaves them open; the first is 1.")
    let constants = fields.optional(
      "constants", .entries(of: Reader<Double>.double(in: -1e9...1e9)),
      "ONNX: inputs that hold one number everywhere, by name, such as a mask of ones.")
    choices.output = fields.optional(
      "output", .string, "ONNX: the output by name; without it the first.")
    for entry in shapes ?? [] { choices.shapes[entry.key.value] = entry.value }
    for entry in constants ?? [] { choices.constants[entry.key.value] = Float(entry.value) }
    if !isONNX {
      for key in ["inputs", "constants", "output"] { fields.refuse(key, "is for ONNX files") }
    }
    return choices
  }

  /// Where it is on this machine; `nil` where the variable is not set.
  ///
  /// - Throws: `CheckpointError.missing` when nothing is there; `.unreadable` when a link leads out of the
  ///   parent.
  func locate(_ site: ArchitectureSite) throws(CheckpointError) -> String? {
    var parent = site.root
    if let variable {
      guard let value = site.environment[variable], !value.isEmpty else { return nil }
      parent = value
    }
    let url = URL(fileURLWithPath: parent).appendingPathComponent(path)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw .missing(file: shown, remedy: "give a checkpoint that exists")
    }
    let real = url.resolvingSymlinksInPath().pathComponents
    let realParent = URL(fileURLWithPath: parent).resolvingSymlinksInPath().pathComponents
    guard real.starts(with: realParent) else {
      throw .unreadable(file: shown, reason: "a link leads it out of its folder")
    }
    return url.path
  }
}

/// A checkpoint that has been found.
public struct LocatedCheckpoint: Hashable, Sendable {
  /// What it is.
  package enum Kind: Hashable, Sendable {
    /// A transformer of a GGUF file, whose parameters have such names.
    case gguf(CheckpointNaming)
    /// A transformer of a Hugging Face folder, whose parameters have such names.
    case huggingFace(CheckpointNaming)
    /// A graph of operators.
    case onnx(ImportChoices)
  }

  /// Its path on this machine.
  public let path: String
  /// What messages call it.
  public let shown: String
  /// What it is.
  package let kind: Kind

  /// The tokenizer that comes with it; `nil` where none does.
  ///
  /// - Throws: What reading a tokenizer throws; `CheckpointError` for a GGUF file that cannot be read.
  public func tokenizer() throws -> (any Tokenizer)? {
    switch kind {
    case .onnx: return nil
    case .gguf:
      let file = try GGUFFile(path, shownAs: shown)
      return try GGUFVocabulary(file.metadata).map {
        try PipelineTokenizer(vocabulary: $0, file: shown)
      }
    case .huggingFace:
      let file = URL(fileURLWithPath: path).appendingPathComponent("tokenizer.json")
      guard FileManager.default.fileExists(atPath: file.path) else { return nil }
      return try PipelineTokenizer(file: file)
    }
  }
}

extension GGUFVocabulary {
  /// What a GGUF file says about its tokenizer; `nil` where it says nothing.
  package init?(_ metadata: GGUFMetadata) throws(CheckpointError) {
    func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }
    guard let model = try metadata.string(key("model")),
      let tokens = try metadata.strings(key("tokens"))
    else { return nil }
    self.init(
      model: model, pre: try metadata.string(key("pre")), tokens: tokens.map { Array($0.utf8) },
      scores: (try metadata.numbers(key("scores")) ?? []).map { Float($0) },
      types: try metadata.integers(key("token_type")) ?? [],
      merges: (try metadata.strings(key("merges")) ?? []).map { Array($0.utf8) },
      specialTokens: SpecialTokens(
        beginning: try metadata.integer(key("bos_token_id")),
        end: try metadata.integer(key("eos_token_id")),
        unknown: try metadata.integer(key("unknown_token_id")),
        padding: try metadata.integer(key("padding_token_id"))),
      classification: try metadata.integer(key("cls_token_id")),
      separator: try metadata.integer(key("seperator_token_id")),
      addsBeginning: try metadata.bool(key("add_bos_token")),
      addsEnd: try metadata.bool(key("add_eos_token")),
      addsSpacePrefix: try metadata.bool(key("add_space_prefix")))
  }
}
