import Architectures
import Graphs

/// Small graphs over sequences that put each operation between others.
enum SequenceGraphs {
  struct Entry {
    let name: String
    let graph: Graph
    var tied: [String: String] = [:]
  }

  static let tokens = 5
  static let vocabulary = 7
  static let width = 8

  /// An embedding, a layer, the operations (each reads the one before) and a classifier of each token.
  static func chain(
    _ operations: [Operation], selection: TokenSelection = .requested
  ) throws(GraphError) -> Graph {
    var nodes = [
      Node(id: 0, name: "input", operation: .input(Shape([1])), inputs: []),
      Node(
        id: 1, name: "embedding", operation: .embedding(rows: vocabulary, features: width),
        inputs: [0]),
    ]
    for operation in operations + [.tokens(selection), TestGraphs.head(6)] {
      let id = nodes.count
      let inputs = (0..<operation.operandCount).map { _ in id - 1 }
      nodes.append(Node(id: id, name: "n\(id)", operation: operation, inputs: inputs))
    }
    return try Graph(nodes)
  }

  /// Attention with layers of its own for query, key and value.
  static func attention(_ attention: Attention) throws(GraphError) -> Graph {
    let keys = attention.keyValueHeads * attention.headSize
    return try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([1])), inputs: []),
      Node(
        id: 1, name: "embedding", operation: .embedding(rows: vocabulary, features: width),
        inputs: [0]),
      Node(id: 2, name: "positions", operation: .positionEmbedding(rows: 9), inputs: [1]),
      Node(
        id: 3, name: "query",
        operation: TestGraphs.head(attention.heads * attention.headSize), inputs: [2]),
      Node(id: 4, name: "key", operation: TestGraphs.head(keys), inputs: [2]),
      Node(id: 5, name: "value", operation: TestGraphs.head(keys), inputs: [2]),
      Node(id: 6, name: "attention", operation: .attention(attention), inputs: [3, 4, 5]),
      Node(id: 7, name: "tokens", operation: .tokens(.requested), inputs: [6]),
      Node(id: 8, name: "head", operation: TestGraphs.head(6), inputs: [7]),
    ])
  }

  static func gate() throws(GraphError) -> Graph {
    try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([1])), inputs: []),
      Node(
        id: 1, name: "embedding", operation: .embedding(rows: vocabulary, features: width),
        inputs: [0]),
      Node(id: 2, name: "gate", operation: TestGraphs.head(9), inputs: [1]),
      Node(id: 3, name: "up", operation: TestGraphs.head(9), inputs: [1]),
      Node(id: 4, name: "activation", operation: .gatedSilu, inputs: [2, 3]),
      Node(id: 5, name: "tokens", operation: .tokens(.requested), inputs: [4]),
      Node(id: 6, name: "head", operation: TestGraphs.head(6), inputs: [5]),
    ])
  }

  static func rotary(
    _ pairing: RotaryEmbedding.Pairing, rotary: Int, scaled: Bool = false
  ) -> Operation {
    .rotaryEmbedding(
      RotaryEmbedding(
        heads: 2, headSize: 4, rotary: rotary, pairing: pairing, base: 100,
        positionScale: scaled ? 0.5 : 1, frequencyDivisors: scaled ? [1.5, 3] : [],
        magnitude: scaled ? 1.25 : 1))
  }

  static func heads(
    _ heads: Int, _ keyValueHeads: Int, isCausal: Bool, window: Int? = nil
  ) -> Attention {
    Attention(
      heads: heads, keyValueHeads: keyValueHeads, headSize: 3, scale: 0.6, isCausal: isCausal,
      window: window)
  }

  /// Llama's kind: rotary positions, gated feed-forward, grouped heads, RMS norm.
  static func decoderShape() -> TransformerShape {
    TransformerShape(
      vocabulary: vocabulary, width: width, layers: 2, heads: 4, keyValueHeads: 2,
      feedForwardWidth: 12, context: 16)
  }

  /// BERT's kind.
  static func encoderShape() -> TransformerShape {
    var shape = decoderShape()
    shape.keyValueHeads = 4
    shape.normalization = .layer
    shape.positions = .learned(rows: 16)
    shape.feedForward = .plain(.gelu)
    shape.biases = .all
    shape.normalizationPlace = .after
    shape.isCausal = false
    shape.output = .classes(.mean, count: 3)
    return shape
  }

  /// Every operation, by name.
  static func operations() throws(GraphError) -> [Entry] {
    let layer = TestGraphs.head(width)
    return [
      Entry(name: "gelu", graph: try chain([layer, .function(.gelu)])),
      Entry(name: "gelu by tanh", graph: try chain([layer, .function(.geluTanh)])),
      Entry(name: "silu", graph: try chain([layer, .function(.silu)])),
      Entry(name: "gated silu", graph: try gate()),
      Entry(name: "positions", graph: try chain([.positionEmbedding(rows: 6), layer])),
      Entry(
        name: "rms norm",
        graph: try chain([layer, .normalization(Normalization(.rms, epsilon: 0.01))])),
      Entry(
        name: "rms norm of heads",
        graph: try chain([layer, .normalization(Normalization(.rms, epsilon: 0.01, parts: 2))])),
      Entry(
        name: "layer norm",
        graph: try chain([
          layer, .normalization(Normalization(.layer, epsilon: 0.01, hasBias: true)),
        ])),
      Entry(
        name: "layer norm of parts",
        graph: try chain([layer, .normalization(Normalization(.layer, epsilon: 0.1, parts: 2))])),
      Entry(name: "rotary halves", graph: try chain([layer, rotary(.halves, rotary: 4)])),
      Entry(
        name: "rotary interleaved",
        graph: try chain([layer, rotary(.interleaved, rotary: 4, scaled: true)])),
      Entry(name: "rotary in part", graph: try chain([layer, rotary(.halves, rotary: 2)])),
      Entry(name: "attention", graph: try attention(heads(2, 2, isCausal: false))),
      Entry(name: "causal", graph: try attention(heads(2, 2, isCausal: true))),
      Entry(name: "grouped", graph: try attention(heads(4, 2, isCausal: true))),
      Entry(name: "window", graph: try attention(heads(3, 1, isCausal: true, window: 2))),
      Entry(
        name: "first", graph: try chain([rotary(.halves, rotary: 4), layer], selection: .first)),
      Entry(name: "mean", graph: try chain([rotary(.halves, rotary: 4), layer], selection: .mean)),
      Entry(name: "unit length", graph: try chain([layer, .unitLength])),
    ]
  }

  /// Whole transformers.
  static func transformers() throws(GraphError) -> [Entry] {
    let llama = decoderShape()
    var tied = decoderShape()
    tied.isTied = true
    tied.normalizesHeads = true
    tied.windows = [nil, 3]
    var gpt2 = encoderShape()
    gpt2.normalizationPlace = .before
    gpt2.isCausal = true
    gpt2.feedForward = .plain(.geluTanh)
    gpt2.output = .nextToken(hasBias: true)
    let encoder = encoderShape()
    var pooled = encoderShape()
    pooled.output = .pooled(.first, isUnitLength: true)
    return [
      Entry(name: "llama", graph: try llama.graph()),
      Entry(
        name: "tied", graph: try tied.graph(), tied: ["head.weight": "embedding.weight"]),
      Entry(name: "gpt2", graph: try gpt2.graph()),
      Entry(name: "encoder", graph: try encoder.graph()),
      Entry(name: "pooled", graph: try pooled.graph()),
    ]
  }
}
