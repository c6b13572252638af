import Documents

/// The issues that decoding gives, one line each; empty when it succeeds.
func issues<Value>(_ text: String, _ reader: Reader<Value>, file: String = "f.yaml") -> [String] {
  do throws(InvalidDocument) {
    _ = try Document(text: text, file: file).decode(reader)
    return []
  } catch {
    return error.issues.map(\.description)
  }
}

/// What decoding gives, or `nil`.
func decoded<Value>(_ text: String, _ reader: Reader<Value>) -> Value? {
  try? Document(text: text, file: "f.yaml").decode(reader)
}

struct Weights: Equatable, Sendable {
  enum Format: String, CaseIterable, Sendable { case int8, int4 }
  let format: Format
  let groupSize: Int?
  let clip: Double

  static let reader = Reader<Weights>.record("weights", "How weights are stored.") { fields in
    let format = fields.required(
      "format", .choice(of: Format.self, notAvailableYet: ["nf4"]), "Number format.")
    let groupSize = fields.optional("group_size", .int(in: 2...1024), "Weights per scale.")
    let clip = fields.optional("clip", .share, "Share to clip.", default: 0)
    fields.notAvailableYet("method", "rounding method")
    guard let format else { return nil }
    if format == .int4, groupSize == nil { fields.report("int4 needs 'group_size'", at: "format") }
    return Weights(format: format, groupSize: groupSize, clip: clip)
  }
}

struct Scheme: Equatable, Sendable {
  let name: String
  let weights: Weights
  let owners: [String]

  static let reader = Reader<Scheme>.record("scheme", "A quantization scheme.") { fields in
    let name = fields.required("scheme", .name, "Its name.")
    let weights = fields.required("weights", Weights.reader, "Weights.")
    let owners = fields.optional("owners", .list(of: .string), "Who to ask.", default: [])
    guard let name, let weights else { return nil }
    return Scheme(name: name, weights: weights, owners: owners)
  }
}

indirect enum Layer: Equatable, Sendable {
  case relu
  case conv(filters: Int)
  case residual([Layer])

  static let reader: Reader<Layer> = .keyed([
    "relu": .record("relu", "max(x, 0)") { _ in .relu },
    "conv": .record("conv", "A convolution.") { fields in
      fields.required("filters", .int(in: 1...512), "Outputs.").map { .conv(filters: $0) }
    },
    "residual": .record("residual", "Adds its input.") { fields in
      fields.required("layers", .list(of: Layer.reader), "Inside.").map { .residual($0) }
    },
  ])

  static let tagged: Reader<Layer> = .tagged(
    by: "op",
    [
      "relu": .record("relu", "max(x, 0)") { _ in .relu },
      "conv": .record("conv", "A convolution.") { fields in
        fields.required("filters", .int(in: 1...512), "Outputs.").map { .conv(filters: $0) }
      },
    ], notAvailableYet: ["attention"])
}
