import Architectures
import Checkpoints
import Graphs
import Tokenizers

extension InputFormat {
  static let safetensors = InputFormat("safetensors") { bytes, workspace in
    do throws(CheckpointError) {
      _ = try SafetensorsHeader(bytes.span.bytes, file: "x.safetensors")
    } catch {
      return .refused(error.description)
    }
    let path = try workspace.write(bytes, to: "x.safetensors")
    do throws(CheckpointError) {
      try readValues(try Checkpoint.open(path, shownAs: "x.safetensors"))
      let file = try SafetensorsFile(path, shownAs: "x.safetensors")
      if file.header.entries.allSatisfy({ $0.type == .float32 }) { _ = try file.weights() }
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  /// The bytes are an index beside two shards, `a.safetensors` and `b.safetensors`.
  static let shards = InputFormat("shards") { bytes, workspace in
    for (shard, name) in [("a", "x"), ("b", "y")] {
      let weights = Weights([name: Tensor(shape: [2], values: [1, 2])])
      _ = try workspace.write(Safetensors.encode(weights), to: "\(shard).safetensors")
    }
    let path = try workspace.write(bytes, to: "x.index.json")
    do throws(CheckpointError) {
      try readValues(try Checkpoint.open(path, shownAs: "x.index.json"))
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  static let gguf = InputFormat("gguf") { bytes, workspace in
    do throws(CheckpointError) {
      _ = try GGUFHeader(bytes.span.bytes, file: "x.gguf")
    } catch {
      return .refused(error.description)
    }
    let path = try workspace.write(bytes, to: "x.gguf")
    do throws(CheckpointError) {
      let file = try GGUFFile(path, shownAs: "x.gguf")
      try readValues(file)
      let vocabulary = try GGUFVocabulary(file.metadata)
      if let vocabulary, case .refused(let message) = use(vocabulary) { return .refused(message) }
      if file.metadata["general.architecture"] != nil { _ = try GGUFTransformer(file) }
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  /// A graph, imported too; its weights are read, and it is quantized as it is stored.
  static let onnx = InputFormat("onnx") { bytes, workspace in
    let path = try workspace.write(bytes, to: "x.onnx")
    do throws(CheckpointError) {
      let file = try ONNXFile(path, shownAs: "x.onnx")
      let imported = try ImportedGraph(file.graph, file: "x.onnx")
      for name in imported.weights.tensors.keys.sorted() {
        _ = imported.weights[name]?.firstNonFinite
      }
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  /// A `config.json`, also taken as the file that says how a sentence encoder pools.
  static let config = InputFormat("config") { bytes, _ in
    do throws(CheckpointError) {
      let file = try ConfigurationFile(bytes, file: "config.json")
      _ = try HuggingFaceConfig(file, pooling: file, isUnitLength: true)
      _ = try HuggingFaceConfig(file)
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  /// Reads every value of every tensor.
  private static func readValues(_ collection: any TensorCollection) throws(CheckpointError) {
    for name in collection.names {
      guard let tensor = try collection.tensor(name) else { continue }
      _ = tensor.values
      _ = tensor.firstNonFinite
    }
  }

  private static func use(_ vocabulary: GGUFVocabulary) -> Outcome {
    do throws(TokenizerError) {
      try use(try PipelineTokenizer(vocabulary: vocabulary, file: "x.gguf"))
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }
}
