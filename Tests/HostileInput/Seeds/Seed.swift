/// A small sound file of a format, for the fuzzer and the replay to damage.
public struct Seed: Equatable, Sendable {
  /// Its name in the format's folder of `Tests/Fuzzing/corpus`.
  public let name: String
  /// What it holds.
  public let bytes: [UInt8]

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  init(_ name: String, _ text: String) {
    self.init(name, Array(text.utf8))
  }
}

extension InputFormat {
  /// What the format's folder of seeds holds beside links to files of the repository.
  ///
  /// - Throws: What the suite's own writers throw.
  public func seeds() throws -> [Seed] {
    switch name {
    case "safetensors": CheckpointSeeds.safetensors
    case "shards": CheckpointSeeds.shards
    case "gguf": try CheckpointSeeds.gguf()
    case "onnx": CheckpointSeeds.onnx
    case "config": CheckpointSeeds.configurations
    case "baseline": try RecordSeeds.baselines()
    case "results": try RecordSeeds.results()
    case "idx": DataSeeds.idx
    case "csv": DataSeeds.csv
    case "jsonl": DataSeeds.jsonLines
    case "wav": DataSeeds.wav
    case "predicate": DataSeeds.predicates
    default: []
    }
  }
}
