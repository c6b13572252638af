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
