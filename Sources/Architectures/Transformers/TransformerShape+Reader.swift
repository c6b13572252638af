import Documents
import Graphs

extension TransformerShape {
  /// Which published models a shape follows where nothing else is said.
  enum Style: String, CaseIterable, Sendable {
    /// RMS norm, rotary positions, gated feed-forward, no biases.
    case llama
    /// Layer norm, learned positions, GELU by hyperbolic tangent, biases.
    case gpt2
    /// Layer norm after each sum, learned positions, GELU, biases, attention over the whole sequence.
    case bert
  }

  /// Reads the `shape` of a decoder.
  static let decoder = reader("decoder", "The shape of a decoder.", styles: [.llama, .gpt2])
  /// Reads the `shape` of an encoder.
  static let encoder = reader("encoder", "The shape of an encoder.", styles: [.bert])

  private static let extent = Reader<Int>.int(in: 1...1_048_576)

  private static func reader(
    _ name: String, _ doc: String, styles: [Style]
  ) -> Reader<TransformerShape> {
    .record(name, doc) { fields in
      let style = fields.optional(
        "style", .choice(styles.map(\.rawValue)), "The published model it follows.",
        default: styles[0].rawValue)
      let vocabulary = fields.required("vocabulary", extent, "Token ids.")
      let width = fields.required("width", extent, "Elements of a token between layers.")
      let layers = fields.required("layers", .int(in: 1...1_024), "Layers.")
      let heads = fields.required("heads", .int(in: 1...1_024), "Heads of a query.")
      let keyValueHeads = fields.optional(
        "key_value_heads", .int(in: 1...1_024), "Heads of keys and values (default: as of queries)."
      )
      let headSize = fields.optional(
        "head_size", .int(in: 1...1_024), "Elements of a head (default: width / heads).")
      let feedForward = fields.required(
        "feed_forward", .int(in: 1...65_535), "Elements between the feed-forward layers.")
      let context = fields.required("context", extent, "The most tokens of a sequence.")
      let choices = Choices(fields)
      let experts = styles.contains(.llama) ? ExpertChoices(fields) : nil
      let classes =
        styles.contains(.bert)
        ? fields.optional(
          "classes", .int(in: 2...65_535),
          "Classes to tell apart (default: one vector of length 1 per sequence).") : nil
      let pooler =
        styles.contains(.bert)
        ? fields.optional(
          "pooler", .choice(of: Pooler.self),
          "Layer before the scores of classes, over the first token, and its function: tanh (BERT), relu "
            + "(DistilBERT). Default: none, the scores are those of the mean over all tokens.")
        : nil
      if pooler != nil, !fields.has("classes") { fields.report("needs 'classes'", at: "pooler") }
      guard !fields.hasIssues, let vocabulary, let width, let layers, let heads, let feedForward,
        let context
      else { return nil }
      var shape = TransformerShape(
        vocabulary: vocabulary, width: width, layers: layers, heads: heads,
        keyValueHeads: keyValueHeads ?? heads, feedForwardWidth: feedForward, context: context)
      shape.follow(Style(rawValue: style) ?? styles[0])
      choices.apply(to: &shape)
      experts?.apply(to: &shape, style: style, fields)
      guard !fields.hasIssues else { return nil }
      if let classes {
        shape.output = .classes(pooler == nil ? .mean : .first, pooler: pooler, count: classes)
      }
      guard headSize != nil || width.isMultiple(of: heads) else {
        fields.report("expected a divisor of the width \(width), found \(heads)", at: "heads")
        return nil
      }
      shape.headSize = headSize ?? width / heads
      guard shape.heads.isMultiple(of: shape.keyValueHeads) else {
        fields.report(
          "expected a divisor of the \(heads) heads, found \(shape.keyValueHeads)",
          at: "key_value_heads")
        return nil
      }
      return shape
    }
  }

  private mutating func follow(_ style: Style) {
    guard style != .llama else { return }
    normalization = .layer
    positions = .learned(rows: context)
    feedForward = .plain(style == .gpt2 ? .geluTanh : .gelu)
    biases = .all
    if style == .bert {
      epsilon = 1e-12
      normalizationPlace = .after
      isCausal = false
      output = .pooled(.mean, isUnitLength: true)
    }
  }

  /// What a shape may say beside its sizes.
  private struct Choices {
    let epsilon: Double?
    let rotaryBase: Double?
    let window: Int?
    let isTied: Bool
    let normalizesHeads: Bool

    init(_ fields: Fields) {
      epsilon = fields.optional(
        "epsilon", .double(in: 0...1), "Added to the mean square of a normalization.")
      rotaryBase = fields.optional(
        "rotary_base", .double(in: 1...1e9), "Base of the rotary angles (default 10000).")
      window = fields.optional(
        "window", .int(in: 1...1_048_576), "How many tokens a token sees, itself included.")
      isTied = fields.optional(
        "tied", .bool, "Whether the next token's scores use the embedding (default false).",
        default: false)
      normalizesHeads = fields.optional(
        "query_key_norm", .bool, "Whether queries and keys are normalized (default false).",
        default: false)
    }

    func apply(to shape: inout TransformerShape) {
      if let epsilon { shape.epsilon = Float(epsilon) }
      if let rotaryBase { shape.positions = .rotary(RotaryAngles(base: rotaryBase)) }
      if let window { shape.windows = Array(repeating: window, count: shape.layers) }
      shape.isTied = isTied
      shape.normalizesHeads = normalizesHeads
    }
  }
}
