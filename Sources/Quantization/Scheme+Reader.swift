public import Documents
import Graphs
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
    let cache = fields.optional(
      "kv_cache", CacheStorage.reader, "How attention keeps keys and values (default fp32).",
      default: .float32)
    let routers = fields.optional(
      "routers", .choice(of: RouterScheme.self),
      "How layers that choose experts are stored: fp32 (default), or weights, as 'weights' says.",
      default: .float32)
    fields.notAvailableYet("fallback", "layers kept in a wider format")
    fields.notAvailableYet("monitor", "watching the inputs at run time")
    // A calibration that cannot be read has been reported; it is not missing.
    let isReadable = observer != nil || !fields.has("calibration")
    let resolved = isReadable ? activations?.resolve(with: observer, fields) : nil
    guard let name, let weights, let resolved else { return nil }
    guard weights != .float32 || resolved == .float32 else {
      fields.report("int8 activations need quantized weights, found fp32", at: "activations")
      return nil
    }
    return Scheme(
      name: name, weights: weights, activations: resolved, cache: cache, routers: routers)
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

extension CacheStorage {
  fileprivate static let reader = Reader<CacheStorage>.record(
    "kv_cache", "How attention keeps the keys and values of past tokens."
  ) { fields in
    fields.required(
      "format", .choice(of: CacheStorage.self),
      "fp32, f16, or int8 with one scale per token and head.")
  }
}
