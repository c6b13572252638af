public import Documents

/// A dataset as a YAML file describes it; ``open(at:)`` makes it readable.
public struct DatasetDefinition: Sendable {
  /// The name scenarios use.
  public let name: String
  private let make: @Sendable (DatasetSite) -> any Dataset

  init(name: String, make: @escaping @Sendable (DatasetSite) -> any Dataset) {
    self.name = name
    self.make = make
  }

  /// The dataset. Reads no file yet.
  public func open(at site: DatasetSite) -> any Dataset { make(site) }

  /// Every kind, by the word that `kind` names it with. A new kind is one more line.
  public static let reader = Reader<DatasetDefinition>.tagged(
    by: "kind",
    [
      "glyphs": Glyphs.reader,
      "applicants": Applicants.reader,
      "random_tokens": RandomTokens.reader,
      "random_images": RandomImages.reader,
      "stories": Stories.reader,
      "stories_classes": Stories.classReader,
      "idx": IDXDataset.reader,
      "csv": CSVDataset.reader,
      "jsonl": JSONLinesDataset.reader,
      "safetensors": ArraysDataset.reader,
      "text": TextDataset.reader,
      "wav": WAVDataset.reader,
    ])

  /// Declares what every kind has: its name and a description.
  static func name(_ fields: Fields) -> String? {
    _ = fields.optional("description", .string, "What the data is, for people.")
    return fields.required("dataset", .name, "The file's name without `.yaml`.")
  }
}

extension Glyphs {
  static let reader = Reader<DatasetDefinition>.record("glyphs", "Drawn characters, generated.") {
    fields in
    let name = DatasetDefinition.name(fields)
    let seed = fields.optional("seed", .count, "Equal seeds give equal examples.", default: 1)
    return name.map { name in
      DatasetDefinition(name: name) { _ in Glyphs(name: name, seed: UInt64(seed)) }
    }
  }
}

extension Applicants {
  static let reader = Reader<DatasetDefinition>.record(
    "applicants", "Applications for credit, generated."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let seed = fields.optional("seed", .count, "Equal seeds give equal examples.", default: 1)
    return name.map { name in
      DatasetDefinition(name: name) { _ in Applicants(name: name, seed: UInt64(seed)) }
    }
  }
}

extension RandomTokens {
  static let reader = Reader<DatasetDefinition>.record(
    "random_tokens", "Windows of random token ids, generated."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let vocabulary = fields.required(
      "vocabulary", .int(in: 1...1_048_576), "Ids are below this.")
    let length = fields.required("length", .int(in: 1...65_536), "Tokens of a window.")
    let seed = fields.optional("seed", .count, "Equal seeds give equal windows.", default: 1)
    guard let name, let vocabulary, let length else { return nil }
    return DatasetDefinition(name: name) { _ in
      RandomTokens(name: name, vocabulary: vocabulary, length: length, seed: UInt64(seed))
    }
  }
}

extension RandomImages {
  static let reader = Reader<DatasetDefinition>.record(
    "random_images", "Blurred random images, generated."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let shape = fields.required(
      "shape", .list(of: .int(in: 1...4096), count: 3...3), "[height, width, channels].")
    let seed = fields.optional("seed", .count, "Equal seeds give equal images.", default: 1)
    guard let name, let shape else { return nil }
    return DatasetDefinition(name: name) { _ in
      RandomImages(
        name: name, height: shape[0], width: shape[1], channels: shape[2], seed: UInt64(seed))
    }
  }
}

extension Stories {
  static let reader = Reader<DatasetDefinition>.record(
    "stories", "Windows of token ids from a storyteller with five dialects, generated."
  ) { fields in definition(fields, label: nil) }

  static let classReader = Reader<DatasetDefinition>.record(
    "stories_classes", "The same windows, each with a class."
  ) { fields in
    let label = fields.required("label", .choice(of: Label.self), "What the class is.")
    let definition = definition(fields, label: label)
    return label == nil ? nil : definition
  }

  private static func definition(_ fields: Fields, label: Label?) -> DatasetDefinition? {
    let name = DatasetDefinition.name(fields)
    let length = fields.optional(
      "length", .int(in: lengths), "Tokens of a window.", default: standardLength)
    let seed = fields.optional("seed", .count, "Equal seeds give equal windows.", default: 1)
    return name.map { name in
      DatasetDefinition(name: name) { _ in
        Stories(name: name, length: length, seed: UInt64(seed), label: label)
      }
    }
  }
}
