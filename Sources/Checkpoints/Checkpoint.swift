/// Opens checkpoints of every format.
public enum Checkpoint {
  /// The tensors of a checkpoint.
  ///
  /// - Parameters:
  ///   - path: A `.gguf` or `.safetensors` file, an `….index.json`, or a folder that holds
  ///     `model.safetensors` or `model.safetensors.index.json`.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when there is no checkpoint, or when it contradicts itself.
  public static func open(
    _ path: String, shownAs name: String? = nil
  ) throws(CheckpointError) -> any TensorCollection {
    let shown = name ?? path
    switch FilePath(path).kind {
    case .absent: throw .missing(file: shown, remedy: "give a checkpoint that exists")
    case .folder: return try openFolder(FilePath(path), FilePath(shown))
    case .other: return try openFile(path, shown)
    }
  }

  private static func openFile(
    _ path: String, _ shown: String
  ) throws(CheckpointError) -> any TensorCollection {
    if path.hasSuffix(".gguf") { return try GGUFFile(path, shownAs: shown) }
    if path.hasSuffix(".safetensors") { return try SafetensorsCollection(path, shownAs: shown) }
    if path.hasSuffix(".index.json") { return try ShardedCollection(path, shownAs: shown) }
    throw .malformed(
      file: shown, place: "the name", expected: "an end of .gguf, .safetensors or .index.json",
      found: "another")
  }

  private static func openFolder(
    _ folder: FilePath, _ shown: FilePath
  ) throws(CheckpointError) -> any TensorCollection {
    let whole = "model.safetensors"
    let index = "model.safetensors.index.json"
    let hasWhole = FilePath(folder.child(whole)).kind != .absent
    let hasIndex = FilePath(folder.child(index)).kind != .absent
    switch (hasWhole, hasIndex) {
    case (true, false):
      return try SafetensorsCollection(folder.child(whole), shownAs: shown.child(whole))
    case (false, true):
      return try ShardedCollection(folder.child(index), shownAs: shown.child(index))
    case (true, true):
      throw .malformed(
        file: shown.text, place: "the folder", expected: "'\(whole)' or '\(index)'",
        found: "both, which may differ")
    case (false, false):
      throw .missing(
        file: shown.child(whole), remedy: "the folder holds neither that nor '\(index)'")
    }
  }
}
