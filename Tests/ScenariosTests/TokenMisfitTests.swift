import Checkpoints
import Foundation
import TestSupport
import Testing

/// Models and data of tokens that do not go together are refused before anything runs.
@Suite struct TokenMisfitTests {
  private static let place = "Scenarios/sample.yaml:2:17: architectures[0]: "

  @Test(
    arguments: [
      ("vocabulary: 255, context: 64", "'tiny' knows 255 token ids, but 'applicants' has 256"),
      (
        "vocabulary: 256, context: 63",
        "'tiny' holds 63 tokens, but 'applicants' has windows of 64"
      ),
      ("vocabulary: 256, context: 64", nil),
    ] as [(String, String?)])
  func `a model must know every id and hold every window`(
    extents: String, mistake: String?
  ) throws {
    let repository = try SampleRepository()
    try repository.write(
      "Scenarios/architectures/tiny.yaml",
      """
      architecture: tiny
      family: decoder
      shape: { \(extents), width: 8, layers: 1, heads: 2, feed_forward: 8 }
      weights: ../models/tiny.safetensors
      """)
    try repository.write(
      "Scenarios/datasets/applicants.yaml",
      "dataset: applicants\nkind: random_tokens\nvocabulary: 256\nlength: 64\n")
    let mistakes = try repository.mistakes().filter { $0.contains("'tiny'") }
    #expect(mistakes == (mistake.map { [Self.place + $0] } ?? []))
  }

  @Test(arguments: [(5, nil), (4, "tiny: expected a vocabulary of at least 5 rows")])
  func `a checkpoint's tokenizer has an embedding for every id`(
    rows: Int, mistake: String?
  ) throws {
    let repository = try SampleRepository()
    let tokens = ["<unk>", "<s>", "</s>", "a", "b"]
    let contents = GGUFContents(
      metadata: [
        ("general.architecture", .string("llama")), ("llama.embedding_length", .uint32(8)),
        ("llama.block_count", .uint32(1)), ("llama.context_length", .uint32(32)),
        ("llama.feed_forward_length", .uint32(12)), ("llama.attention.head_count", .uint32(2)),
        ("llama.attention.layer_norm_rms_epsilon", .float32(0.5)),
        ("tokenizer.ggml.model", .string("llama")),
        ("tokenizer.ggml.tokens", .array(.string(tokens))),
        ("tokenizer.ggml.scores", .array(.float32([0, 0, 0, -1, -2]))),
        ("tokenizer.ggml.token_type", .array(.int32([2, 3, 3, 1, 1]))),
        ("tokenizer.ggml.bos_token_id", .uint32(1)),
      ],
      tensors: [
        .init(
          name: "token_embd.weight", shape: [rows, 8],
          values: (0..<8 * rows).map { Float($0) })
      ])
    try contents.write(to: repository.folder.url.appendingPathComponent("tiny.gguf").path)
    try repository.write(
      "Scenarios/architectures/tiny.yaml",
      "architecture: tiny\ncheckpoint: { path: tiny.gguf }\n")
    let mistakes = try repository.mistakes().filter { $0.contains("rows") }
    #expect(mistakes.count == (mistake == nil ? 0 : 1))
    if let mistake {
      #expect(mistakes.first?.hasPrefix(Self.place + mistake) == true, "\(mistakes)")
    }
  }
}
