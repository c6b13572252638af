import Documents

/// How the token ids of one record become a window of a fixed length.
struct TokenFit: Sendable {
  enum Longer: String, CaseIterable, Sendable {
    case refuse
    /// The first ids are kept.
    case truncate
  }

  enum Shorter: String, CaseIterable, Sendable {
    case refuse
    /// The window is filled up behind the ids; what fills it is no target.
    case pad
  }

  let length: Int
  let longer: Longer
  let shorter: Shorter

  /// Declares `length`, `longer` and `shorter`.
  static func read(_ fields: Fields) -> TokenFit? {
    let length = fields.required("length", .int(in: 1...1_048_576), "Tokens of a window.")
    let longer = fields.optional(
      "longer", .choice(of: Longer.self), "What becomes of more tokens.", default: .refuse)
    let shorter = fields.optional(
      "shorter", .choice(of: Shorter.self), "What becomes of fewer tokens.", default: .refuse)
    return length.map { TokenFit(length: $0, longer: longer, shorter: shorter) }
  }

  /// The window of `ids`, which are not empty.
  ///
  /// - Throws: `DatasetError.malformed` at `place` when the ids are refused.
  func fit(
    _ ids: [Int], pad: Int, file: String, place: String
  ) throws(DatasetError) -> (input: [Float], window: TokenWindow) {
    let isRefused =
      ids.isEmpty || (ids.count > length && longer == .refuse)
      || (ids.count < length && shorter == .refuse)
    guard !isRefused else {
      throw .malformed(
        file: file, place: place, expected: expected, found: "\(ids.count)")
    }
    let kept = ids.prefix(length)
    let fill = repeatElement(Float(pad), count: length - kept.count)
    return (kept.map { Float($0) } + fill, .full(kept.count))
  }

  private var expected: String {
    switch (longer, shorter) {
    case (.refuse, .refuse): "\(length) tokens"
    case (.truncate, .refuse): "at least \(length) tokens"
    case (.refuse, .pad): "1 to \(length) tokens"
    case (.truncate, .pad): "at least 1 token"
    }
  }
}
