import Documents
import NumberFormats

/// What shares a scale among weights, without the size of a group.
private enum WeightGranularity: String, CaseIterable, Sendable {
  case tensor, channel, group
}

extension WeightScheme {
  /// Largest group; beyond it a group is a row of any layer that runs.
  private static let groupSizes = 1...65_536

  static let reader = Reader<WeightScheme>.record("weights", "How weights are stored.") { fields in
    let format = fields.required(
      "format", .choice(FormatRegistry.names + [storedName]),
      "Number format; stored: each weight as its checkpoint holds it.")
    let granularity = fields.optional(
      "granularity", .choice(of: WeightGranularity.self), "What shares a scale.")
    let size = fields.optional(
      "group_size", .int(in: groupSizes),
      "Consecutive weights of a row that share a scale; the last group of a row may be shorter; with "
        + "granularity group.")
    let symmetric = fields.optional(
      "symmetric", .bool, "Whether 0 is the middle of the codes (default true).", default: true)
    let range = fields.optional(
      "range", .choice(of: CodeUse.self),
      "Whether symmetric codes use the lowest one too: narrow (default, -127…127) or full (-128…127)."
    )
    let scale = fields.optional("scale", ScaleScheme.reader, "How scales are chosen and stored.")
    _ = fields.optional(
      "method", .choice(["round_to_nearest"], notAvailableYet: ["gptq", "awq", "adaround", "qat"]),
      "How weights are rounded (default round_to_nearest).")
    if format == storedName { return asStored(fields) }
    guard let format, !fields.hasIssues,
      let known = FormatRegistry.format(named: format)
    else { return nil }
    guard let affine = known as? AffineFormat else { return resolve(known, fields) }
    guard let granularity else {
      fields.report("\(format) weights need 'granularity': tensor, channel or group")
      return nil
    }
    guard let shared = resolve(granularity, size, fields),
      isPossible(affine, symmetric: symmetric, range, fields)
    else { return nil }
    return .affine(
      affine,
      Grouping(
        shared, symmetric: symmetric, codeUse: range ?? .narrow,
        scaleType: scale?.type ?? .float32, scaleChoice: scale?.choice ?? .absoluteMaximum))
  }

  private static func asStored(_ fields: Fields) -> WeightScheme {
    for key in ["granularity", "group_size", "symmetric", "range", "scale", "method"]
    where fields.has(key) {
      fields.report("stored weights stay as they are, so they have no '\(key)'", at: key)
    }
    return .asStored
  }

  /// A format that leaves nothing to choose; reports every choice.
  private static func resolve(_ format: any NumberFormat, _ fields: Fields) -> WeightScheme? {
    let isFloat32 = format is Float32Format
    let reason =
      isFloat32
      ? "weights are not rounded, so they have"
      : format is any BlockFormat
        ? "weights come in blocks with their own scales, so they have"
        : "weights share no scale, so they have"
    let keys = ["granularity", "group_size", "symmetric", "range", "scale"]
    for key in keys + (isFloat32 ? ["method"] : []) where fields.has(key) {
      fields.report("\(format.name) \(reason) no '\(key)'", at: key)
    }
    return isFloat32 ? .float32 : .selfContained(SelfContainedFormat(format))
  }

  private static func resolve(
    _ granularity: WeightGranularity, _ size: Int?, _ fields: Fields
  ) -> Granularity? {
    if granularity != .group, fields.has("group_size") {
      fields.report("needs granularity group, found \(granularity.rawValue)", at: "group_size")
      return nil
    }
    switch granularity {
    case .tensor: return .tensor
    case .channel: return .channel
    case .group:
      guard let size else {
        fields.report("granularity group needs 'group_size'", at: "granularity")
        return nil
      }
      return .group(size)
    }
  }

  private static func isPossible(
    _ format: AffineFormat, symmetric: Bool, _ range: CodeUse?, _ fields: Fields
  ) -> Bool {
    if !symmetric, format.isSymmetricOnly {
      fields.report("\(format.name) weights are symmetric, found false", at: "symmetric")
    } else if !symmetric, range != nil {
      fields.report("asymmetric weights use every code, so they have no 'range'", at: "range")
    } else if range == .full, format.isSymmetricOnly {
      fields.report("\(format.name) weights have no code beyond narrow, found full", at: "range")
    }
    return !fields.hasIssues
  }
}

/// The `scale` mapping of weights.
private struct ScaleScheme: Sendable {
  let type: ScaleType
  let choice: ScaleChoice

  static let reader = Reader<ScaleScheme>.record("scale", "How scales are chosen and stored.") {
    fields in
    let type = fields.optional(
      "type", .choice(of: ScaleType.self),
      "The number type that stores a scale (default fp32); codes belong to the scale as it is stored.",
      default: .float32)
    let choice = fields.optional(
      "choose", chooser,
      "What decides a scale: absmax (default), least_squares, or { percentile: 99.9 }.",
      default: .absoluteMaximum)
    return ScaleScheme(type: type, choice: choice)
  }

  private static let chooser = Reader<ScaleChoice>.keyed([
    "absmax": fixed("absmax", "The extremes.", .absoluteMaximum),
    "least_squares": fixed(
      "least_squares", "The least squared error that a search finds.", .leastSquares),
    "percentile": Reader<Double>.double
      .only("a number above 50 and at most 100") { $0 > 50 && $0 <= 100 }
      .map { .percentile($0) },
  ])

  private static func fixed(
    _ name: String, _ doc: String, _ choice: ScaleChoice
  ) -> Reader<ScaleChoice> {
    .record(name, doc) { _ in choice }
  }
}
