/// Which file of a sharded checkpoint holds which tensor: `model.safetensors.index.json`.
///
/// Layout: `{"metadata": {…}, "weight_map": {"tensor": "file", …}}`; the metadata is skipped.
/// Source: https://huggingface.co/docs/transformers/big_models, section "Sharded checkpoints".
package struct ShardIndex: Equatable, Sendable {
  /// The longest index accepted, as long as the longest header of a file.
  static let longest = SafetensorsHeader.longest

  /// File names by tensor.
  package let shards: [String: String]

  /// Reads an index.
  ///
  /// - Parameters:
  ///   - text: The file's bytes.
  ///   - file: Named in errors.
  /// - Throws: `CheckpointError` for broken JSON, duplicate keys, and names that lead out of the folder.
  package init(_ text: [UInt8], file: String) throws(CheckpointError) {
    var cursor = HeaderCursor(text, file: file, what: "index")
    var shards: [String: String]?
    try cursor.object { (cursor, key) throws(CheckpointError) in
      guard key == "weight_map" else { return try cursor.skipValue() }
      var map: [String: String] = [:]
      try cursor.object { (cursor, tensor) throws(CheckpointError) in
        let shard = try cursor.string()
        try Self.check(shard, tensor: tensor, file: file)
        map[tensor] = shard
      }
      shards = map
    }
    guard cursor.peek() == nil else {
      throw cursor.failure(expected: "nothing after the index's object")
    }
    guard let shards else {
      throw .malformed(
        file: file, place: "the index", expected: "the key 'weight_map'", found: "none")
    }
    self.shards = shards
  }

  /// A shard is a file beside the index: everything else could lead to files that nobody meant.
  private static func check(
    _ shard: String, tensor: String, file: String
  ) throws(CheckpointError) {
    let isName =
      !shard.isEmpty && shard != "." && shard != ".." && !shard.utf8.contains(UInt8(ascii: "/"))
      && !shard.utf8.contains(0)
    guard isName else {
      throw .tensor(
        file: file, tensor: tensor, expected: "the name of a file beside the index",
        found: "'\(shard)'")
    }
  }
}
