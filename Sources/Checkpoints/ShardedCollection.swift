public import Graphs

/// The tensors of a checkpoint in several safetensors files.
public final class ShardedCollection: TensorCollection {
  /// What errors call the index.
  public let file: String
  /// The names of the tensors, in ascending order.
  public let names: [String]
  private let holders: [String: SafetensorsCollection]

  /// Opens every shard that an index names.
  ///
  /// - Parameters:
  ///   - path: The index in the file system; the shards lie beside it.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when a shard is missing or broken, or when shards and index disagree.
  public init(_ path: String, shownAs name: String? = nil) throws(CheckpointError) {
    let mapping = try MappedFile(path, shownAs: name)
    let file = mapping.file
    guard mapping.count <= ShardIndex.longest else {
      throw .malformed(
        file: file, place: "the index", expected: "at most \(ShardIndex.longest) bytes",
        found: "\(mapping.count)")
    }
    let text = mapping.withBytes { $0.withUnsafeBytes { Array($0) } }
    let index = try ShardIndex(text, file: file)
    var shards: [String: SafetensorsCollection] = [:]
    for shard in Set(index.shards.values).sorted() {
      shards[shard] = try Self.open(shard, beside: path, shownBeside: file)
    }
    try Self.checkHolders(index, shards, file: file)
    self.file = file
    names = index.shards.keys.sorted()
    holders = index.shards.compactMapValues { shards[$0] }
  }

  /// The tensor called `name`, of F32, F16 or BF16; `nil` where there is none.
  ///
  /// - Throws: `CheckpointError.tensor` for other types.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor? {
    try holders[name]?.tensor(name)
  }

  private static func open(
    _ shard: String, beside path: String, shownBeside file: String
  ) throws(CheckpointError) -> SafetensorsCollection {
    let sibling = FilePath(path).sibling(shard)
    let shown = FilePath(file).sibling(shard)
    guard FilePath(sibling).kind != .absent else {
      throw .missing(file: shown, remedy: "\(file) names it; copy the whole checkpoint")
    }
    return try SafetensorsCollection(sibling, shownAs: shown)
  }

  /// Every tensor is in the shard that the index names, and in no other.
  private static func checkHolders(
    _ index: ShardIndex, _ shards: [String: SafetensorsCollection], file: String
  ) throws(CheckpointError) {
    var seen: [String: String] = [:]
    for (shard, collection) in shards.sorted(by: { $0.key < $1.key }) {
      for tensor in collection.names {
        if let other = seen.updateValue(shard, forKey: tensor) {
          throw .tensor(
            file: file, tensor: tensor, expected: "it in one shard",
            found: "it in '\(other)' and '\(shard)'")
        }
      }
    }
    for (tensor, shard) in index.shards.sorted(by: { $0.key < $1.key }) where seen[tensor] != shard
    {
      throw .tensor(
        file: file, tensor: tensor, expected: "it in '\(shard)'",
        found: seen[tensor].map { "it in '\($0)'" } ?? "it in no shard")
    }
  }
}
