import Checkpoints
import Foundation
import NumberFormats
import Results
import TestSupport
import Testing

@Suite struct MappedCheckpointTests {
  static let width = 512
  static let layers = 4
  static let vocabulary = 2048
  static let feedForward = 1408

  /// A Llama whose matrices hold random codes; blocks of 32 have the scale 2⁻¹⁰.
  static func write(to path: String) throws {
    let type = try #require(GGUFType(GGUF.Q8_0()))
    var state: UInt64 = 1
    func matrix(_ name: String, _ shape: [Int]) -> GGUFContents.StoredTensor {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(shape.reduce(1, *) / 32 * 34)
      for _ in 0..<shape.reduce(1, *) / 32 {
        bytes += [0x00, 0x14]
        for _ in 0..<32 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          bytes.append(UInt8(truncatingIfNeeded: state >> 56) | 1)
        }
      }
      return .init(name: name, shape: shape, type: type, bytes: bytes)
    }
    func scales(_ name: String) -> GGUFContents.StoredTensor {
      .init(name: name, shape: [width], values: Array(repeating: 1, count: width))
    }
    var tensors = [
      matrix("token_embd.weight", [vocabulary, width]),
      matrix("output.weight", [vocabulary, width]),
      scales("output_norm.weight"),
    ]
    for layer in 0..<layers {
      let name = { (part: String) in "blk.\(layer).\(part).weight" }
      tensors += [
        scales(name("attn_norm")), scales(name("ffn_norm")),
        matrix(name("attn_q"), [width, width]), matrix(name("attn_k"), [width / 4, width]),
        matrix(name("attn_v"), [width / 4, width]), matrix(name("attn_output"), [width, width]),
        matrix(name("ffn_gate"), [feedForward, width]),
        matrix(name("ffn_up"), [feedForward, width]),
        matrix(name("ffn_down"), [width, feedForward]),
      ]
    }
    let metadata: [(key: String, value: GGUFValue)] = [
      ("general.architecture", .string("llama")),
      ("llama.embedding_length", .uint32(UInt32(width))),
      ("llama.block_count", .uint32(UInt32(layers))), ("llama.context_length", .uint32(64)),
      ("llama.feed_forward_length", .uint32(UInt32(feedForward))),
      ("llama.attention.head_count", .uint32(8)), ("llama.attention.head_count_kv", .uint32(2)),
      ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)),
    ]
    try GGUFContents(metadata: metadata, tensors: tensors).write(to: path)
  }

  /// The file is mapped, so the repacked weights, which are as large as it, are nearly all that is
  /// allocated: never a copy of the file, and never the weights in fp32.
  @Test func `loading a mapped file needs at most 1.1 times its size`() throws {
    let repository = try PrivateRepository()
    let path = repository.file("model.gguf").path
    try Self.write(to: path)
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    try repository.folder.write(
      """
      architecture: mapped
      checkpoint: { environment: QUANTGATE_TEST_MODELS, path: model.gguf }
      """, to: "Scenarios/architectures/mapped.yaml")
    try repository.folder.write(
      """
      dataset: ids
      kind: random_tokens
      vocabulary: 2048
      length: 16
      """, to: "Scenarios/datasets/ids.yaml")
    try repository.folder.write(
      """
      scenario: small
      architectures: [mapped]
      schemes: [stored]
      hardware: [one-core]
      data: { dataset: ids, evaluate: { split: evaluate, samples: 2 } }
      workload: { phase: decode }
      measure: { budget: 0.5 s, processes: 3, warmup: { until: stable, at_most: 0.05 s } }
      """, to: "Scenarios/small.yaml")
    let outcome = try repository.command.run(
      ["run", "small", "--quick", "--quiet", "-o", repository.file("out.json").path],
      environment: ["QUANTGATE_TEST_MODELS": repository.folder.url.path])
    #expect(outcome.exitCode == 0, "\(outcome)")
    let results: RunResults = try DocumentFile.read(
      at: repository.file("out.json"), named: "out.json")
    let memory = try #require(results.scenarios.first?.cases.first?.memory)
    #expect(size > 14_000_000)
    #expect(
      Double(memory.peakAllocated) <= 1.1 * Double(size),
      "\(memory.peakAllocated) bytes for a file of \(size)")
    #expect(memory.steadyAllocations == 0)
  }
}
