public import Datasets
import Documents

/// A part of a dataset that a case reads.
public struct ExampleSelection: Hashable, Sendable {
  /// Which part.
  public let split: Split
  /// How many examples, the first of the split.
  public let samples: Int

  /// Creates a selection.
  public init(split: Split, samples: Int) {
    self.split = split
    self.samples = samples
  }
}

/// The data of a scenario.
public struct DataSelection: Sendable {
  /// The dataset.
  public let dataset: any Dataset
  /// What ranges are observed on; `nil` only where no scheme calibrates.
  public let calibrate: ExampleSelection?
  /// What is scored, and what timed iterations run on.
  public let evaluate: ExampleSelection
  /// The slice keys that are scored apart, in the scenario's order.
  public let slices: [String]

  /// Creates a selection.
  public init(
    dataset: any Dataset, calibrate: ExampleSelection?, evaluate: ExampleSelection,
    slices: [String]
  ) {
    self.dataset = dataset
    self.calibrate = calibrate
    self.evaluate = evaluate
    self.slices = slices
  }
}

/// The `data` mapping as written.
struct DataEntry: Sendable {
  let place: Place
  let dataset: Reference<DatasetDefinition>
  let calibrate: Located<ExampleSelection>?
  let evaluate: Located<ExampleSelection>
  let slices: [Located<String>]

  static let reader = Reader<DataEntry>.record("data", "The data of a scenario.") { fields in
    let dataset = fields.required(
      "dataset", .nameOrInline(DatasetDefinition.reader), "A file of Scenarios/datasets.")
    let calibrate = fields.optional(
      "calibrate", selection("calibrate", splits: [.calibrate, .train]).located,
      "What ranges are observed on; never scored.")
    let evaluate = fields.required(
      "evaluate", selection("evaluate", splits: [.evaluate]).located, "What is scored.")
    let slices = fields.optional(
      "slices", .list(of: Reader<String>.string.located), "Slice keys that are scored apart.",
      default: [])
    guard let dataset, let evaluate else { return nil }
    return DataEntry(
      place: fields.place(), dataset: dataset, calibrate: calibrate, evaluate: evaluate,
      slices: slices)
  }

  /// The largest selection; results hold a packed record per example.
  private static let largest = 1_000_000

  private static func selection(_ name: String, splits: [Split]) -> Reader<ExampleSelection> {
    .record(name, "A part of the dataset.") { fields in
      let split = fields.required(
        "split",
        Reader<String>.choice(splits.map(\.rawValue))
          .mapped(expected: "a split") { Split(rawValue: $0) }, "Which part.")
      let samples = fields.required("samples", .int(in: 1...largest), "How many examples.")
      guard let split, let samples else { return nil }
      return ExampleSelection(split: split, samples: samples)
    }
  }
}
