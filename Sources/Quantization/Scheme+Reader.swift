public import Documents
import NumberFormats

extension Scheme {
  /// Reads a file of `Scenarios/schemes`, or an inline scheme.
  public static let reader = Reader<Scheme>.record(
    "scheme", "How a model's tensors are quantized."
  ) { fields in
    let name = fields.required("scheme", .name, "The file's name without `.yaml`.")
    let weights = fields.required("weights", WeightScheme.reader, "How weights are stored.")
    let activations = fields.required(
      "activations", ActivationEntry.reader, "How values between nodes are stored.")
    let observer = fields.optional(
      "calibration", Observer.reader, "How the range of static activations is observed.")
    fields.notAvailableYet("kv_cache", "number format of a decoder's cache")
    fields.notAvailableYet("fallback", "layers kept in a wider format")
    fields.notAvailableYet("monitor", "watching the inputs at run time")
    // A calibration that cannot be read has been reported; it is not missing.
    let isReadable = observer != nil || !fields.has("calibration")
    let resolved = isReadable ? activations?.resolve(with: observer, fields) : nil
    guard let name, let weights, let resolved else { return nil }
    switch (weights, resolved) {
    case (.float32, .float32), (.affine, .fixed), (.affine, .dynamic):
      return Scheme(name: name, weights: weights, activations: resolved)
    case (.float32, _):
      fields.report("int8 activations need integer weights, found fp32", at: "activations")
    case (.affine, .float32):
      fields.report(
        "integer weights with fp32 activations are not available yet; expected int8",
        at: "activations")
    }
    return nil
  }
}

/// What shares a scale among weights, without the size of a group.
private enum WeightGranularity: String, CaseIterable, Sendable {
  case tensor, channel, group
}

extension WeightScheme {
  /// Largest group; beyond it a group is a row of most layers.
  private static let groupSizes = 8...1024

  static let reader = Reader<WeightScheme>.record("weights", "How weights are stored.") { fields in
    let format = fields.required("format", .choice(FormatRegistry.names), "Number format.")
    let granularity = fields.optional(
      "granularity", .choice(of: WeightGranularity.self), "What shares a scale.")
    let size = fields.optional(
      "group_size",
      .int(in: groupSizes).only("a multiple of 8 from 8 to 1024") { $0.isMultiple(of: 8) },
      "Consecutive weights of a row that share a scale; with granularity group.")
    let symmetric = fields.optional(
      "symmetric", .bool, "Whether 0 is the middle of the codes (default true).", default: true)
    _ = fields.optional(
      "method", .choice(["round_to_nearest"], notAvailableYet: ["gptq", "awq", "adaround", "qat"]),
      "How weights are rounded (default round_to_nearest).")
    guard let format, !fields.hasIssues else { return nil }
    guard let affine = FormatRegistry.format(named: format) as? AffineFormat else {
      for key in ["granularity", "group_size", "symmetric", "method"] where fields.has(key) {
        fields.report("\(format) weights are not rounded, so they have no '\(key)'", at: key)
      }
      return .float32
    }
    guard let granularity else {
      fields.report("\(format) weights need 'granularity': tensor, channel or group")
      return nil
    }
    return resolve(affine, granularity, size, symmetric, fields)
  }

  private static func resolve(
    _ format: AffineFormat, _ granularity: WeightGranularity, _ size: Int?, _ symmetric: Bool,
    _ fields: Fields
  ) -> WeightScheme? {
    if granularity != .group, fields.has("group_size") {
      fields.report("needs granularity group, found \(granularity.rawValue)", at: "group_size")
      return nil
    }
    switch granularity {
    case .tensor: return .affine(format, Grouping(.tensor, symmetric: symmetric))
    case .channel: return .affine(format, Grouping(.channel, symmetric: symmetric))
    case .group:
      guard format == .int4 else {
        fields.report("\(format.name) in groups is not available yet", at: "granularity")
        return nil
      }
      guard let size else {
        fields.report("granularity group needs 'group_size'", at: "granularity")
        return nil
      }
      return .affine(format, Grouping(.group(size), symmetric: symmetric))
    }
  }
}

/// The `activations` mapping, before calibration is known.
private enum ActivationEntry: Sendable {
  case float32
  case fixed(symmetric: Bool)
  case dynamic(symmetric: Bool)

  enum Format: String, CaseIterable, Sendable {
    case fp32, int8
  }

  enum Mode: String, CaseIterable, Sendable {
    case fixed = "static"
    case dynamic
  }

  enum Granularity: String, CaseIterable, Sendable {
    case tensor = "per_tensor"
    case token = "per_token"
  }

  static let reader = Reader<ActivationEntry>.record(
    "activations", "How values between nodes are stored."
  ) { fields in
    let format = fields.required("format", .choice(of: Format.self), "Number format.")
    let mode = fields.optional(
      "mode", .choice(of: Mode.self),
      "Whether ranges are calibrated beforehand (static) or taken from each input (dynamic).")
    let granularity = fields.optional(
      "granularity", .choice(of: Granularity.self),
      "What shares a scale: per_tensor when static, per_token (an example, where there are no tokens) "
        + "when dynamic; follows from the mode.")
    let symmetric = fields.optional(
      "symmetric", .bool, "Whether 0 is the middle of the codes (default false).", default: false)
    guard let format, !fields.hasIssues else { return nil }
    guard format == .int8 else {
      for key in ["mode", "granularity", "symmetric"] where fields.has(key) {
        fields.report("fp32 activations are not rounded, so they have no '\(key)'", at: key)
      }
      return .float32
    }
    guard let mode else {
      fields.report("int8 activations need 'mode': static or dynamic")
      return nil
    }
    let fitting: Granularity = mode == .fixed ? .tensor : .token
    if let granularity, granularity != fitting {
      fields.report(
        "\(mode.rawValue) activations are \(fitting.rawValue), found \(granularity.rawValue)",
        at: "granularity")
    }
    return mode == .fixed ? .fixed(symmetric: symmetric) : .dynamic(symmetric: symmetric)
  }

  /// Joins calibration to static activations; reports one that is missing or has no use.
  func resolve(with observer: Observer?, _ fields: Fields) -> ActivationScheme? {
    if case .fixed(let symmetric) = self {
      guard let observer else {
        fields.report("static activations need 'calibration'", at: "activations")
        return nil
      }
      return .fixed(symmetric: symmetric, observer)
    }
    if observer != nil {
      fields.report("only static activations are calibrated", at: "calibration")
      return nil
    }
    if case .dynamic(let symmetric) = self { return .dynamic(symmetric: symmetric) }
    return .float32
  }
}

extension Observer {
  private enum Kind: String, CaseIterable, Sendable {
    case minMax = "min_max"
    case percentile
  }

  static let reader = Reader<Observer>.record(
    "calibration", "How the range of static activations is observed."
  ) { fields in
    let kind = fields.required(
      "observer", .choice(of: Kind.self), "What decides a range: min_max or percentile.")
    let percentile = fields.optional(
      "percentile",
      Reader<Double>.double.only("a number above 50 and at most 100") { $0 > 50 && $0 <= 100 },
      "Share of the values that a range holds, counted from each side; with observer percentile.")
    guard let kind, !fields.hasIssues else { return nil }
    switch (kind, percentile) {
    case (.percentile, let percentile?):
      return .percentile(percentile)
    case (.percentile, nil):
      fields.report("observer percentile needs 'percentile'", at: "observer")
    case (.minMax, nil):
      return .minMax
    case (.minMax, _?):
      fields.report("needs observer percentile, found min_max", at: "percentile")
    }
    return nil
  }
}
