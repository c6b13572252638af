import Checkpoints
import Foundation
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct CheckpointTests {
  /// A folder of shards, each with tensors of one element, and an index.
  static func sharded(
    _ shards: [String: [String]], index: String
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (shard, names) in shards {
      let tensors = names.map { ($0, Tensor(shape: [1], values: [Float($0.utf8.count)])) }
      try Safetensors.write(
        Weights(Dictionary(uniqueKeysWithValues: tensors)),
        to: folder.url.appendingPathComponent(shard).path)
    }
    try folder.write(index, to: "model.safetensors.index.json")
    return folder
  }

  static func message(_ path: String) -> String {
    do throws(CheckpointError) {
      _ = try Checkpoint.open(path, shownAs: "m")
      return "no error"
    } catch { return error.description }
  }

  @Test func `shards are one collection`() throws {
    let folder = try Self.sharded(
      ["one.safetensors": ["a", "ccc"], "two.safetensors": ["bb"]],
      index: """
        {"metadata": {"total_size": 12, "more": [1.5e3, {"x": null}, "]"]},
         "weight_map": {"a": "one.safetensors", "bb": "two.safetensors", "ccc": "one.safetensors"}}
        """)
    let collection = try Checkpoint.open(folder.url.path, shownAs: "m")
    #expect(collection.file == "m/model.safetensors.index.json")
    #expect(collection.names == ["a", "bb", "ccc"])
    for name in collection.names {
      #expect(try collection.tensor(name)?.values == [Float(name.utf8.count)])
    }
    #expect(try collection.tensor("d") == nil)
  }

  @Test(arguments: [
    (
      #"{"weight_map": {"a": "one.safetensors", "b": "three.safetensors"}}"#,
      "m/three.safetensors: no such file; m/model.safetensors.index.json names it; "
        + "copy the whole checkpoint"
    ),
    (
      #"{"weight_map": {"a": "one.safetensors", "b": "one.safetensors"}}"#,
      "m/model.safetensors.index.json: tensor 'b': expected it in 'one.safetensors', "
        + "found it in no shard"
    ),
    (
      #"{"weight_map": {"a": "two.safetensors", "z": "one.safetensors"}}"#,
      "m/model.safetensors.index.json: tensor 'a': expected it in one shard, "
        + "found it in 'one.safetensors' and 'two.safetensors'"
    ),
    (
      #"{"weight_map": {"a": "../one.safetensors"}}"#,
      "m/model.safetensors.index.json: tensor 'a': expected the name of a file beside the index, "
        + "found '../one.safetensors'"
    ),
    (
      #"{"weight_map": {"a": ".."}}"#,
      "m/model.safetensors.index.json: tensor 'a': expected the name of a file beside the index, "
        + "found '..'"
    ),
    (
      #"{"weight_map": {"a": "one.safetensors", "a": "one.safetensors"}}"#,
      "m/model.safetensors.index.json: index byte 43: expected every key once, found 'a' twice"
    ),
    (
      #"{"metadata": {}}"#,
      "m/model.safetensors.index.json: the index: expected the key 'weight_map', found none"
    ),
    (
      #"{"metadata": [}"#,
      "m/model.safetensors.index.json: index byte 14: expected a value, found '}'"
    ),
    (
      #"{"metadata": [["#,
      "m/model.safetensors.index.json: index byte 15: expected a value, found the end of the index"
    ),
  ])
  func `a wrong index is named`(index: String, expected: String) throws {
    let folder = try Self.sharded(
      ["one.safetensors": ["a"], "two.safetensors": ["a"]], index: index)
    #expect(Self.message(folder.url.path) == expected)
  }

  @Test func `mutated indices never crash`() throws {
    func message(_ text: [UInt8]) -> String {
      do throws(CheckpointError) {
        _ = try ShardIndex(text, file: "i")
        return "no error"
      } catch { return error.description }
    }
    let valid = #"{"metadata": {"n": [1, "x"]}, "weight_map": {"a": "one.safetensors"}}"#
    #expect(message(Array(valid.utf8)) == "no error")
    var generator = SeededGenerator(seed: 21)
    var refused = 0
    for _ in 0..<3_000 {
      var text = Array(valid.utf8)
      text[Int.random(in: 0..<text.count, using: &generator)] = UInt8.random(
        in: 0...255, using: &generator)
      if Bool.random(using: &generator) {
        text.removeLast(Int.random(in: 1...text.count, using: &generator))
      }
      if message(text) != "no error" { refused += 1 }
    }
    #expect(refused > 1_500, "seed 21")
    let deep = String(repeating: "[", count: 1 << 16)
    #expect(message(Array(deep.utf8)).contains("index byte 0: expected '{', found '['"))
    #expect(
      message(Array(("{\"m\":" + deep).utf8)).contains(
        "expected a value, found the end of the index"))
  }

  @Test func `a folder without a checkpoint, with two, or none at all is refused`() throws {
    let folder = try TemporaryFolder()
    #expect(
      Self.message(folder.url.path)
        == "m/model.safetensors: no such file; the folder holds neither that nor "
        + "'model.safetensors.index.json'")
    try folder.write("", to: "model.safetensors")
    try folder.write("{}", to: "model.safetensors.index.json")
    #expect(
      Self.message(folder.url.path)
        == "m: the folder: expected 'model.safetensors' or 'model.safetensors.index.json', "
        + "found both, which may differ")
    #expect(
      Self.message(folder.url.appendingPathComponent("none.gguf").path)
        == "m: no such file; give a checkpoint that exists")
    let other = try folder.write("", to: "model.bin")
    #expect(
      Self.message(other.path)
        == "m: the name: expected an end of .gguf, .safetensors or .index.json, found another")
  }

  @Test func `half precision stays as stored, other types are errors when needed`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("model.safetensors")
    let header =
      #"{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"#
      + #""h":{"dtype":"F16","shape":[2],"data_offsets":[4,8]},"#
      + #""i":{"dtype":"I32","shape":[1],"data_offsets":[8,12]}}"#
    var bytes = SafetensorsHeaderTests.file(header, dataBytes: 12)
    let data: [UInt8] = [0x80, 0x3F, 0x00, 0xC0, 0x00, 0x3C, 0xFF, 0x7B]
    bytes.replaceSubrange(bytes.count - 12..<bytes.count - 4, with: data)
    try Data(bytes).write(to: file)
    let collection = try Checkpoint.open(folder.url.path, shownAs: "m")
    let (brain, half) = (try collection.tensor("b"), try collection.tensor("h"))
    #expect(brain?.values == [1, -2] && half?.values == [1, 65_504])
    #expect(brain?.source?.storedFormat?.name == "bf16")
    #expect(half?.source?.storedFormat?.name == "f16")
    #expect(half?.read(1..<2) == [65_504])
    let error = SafetensorsFileTests.error { () throws(CheckpointError) in
      _ = try collection.tensor("i")
    }
    #expect(
      error?.description
        == "m/model.safetensors: tensor 'i': expected elements of type F32, F16 or BF16, found I32")
  }
}
