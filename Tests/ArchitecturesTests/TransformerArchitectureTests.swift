import Architectures
import Documents
import Graphs
import Testing

@Suite struct TransformerArchitectureTests {
  private static func text(
    family: String = "decoder", shape: String, weights: String = "{ generate: { seed: 3 } }",
    rest: String = ""
  ) -> String {
    "architecture: net\nfamily: \(family)\nshape: { \(shape) }\nweights: \(weights)\n\(rest)"
  }

  private static let sizes =
    "vocabulary: 40, width: 32, layers: 2, heads: 4, feed_forward: 48, context: 16"

  @Test func `a decoder follows Llama unless it says otherwise`() throws {
    let architecture = try ArchitectureTests.decode(
      Self.text(shape: Self.sizes + ", key_value_heads: 2, tied: true, window: 5"))
    let shape = try #require(architecture.transformer)
    #expect(shape.headSize == 8)
    #expect(shape.keyValueHeads == 2)
    #expect(shape.isTied && shape.isCausal)
    #expect(shape.windows == [5, 5])
    #expect(shape.normalization == .rms)
    #expect(architecture.weightsFile == nil)
    #expect(architecture.graph.outputShape == Shape([40]))
    let names = architecture.graph.nodes.map(\.name)
    #expect(names.contains("layers.1.gate") && names.contains("layers.0.key_rotary"))
    #expect(!names.contains("positions"))
  }

  @Test func `GPT-2's and BERT's styles differ where they should`() throws {
    let gpt2 = try ArchitectureTests.decode(Self.text(shape: Self.sizes + ", style: gpt2"))
    let names = gpt2.graph.nodes.map(\.name)
    #expect(names.contains("positions") && !names.contains("layers.0.gate"))
    #expect(gpt2.graph.parameters.contains { $0.name == "layers.0.query.bias" })
    let bert = try ArchitectureTests.decode(Self.text(family: "encoder", shape: Self.sizes))
    #expect(bert.transformer?.isCausal == false)
    #expect(bert.transformer?.normalizationPlace == .after)
    #expect(bert.graph.nodes.map(\.name).suffix(2) == ["pool", "unit_length"])
    #expect(bert.graph.outputShape == Shape([32]))
  }

  @Test func `an encoder can tell classes apart`() throws {
    let encoder = try ArchitectureTests.decode(
      Self.text(family: "encoder", shape: Self.sizes + ", classes: 5"))
    #expect(encoder.transformer?.output == .classes(.mean, count: 5))
    #expect(encoder.graph.nodes.map(\.name).suffix(2) == ["pool", "head"])
    #expect(encoder.classCount == 5)
    #expect(!ArchitectureTests.issues(Self.text(shape: Self.sizes + ", classes: 5")).isEmpty)
    let pooled = try ArchitectureTests.decode(
      Self.text(family: "encoder", shape: Self.sizes + ", classes: 5, pooler: tanh"))
    #expect(pooled.transformer?.output == .classes(.first, pooler: .tanh, count: 5))
    #expect(
      pooled.graph.nodes.map(\.name).suffix(4) == ["pool", "pooler", "pooler_activation", "head"])
    #expect(
      ArchitectureTests.issues(
        Self.text(family: "encoder", shape: Self.sizes + ", pooler: relu")
      ).map {
        $0.hasSuffix("shape.pooler: needs 'classes'")
      } == [true])
  }

  @Test func `a decoder routes tokens to experts`() throws {
    let plain = try ArchitectureTests.decode(
      Self.text(shape: Self.sizes + ", experts: 8, experts_per_token: 2"))
    #expect(
      plain.transformer?.experts == TransformerShape.Experts(count: 8, perToken: 2, width: 48))
    let shared = try ArchitectureTests.decode(
      Self.text(
        shape: Self.sizes + ", experts: 4, experts_per_token: 3, expert_feed_forward: 20, "
          + "shared_expert_feed_forward: 24, normalize_expert_weights: false"))
    var expected = TransformerShape.Experts(count: 4, perToken: 3, width: 20)
    expected.sharedWidth = 24
    expected.isNormalized = false
    #expect(shared.transformer?.experts == expected)
    let graph = shared.graph
    #expect(graph.parameters.contains { $0.name == "layers.1.expert_down.3.weight" })
    #expect(
      graph.parameterCount - graph.activeParameterCount == 2 * (4 - 3) * 3 * 20 * 32)
    #expect(
      graph.nodes.filter(graph.isRouter).map(\.name) == [
        "layers.0.router", "layers.0.shared_router", "layers.1.router", "layers.1.shared_router",
      ])
    let weights = try shared.readWeights(at: nil)
    let values = try #require(weights["layers.0.expert_up.0.weight"]?.values)
    #expect(values != weights["layers.0.expert_up.1.weight"]?.values)
    let square = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    #expect(abs(square * 32 - 1) < 0.2)
  }

  @Test func `only a decoder that says so shares its embedding`() throws {
    func tied(_ family: String, _ rest: String) throws -> [String: String] {
      try ArchitectureTests.decode(Self.text(family: family, shape: Self.sizes + rest))
        .tiedParameters
    }
    #expect(try tied("decoder", "") == [:])
    #expect(try tied("decoder", ", tied: true") == ["head.weight": "embedding.weight"])
    #expect(try tied("encoder", ", tied: true") == [:])
  }

  @Test(arguments: [
    (
      text(shape: "width: 32"),
      [
        "3:8: shape: missing key 'context': a whole number from 1 to 1048576",
        "3:8: shape: missing key 'feed_forward': a whole number from 1 to 65535",
        "3:8: shape: missing key 'heads': a whole number from 1 to 1024",
        "3:8: shape: missing key 'layers': a whole number from 1 to 1024",
        "3:8: shape: missing key 'vocabulary': a whole number from 1 to 1048576",
      ]
    ),
    (
      text(shape: sizes.replacing("heads: 4", with: "heads: 5")),
      ["3:55: shape.heads: expected a divisor of the width 32, found 5"]
    ),
    (
      text(shape: sizes + ", key_value_heads: 3"),
      ["3:106: shape.key_value_heads: expected a divisor of the 4 heads, found 3"]
    ),
    (
      text(shape: sizes + ", experts: 8"),
      ["3:98: shape.experts: experts need 'experts_per_token'"]
    ),
    (
      text(shape: sizes + ", experts: 8, experts_per_token: 9"),
      ["3:120: shape.experts_per_token: expected at most the 8 experts, found 9"]
    ),
    (
      text(shape: sizes + ", expert_feed_forward: 8"),
      ["3:110: shape.expert_feed_forward: needs 'experts'"]
    ),
    (
      text(shape: sizes + ", style: gpt2, experts: 8, experts_per_token: 2"),
      ["3:111: shape.experts: experts belong to style llama, found gpt2"]
    ),
    (
      text(shape: sizes + ", expertz: 8"),
      ["3:89: shape.expertz: unknown key (did you mean 'experts'?)"]
    ),
    (
      text(shape: sizes, rest: "layers: []\n"),
      ["5:1: layers: networks of this family are described by 'shape'"]
    ),
    (
      text(shape: sizes, weights: "{ generate: { outliers: { share: 2 %, factor: 0.5 } } }"),
      ["4:56: weights.generate.outliers.factor: expected a number from 1 to 10000, found '0.5'"]
    ),
  ])
  func `a wrong shape is refused where it is wrong`(_ text: String, _ issues: [String]) {
    #expect(ArchitectureTests.issues(text) == issues)
  }
}
