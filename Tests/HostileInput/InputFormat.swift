/// A kind of file that comes from outside, with its reader: what the fuzzer and the replay of its
/// corpus feed.
///
/// A reader that ends in any other way than by accepting the bytes or by throwing the error of its own
/// type is at fault. The compiler sees to the second: each throws one type and no other.
public struct InputFormat: Sendable {
  /// What became of some bytes.
  public enum Outcome: Equatable, Sendable {
    /// They were read, and what they say was used.
    case accepted
    /// They were refused, with this message.
    case refused(String)
  }

  /// The name of its folders in `Tests/Fuzzing`.
  public let name: String
  private let reader: @Sendable ([UInt8], Workspace) throws -> Outcome

  /// Creates a format.
  ///
  /// - Parameter reader: Reads bytes, and uses what it read as the suite would. It throws only where the
  ///   workspace's own files cannot be written.
  init(
    _ name: String, reader: @escaping @Sendable ([UInt8], Workspace) throws -> Outcome
  ) {
    self.name = name
    self.reader = reader
  }

  /// Reads some bytes.
  ///
  /// - Parameter workspace: Where readers of files find the bytes.
  /// - Throws: What stopped the workspace's files from being written; never anything about the bytes.
  public func read(_ bytes: [UInt8], in workspace: Workspace) throws -> Outcome {
    try reader(bytes, workspace)
  }

  /// Every format. A new reader is added here, with a folder of seeds in `Tests/Fuzzing/corpus`.
  public static let all: [InputFormat] = [
    safetensors, shards, gguf, onnx, config, tokenizer, yaml, baseline, results, idx, csv,
    jsonLines, wav,
    predicate,
  ]

  /// The format called `name`, or `nil`.
  public static func named(_ name: String) -> InputFormat? { all.first { $0.name == name } }
}
