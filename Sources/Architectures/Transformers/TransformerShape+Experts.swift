import Documents
import Graphs

extension TransformerShape {
  /// Feed-forward layers that tokens are routed to: each token is computed by a few of them.
  public struct Experts: Hashable, Sendable {
    /// Experts of a layer.
    public var count: Int
    /// Experts that compute a token.
    public var perToken: Int
    /// Elements between the layers of an expert.
    public var width: Int
    /// Elements between the layers of an expert that computes every token; `nil` where there is none. Its result
    /// is multiplied by a factor of the token.
    public var sharedWidth: Int?
    /// Whether the weights of a token's experts are brought to the sum 1.
    public var isNormalized: Bool
    /// Layers, by their number, that have an ordinary feed-forward part instead.
    public var denseLayers: Set<Int>

    /// Creates experts in every layer, without a shared one.
    public init(count: Int, perToken: Int, width: Int) {
      self.count = count
      self.perToken = perToken
      self.width = width
      sharedWidth = nil
      isNormalized = true
      denseLayers = []
    }
  }

  /// What a decoder's shape says about experts.
  struct ExpertChoices {
    let count: Int?
    let perToken: Int?
    let width: Int?
    let sharedWidth: Int?
    let isNormalized: Bool?

    init(_ fields: Fields) {
      count = fields.optional(
        "experts", .int(in: 1...4_096),
        "Experts of a layer (default: an ordinary feed-forward part).")
      perToken = fields.optional(
        "experts_per_token", .int(in: 1...4_096), "Experts that compute a token.")
      width = fields.optional(
        "expert_feed_forward", .int(in: 1...65_535),
        "Elements between the layers of an expert (default: feed_forward).")
      sharedWidth = fields.optional(
        "shared_expert_feed_forward", .int(in: 1...65_535),
        "The same of an expert that computes every token (default: none).")
      isNormalized = fields.optional(
        "normalize_expert_weights", .bool,
        "Whether the weights of a token's experts sum up to 1 (default true).")
    }

    /// Gives a shape its experts; reports what does not fit.
    func apply(to shape: inout TransformerShape, style: String, _ fields: Fields) {
      guard let count else {
        for key in [
          "experts_per_token", "expert_feed_forward", "shared_expert_feed_forward",
          "normalize_expert_weights",
        ] where fields.has(key) {
          fields.report("needs 'experts'", at: key)
        }
        return
      }
      guard shape.feedForward == .gatedSilu else {
        return fields.report("experts belong to style llama, found \(style)", at: "experts")
      }
      guard let perToken else {
        return fields.report("experts need 'experts_per_token'", at: "experts")
      }
      guard perToken <= count else {
        return fields.report(
          "expected at most the \(count) experts, found \(perToken)", at: "experts_per_token")
      }
      var experts = Experts(
        count: count, perToken: perToken, width: width ?? shape.feedForwardWidth)
      experts.sharedWidth = sharedWidth
      experts.isNormalized = isNormalized ?? true
      shape.experts = experts
    }
  }
}
